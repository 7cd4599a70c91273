"""The command line as whole processes: what is printed where, and with which exit code."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import pytest
from distributions import component
from hosts import AROUND, Host

from berceau.schema_folder import locked

SHOP = component("shop", "model ShopItem {\n  id Int @id\n}\n", facets={"router": "berceau_shop.routes:router"})
HEAVY = {"wasmtime", "asyncpg", "fastapi", "pydantic", "starlette", "uvicorn", "jinja2", "dotenv", "importlib_metadata"}


@pytest.fixture
def host(tmp_path: Path) -> Host:
    host = Host(tmp_path / "host")
    host.install(SHOP)
    return host


# ---------------------------------------------------------------- the command itself


def test_the_version_is_that_of_the_distribution(host: Host) -> None:
    done = host.berceau("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"berceau {version('berceau')}\n", "")


def test_help_lists_the_commands_with_examples_and_exit_codes(host: Host) -> None:
    done = host.berceau("--help")
    assert (done.returncode, done.stderr) == (0, "")
    for word in ("components", "build", "migrate", "db", "dev", "examples:", "exit codes:"):
        assert word in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 120


@pytest.mark.parametrize("command", ["components", "build"])
def test_each_command_explains_itself_with_examples(host: Host, command: str) -> None:
    done = host.berceau(command, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"usage: berceau {command} ")
    assert "examples:" in done.stdout
    assert "--json" in done.stdout


@pytest.mark.parametrize("words", [(), ("nonsense",), ("build", "--chek"), ("build", "extra"), ("--json",)])
def test_wrong_usage_ends_with_2(host: Host, words: tuple[str, ...]) -> None:
    done = host.berceau(*words)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "usage: berceau" in done.stderr


@pytest.mark.parametrize("words", [("--version",), ("--help",), ("build", "--help"), ()])
def test_nothing_heavy_is_imported_to_answer_at_once(words: tuple[str, ...]) -> None:
    program = f"import sys; from berceau.cli import main; main({list(words)!r}); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not HEAVY.intersection(done.stderr.split())


def test_the_script_and_the_module_are_one_command(host: Host) -> None:
    script = subprocess.run(
        [Path(sys.executable).with_name("berceau"), "build", "--check", "--json"],
        cwd=host.root,
        env=os.environ | {"PYTHONPATH": str(host.site)},
        capture_output=True,
        text=True,
        check=False,
    )
    module = host.berceau("build", "--check", "--json")
    assert script.returncode == module.returncode == 1
    assert json.loads(script.stdout)["diff"] == json.loads(module.stdout)["diff"]


# ---------------------------------------------------------------- errors


def test_without_a_project_the_cure_is_printed_without_traceback(tmp_path: Path, host: Host) -> None:
    done = host.berceau("build", folder=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: no pyproject.toml with a table [tool.berceau]")
    assert "Add `[tool.berceau]`" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_problem_is_printed_with_place_component_and_cure(host: Host) -> None:
    host.install(component("shop", 'generator x {\n  provider = "x"\n}\n'))
    done = host.berceau("build")
    assert (done.returncode, done.stdout) == (1, "")
    file = host.site / "berceau_shop" / "prisma" / "schema.prisma"
    assert done.stderr == (
        f"error: {file}:1: component 'shop': generator 'x' is not allowed in a component's schema\n"
        "  Remove the block: `berceau build` writes the only generator, in main.prisma.\n"
    )


def test_several_problems_are_printed_one_by_one(host: Host) -> None:
    host.install(component("shop", "model A {\n}\n"), component("news", "nonsense\n"))
    done = host.berceau("build")
    assert done.returncode == 1
    assert done.stderr.count("error: ") >= 2
    assert "component 'shop'" in done.stderr
    assert "component 'news'" in done.stderr


def test_an_unknown_key_is_printed_with_file_and_line(host: Host) -> None:
    host.set(schemas="x")
    done = host.berceau("build")
    assert done.returncode == 1
    assert f"{host.root / 'pyproject.toml'}:4: unknown key 'schemas'" in done.stderr
    assert "did you mean 'schema'?" in done.stderr


def test_an_engine_that_cannot_be_loaded_is_a_message_without_traceback(host: Host) -> None:
    program = (
        "import sys, berceau_engine.wasm, berceau_engine.errors as errors\n"
        "def fail(name): raise errors.EngineFilesMissingError('the engine is not there')\n"
        "berceau_engine.wasm.load = fail\n"
        "from berceau.cli import main\n"
        "sys.exit(main(['build']))\n"
    )
    environment = os.environ | {"PYTHONPATH": str(host.site)}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=host.root, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (1, "error: the engine is not there\n")


def test_a_reader_that_has_seen_enough_is_no_error(host: Host) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "berceau", "components", "--json"],
        cwd=host.root,
        env=os.environ | {"PYTHONPATH": str(host.site), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    errors = process.stderr.read()
    process.stderr.close()
    process.wait()
    assert errors == b""


def test_an_interrupt_ends_with_130_and_no_traceback(host: Host) -> None:
    """The moment may be any: the build waits for another one, and does not end by itself."""
    with locked(host.schema):
        process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "import sys; from berceau.cli import main; print(1, flush=True); sys.exit(main(['build']))",
            ],
            cwd=host.root,
            env=os.environ | {"PYTHONPATH": str(host.site)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # background jobs ignore it
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate()
    assert (process.returncode, errors) == (130, "")


# ---------------------------------------------------------------- build


def test_build_says_what_it_did(host: Host) -> None:
    first = host.berceau("build")
    assert first.returncode == 0
    assert first.stderr == ""
    *lines, last = first.stdout.splitlines()
    assert lines == [
        "wrote prisma/schema/main.prisma",
        "wrote prisma/schema/shop.prisma",
        "generated berceau_client",
    ]
    assert last.startswith("done in ")
    assert host.berceau("build").stdout == "nothing has changed\n"
    host.uninstall("berceau-shop")
    assert "removed prisma/schema/shop.prisma: no component stands behind it any more" in host.berceau("build").stdout


def test_build_prints_warnings_on_stderr_and_succeeds(host: Host) -> None:
    host.install(component("plain", "model Thing {\n  id Int @id\n}\n"))
    for _ in range(2):
        done = host.berceau("build")
        assert done.returncode == 0
        assert done.stderr.startswith("warning: ")
        assert "schema.prisma:1: component 'plain': model Thing does not carry" in done.stderr


def test_build_json_is_one_object(host: Host) -> None:
    result = json.loads(host.berceau("build", "--json").stdout)
    assert result["written"] == ["prisma/schema/main.prisma", "prisma/schema/shop.prisma"]
    assert result["client"] == {"state": "generated", "path": "berceau_client"}
    assert result["changed"] is True
    assert len(result["schema_hash"]) == 64
    again = json.loads(host.berceau("build", "--json").stdout)
    assert (again["changed"], again["written"], again["schema_hash"]) == (False, [], result["schema_hash"])


def test_check_ends_with_1_and_a_diff_until_all_is_up_to_date(host: Host) -> None:
    before = host.berceau("build", "--check")
    assert before.returncode == 1
    assert "+++ b/prisma/schema/shop.prisma" in before.stdout
    assert "2 of the schema's files are out of date" in before.stderr
    assert "Run `berceau build`" in before.stderr
    assert not host.schema.exists()
    host.berceau("build")
    after = host.berceau("build", "--check")
    assert (after.returncode, after.stdout, after.stderr) == (0, "everything is up to date\n", "")


def test_check_says_that_the_client_is_stale(host: Host) -> None:
    host.berceau("build")
    host.install(component("shop", "model ShopItem {\n  id Int @id\n  name String\n}\n"))
    done = host.berceau("build", "--check", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["client"]["state"] == "stale"
    assert "the client in berceau_client was built from another schema" in host.berceau("build", "--check").stderr


# ---------------------------------------------------------------- components


def test_components_are_listed_with_what_they_bring(host: Host) -> None:
    done = host.berceau("components")
    assert (done.returncode, done.stderr) == (0, "")
    head, *rows = done.stdout.splitlines()
    [shop] = [row for row in rows if row.startswith("shop ")]
    assert head.split() == ["COMPONENT", "DISTRIBUTION", "STATE", "MODELS", "FACETS"]
    assert shop.split() == ["shop", "berceau-shop", "1.0.0", "ok", "ShopItem", "router"]
    assert len(rows) == 1 + len(AROUND)
    assert all(" disabled " in row for row in rows if row != shop)


def test_broken_components_are_listed_with_the_reasons(host: Host) -> None:
    host.install(
        component("broken", b"\xff"),
        component("wrong", "model WrongThing {\n  name String\n}\n"),
        component("one", "model Same {\n  id Int @id\n}\n"),
        component("two", "model Same {\n  id Int @id\n}\n"),
    )
    done = host.berceau("components")
    assert done.returncode == 0
    rows = [line.split() for line in done.stdout.splitlines()[1:] if not line.startswith(" ")]
    states = {row[0]: row[3] for row in rows if row[0] not in AROUND}
    assert states == {
        "broken": "error",
        "one": "error",
        "shop": "ok",
        "two": "error",
        "wrong": "error",
    }
    assert "not UTF-8" in done.stdout
    assert "at least one unique criteria" in done.stdout
    assert done.stdout.count("the name Same is claimed 2 times") == 2
    assert host.berceau("build").returncode == 1


def test_components_json_has_all_details(host: Host) -> None:
    host.install(component("broken", "nonsense\n", requires=["shop"]))
    rows = {row["name"]: row for row in json.loads(host.berceau("components", "--json").stdout)}
    file = host.site / "berceau_shop" / "prisma" / "schema.prisma"
    assert rows["shop"] == {
        "name": "shop",
        "distribution": "berceau-shop",
        "version": "1.0.0",
        "schema": str(file),
        "models": ["ShopItem"],
        "enums": [],
        "facets": {"router": "berceau_shop.routes:router"},
        "requires": [],
        "state": "ok",
        "problems": [],
    }
    assert rows["broken"]["state"] == "error"
    assert rows["broken"]["requires"] == ["berceau-shop"]
    assert rows["broken"]["problems"][0]["line"] == 1
    assert all(rows[name]["state"] == "disabled" for name in AROUND)


def test_components_are_listed_outside_of_a_project_too(tmp_path: Path, host: Host) -> None:
    done = host.berceau("components", folder=tmp_path)
    assert done.returncode == 0
    assert "shop" in done.stdout


# ---------------------------------------------------------------- on a terminal


def test_what_takes_long_is_told_on_a_terminal(host: Host, tmp_path: Path) -> None:
    """The engine is compiled anew, as on a machine's first build; the terminal is a pseudo-terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "berceau", "build"],
        cwd=host.root,
        env=os.environ | {"PYTHONPATH": str(host.site), "BERCEAU_CACHE_DIR": str(tmp_path / "cache")},
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
    )
    os.close(theirs)
    output, _ = process.communicate()
    told = b""
    while True:
        try:
            told += os.read(ours, 4096)
        except OSError:  # how a pseudo-terminal says that the other end is closed
            break
    os.close(ours)
    assert process.returncode == 0
    assert "generated berceau_client" in output
    assert "… Compiling Prisma's engine" in told.decode()
    assert "… checking and composing the schemas" in told.decode()


def test_nothing_is_told_where_there_is_no_terminal(host: Host, tmp_path: Path) -> None:
    done = host.berceau("build", BERCEAU_CACHE_DIR=str(tmp_path / "cache"))
    assert (done.returncode, done.stderr) == (0, "")
