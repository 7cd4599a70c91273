"""The host of WebAssembly modules: binding of imports, crashes, freeing, threads."""

from __future__ import annotations

import gc
import hashlib
import re
import subprocess
import sys
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import wasmtime
from wasmtime import Module

from berceau_engine import module_cache, wasm
from berceau_engine.bindings import import_name
from berceau_engine.compiler import QueryCompiler
from berceau_engine.errors import EngineError, EngineFilesMissingError
from berceau_engine.migrate import Empty, SchemaEngine, SchemaFiles
from berceau_engine.postgres import DatabaseUrl
from berceau_engine.schema import SchemaTools

SCHEMA = """
generator client {
  provider = "prisma-client"
}
datasource db {
  provider = "postgresql"
}
model Post {
  id    Int    @id
  title String
  tags  String[]
}
"""
QUERY = {
    "modelName": "Post",
    "action": "createOne",
    "query": {"arguments": {"data": {"id": 1, "title": "t", "tags": ["a", "b"]}}, "selection": {"$scalars": True}},
}
ENGINES = ("schema", "compiler_postgresql", "migrate")
IMPORT_HASH = re.compile(rb"(__wbg_\w+?_|__wbindgen_cast_|wasm_bindgen_|dyn_core_)([0-9a-f]{16})")


def write_module(folder: Path, text: str) -> None:
    (folder / "tiny.wasm").write_bytes(wasmtime.wat2wasm(text))


@pytest.mark.parametrize("name", ENGINES)
def test_every_import_of_an_engine_has_its_function(name: str) -> None:
    loaded = wasm.load(name)
    assert len(loaded.imports) == len(loaded.module.imports)


def test_an_engine_is_loaded_once_in_a_process() -> None:
    assert wasm.load("schema") is wasm.load("schema")


def test_an_engine_runs_also_with_a_wasmtime_that_is_others_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wasm, "callbacks", None)
    plan = QueryCompiler(SCHEMA).compile(QUERY)
    monkeypatch.undo()
    assert plan == QueryCompiler(SCHEMA).compile(QUERY)


def rehashed(content: bytes) -> bytes:
    """What another build of wasm-bindgen would have written: all hashes in the names are others."""
    return IMPORT_HASH.sub(lambda match: match[1] + hashlib.sha256(match[2]).hexdigest()[:16].encode(), content)


def use_another_build(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on the engines are as another build of wasm-bindgen would name their imports and exports.

    Compiling them takes half a minute, so the names are changed in the native code as well.
    """
    native = {name: rehashed(bytes(wasm.load(name).module.serialize())) for name in ENGINES}
    monkeypatch.setattr(module_cache, "compiled", lambda engine, name, _: Module.deserialize(engine, native[name]))
    monkeypatch.setenv("BERCEAU_CACHE_DIR", str(folder / "cache"))
    for file in wasm.ENGINES.iterdir():
        content = file.read_bytes()
        assert rehashed(content) != content or file.suffix == ".sha256"
        (folder / file.name).write_bytes(rehashed(content))
    monkeypatch.setattr(wasm, "ENGINES", folder)


async def test_engines_work_when_all_hashes_in_their_names_have_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: DatabaseUrl
) -> None:
    files = [("schema.prisma", SCHEMA)]
    plan = QueryCompiler(SCHEMA).compile(QUERY)
    formatted = SchemaTools().format(files)
    names = {item.name for item in wasm.load("migrate").module.imports}
    use_another_build(tmp_path, monkeypatch)
    assert len(names & {item.name for item in wasm.load("migrate").module.imports}) < 5
    assert QueryCompiler(SCHEMA).compile(QUERY) == plan
    assert SchemaTools().format(files) == formatted
    async with await SchemaEngine.open(files, database_url) as engine:
        assert 'CREATE TABLE "Post"' in (await engine.diff(Empty(), SchemaFiles(tuple(files)))).text
        assert "PostgreSQL" in await engine.version()


def test_an_import_that_is_not_known_is_named(tmp_path: Path) -> None:
    write_module(tmp_path, '(module (import "env" "__wbg_frobnicate_0123456789abcdef" (func (param externref i32))))')
    with pytest.raises(EngineError, match=r"imports __wbg_frobnicate_0123456789abcdef \(ri:\).*does not know"):
        wasm.load_from(tmp_path, "tiny")


def test_an_import_with_another_signature_is_not_bound(tmp_path: Path) -> None:
    write_module(tmp_path, '(module (import "env" "__wbg_length_0123456789abcdef" (func (param i32) (result i64))))')
    with pytest.raises(EngineError, match=r"__wbg_length_0123456789abcdef \(i:l\)"):
        wasm.load_from(tmp_path, "tiny")


def test_an_import_that_is_no_function_is_named(tmp_path: Path) -> None:
    write_module(tmp_path, '(module (import "env" "memory" (memory 1)))')
    with pytest.raises(EngineError, match="imports memory, which is not a function"):
        wasm.load_from(tmp_path, "tiny")


def test_an_import_that_could_be_several_things_needs_the_glue(tmp_path: Path) -> None:
    name = "__wbg_new_0123456789abcdef"
    write_module(tmp_path, f'(module (import "env" "{name}" (func (result externref))))')
    with pytest.raises(EngineError, match=f"imports {name} .*glue does not say"):
        wasm.load_from(tmp_path, "tiny")
    wasm.load_from.cache_clear()
    glue = f"export function __wbg_other_0() {{\n return 1;\n}}\nexport function {name}() {{\n return new Map();\n}}\n"
    (tmp_path / "tiny.js").write_text(glue)
    assert wasm.load_from(tmp_path, "tiny").imports[0].binding.function() == {}


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("__wbg_set_3f1d0b984ed272ed", "set"),
        ("__wbg___wbindgen_is_string_fbb76cb2940daafd", "__wbindgen_is_string"),
        ("__wbindgen_cast_2241b6af4c4b2941", "__wbindgen_cast"),
        ("__wbg_new_0_f9740686d739025c", "new_0"),
        ("__wbg_schemaengine_new", "schemaengine_new"),
        ("__wbindgen_init_externref_table", "__wbindgen_init_externref_table"),
    ],
)
def test_the_name_of_an_import_is_what_is_left_without_prefix_and_hash(given: str, name: str) -> None:
    assert import_name(given) == name


def test_a_missing_engine_says_to_reinstall(tmp_path: Path) -> None:
    with pytest.raises(EngineFilesMissingError, match=r"nothing\.wasm is not beside .* Reinstall berceau-engine"):
        wasm.load_from(tmp_path, "nothing")


def test_a_crash_tells_its_reason_and_ends_the_instance() -> None:
    instance = wasm.Instance(wasm.load("schema"))
    with pytest.raises(EngineError, match=r"(?s)schema crashed: panicked at .*debug_panic"):
        instance.call("debug_panic")
    assert not instance.usable
    with pytest.raises(EngineError, match="has failed before"):
        instance.call("preview_features")


CRASH_UNDER_FAULTHANDLER = """
import faulthandler
from berceau_engine import module_cache, wasm
from berceau_engine.errors import EngineError

instance = wasm.Instance(wasm.load("schema"))
faulthandler.enable()
try:
    instance.call("debug_panic")
except EngineError:
    print("still here")
"""


def test_a_crash_leaves_the_process_alive_whoever_handles_its_signals() -> None:
    process = subprocess.run([sys.executable, "-c", CRASH_UNDER_FAULTHANDLER], capture_output=True, text=True)
    assert process.stdout == "still here\n", process.stderr


@pytest.mark.parametrize(("raised", "seen"), [(KeyboardInterrupt, KeyboardInterrupt), (LookupError, EngineError)])
def test_an_error_in_one_of_our_functions_ends_the_instance(
    raised: type[BaseException], seen: type[BaseException]
) -> None:
    instance = wasm.Instance(wasm.load("compiler_postgresql"))

    class Failing(dict[str, str]):
        def get(self, *_: object) -> str:
            raise raised

    with pytest.raises(seen):
        instance.call("querycompiler_new", Failing())
    assert not instance.usable


def test_an_instance_that_is_no_longer_used_is_freed() -> None:
    instance = wasm.Instance(wasm.load("compiler_postgresql"))
    store = weakref.ref(instance._store)
    del instance
    gc.collect()
    assert store() is None


def test_several_threads_may_use_one_compiler() -> None:
    compiler = QueryCompiler(SCHEMA)
    expected = compiler.compile(QUERY)
    with ThreadPoolExecutor(4) as pool:
        plans = list(pool.map(lambda _: compiler.compile(QUERY), range(40)))
    assert plans == [expected] * 40


def test_texts_of_any_characters_pass_both_ways() -> None:
    comment = "// Grüße, 世界, 🐘 \u0000 \u2028"
    files = [("größe 🐘.prisma", f"{comment}\nmodel A {{\n  id Int @id\n}}\n")]
    assert SchemaTools().format(files) == files
