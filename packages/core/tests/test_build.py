"""A build: what it writes, what it leaves alone, what it notices, and that it is never half done."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from distributions import Distribution, component, family
from hosts import Host

from berceau.build_record import RECORD, BuildRecord
from berceau.errors import BerceauError, CompositionError, Problems
from berceau.schema_folder import locked
from berceau.schema_header import read_header


def shop(version: str = "1.0.0", field: str = "name String") -> Distribution:
    return component("shop", f"model ShopItem {{\n  id Int @id\n  {field}\n}}\n", version=version)


NEWS = component("news", "model NewsItem {\n  id Int @id\n}\n")


@pytest.fixture
def host(tmp_path: Path) -> Host:
    host = Host(tmp_path / "host")
    host.install(shop(), NEWS)
    return host


def everything(host: Host) -> dict[str, tuple[bytes, int]]:
    """All files of schema and client: content and time of change."""
    return {
        path.relative_to(host.root).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for folder in (host.schema, host.client)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def names(paths: tuple[Path, ...]) -> list[str]:
    return sorted(path.name for path in paths)


# ---------------------------------------------------------------- what it writes


def test_the_first_build_writes_schema_and_client(host: Host) -> None:
    result = host.build()
    assert names(result.written) == ["main.prisma", "news.prisma", "shop.prisma"]
    assert (result.removed, result.unchanged, result.client, result.changed) == ((), (), "generated", True)
    assert list(host.files()) == ["main.prisma", "news.prisma", "shop.prisma"]
    assert "// component: shop\n// distribution: berceau-shop 1.0.0\n" in host.files()["shop.prisma"]
    assert (host.client / "__init__.py").is_file()
    assert result.diff == ""


def test_without_any_model_the_client_is_an_empty_one(tmp_path: Path) -> None:
    host = Host(tmp_path / "host")
    assert host.build().client == "generated"
    program = "import berceau_client; print(dir(berceau_client.models))"
    done = subprocess.run([sys.executable, "-c", program], cwd=host.root, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "[]\n"), done.stderr


def test_a_second_build_touches_nothing(host: Host) -> None:
    first = host.build()
    before = everything(host)
    again = host.build()
    assert everything(host) == before
    assert (again.written, again.removed, again.client, again.changed) == ((), (), "unchanged", False)
    assert names(again.unchanged) == ["main.prisma", "news.prisma", "shop.prisma"]
    assert again.schema_hash == first.schema_hash


@pytest.mark.parametrize("migrated", [False, True])
def test_without_changes_no_engine_is_loaded(host: Host, migrated: bool) -> None:
    host.build()
    if migrated:
        record = host.root / "prisma/migrations/20200101000000_add_news/components.json"
        record.parent.mkdir(parents=True)
        record.write_text("{}")
    program = (
        "import sys\n"
        "from berceau.cli import main\n"
        "status = main(['build'])\n"
        "loaded = {name for name in sys.modules if name in ('wasmtime', 'pydantic', 'asyncpg', 'fastapi')}\n"
        "assert not loaded, loaded\n"
        "sys.exit(status)\n"
    )
    environment = os.environ | {"PYTHONPATH": str(host.site)}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=host.root, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "nothing has changed\n"), done.stderr


def test_an_upgrade_rewrites_that_component_and_the_client(host: Host) -> None:
    host.build()
    before = everything(host)
    host.install(shop("1.1.0", "title String"))
    result = host.build()
    assert names(result.written) == ["shop.prisma"]
    assert result.client == "generated"
    after = everything(host)
    assert after["prisma/schema/news.prisma"] == before["prisma/schema/news.prisma"]
    assert b"title String" in after["prisma/schema/shop.prisma"][0]


def test_a_new_version_with_the_same_models_changes_the_header_and_not_the_client(host: Host) -> None:
    first = host.build()
    data = (host.client / "schema.data").read_bytes()
    host.install(shop("1.0.1"))
    result = host.build()
    assert names(result.written) == ["shop.prisma"]
    assert result.client == "unchanged"
    assert result.schema_hash == first.schema_hash
    assert (host.client / "schema.data").read_bytes() == data
    assert "berceau-shop 1.0.1" in host.files()["shop.prisma"]
    assert not host.build().changed


def test_a_removed_components_file_is_removed(host: Host) -> None:
    host.build()
    host.uninstall("berceau-shop")
    result = host.build()
    assert names(result.removed) == ["shop.prisma"]
    assert list(host.files()) == ["main.prisma", "news.prisma"]


def test_a_disabled_components_file_is_removed_and_comes_back(host: Host) -> None:
    host.build()
    host.set(disabled=["shop"])
    assert names(host.build().removed) == ["shop.prisma"]
    host.set()
    assert names(host.build().written) == ["shop.prisma"]


def test_the_same_components_make_the_same_files_on_any_machine(tmp_path: Path) -> None:
    made = []
    for place in ("one", "elsewhere/two"):
        host = Host(tmp_path / place)
        host.install(NEWS, shop(), component("plain", "model Thing {\n  id Int @id\n}\n"))
        host.write("own.prisma", "model Own {\n  id Int @id\n}\n")
        host.build()
        made.append({name: content for name, (content, _) in everything(host).items()})
    assert made[0] == made[1]


def test_other_paths_are_taken_from_the_settings(tmp_path: Path) -> None:
    host = Host(tmp_path / "host", schema="database/models", output="src/berceau_client")
    host.install(NEWS)
    host.build()
    assert (host.root / "database" / "models" / "news.prisma").is_file()
    assert (host.root / "src" / "berceau_client" / "__init__.py").is_file()
    assert not host.build().changed


# ---------------------------------------------------------------- what is the host's own


def test_the_hosts_own_files_are_composed_and_never_touched(host: Host) -> None:
    text = "model   Own {\n  id Int @id\n  itemId Int\n  item ShopItem @relation(fields: [itemId], references: [id])\n}"
    own = host.write("own/mine.prisma", text)
    host.build()
    assert own.read_text() == text
    assert "owns Own[] // added for the host" in host.files()["shop.prisma"]
    host.uninstall("berceau-shop")
    with pytest.raises(CompositionError) as caught:
        host.build()
    assert (caught.value.file, caught.value.line) == (own, 4)
    assert own.read_text() == text
    own.write_text("model Own {\n  id Int @id\n}\n")
    assert host.build().client == "generated"


def test_a_changed_file_of_the_hosts_is_noticed(host: Host) -> None:
    host.build()
    own = host.write("own.prisma", "model Own {\n  id Int @id\n}\n")
    assert host.build().client == "generated"
    own.write_text("model Own {\n  id Int @id\n  name String\n}\n")
    assert host.build().client == "generated"
    own.unlink()
    assert host.build().client == "generated"


def test_a_file_of_the_hosts_in_a_components_place_stops_the_build(host: Host) -> None:
    own = host.write("shop.prisma", "model Own {\n  id Int @id\n}\n")
    with pytest.raises(CompositionError, match="component 'shop'") as caught:
        host.build()
    assert caught.value.file == own
    assert host.files() == {"shop.prisma": "model Own {\n  id Int @id\n}\n"}


# ---------------------------------------------------------------- what it notices


def test_an_edited_generated_file_is_overwritten_with_a_warning(host: Host) -> None:
    host.build()
    file = host.schema / "shop.prisma"
    wanted = file.read_text()
    file.write_text(wanted.replace("name String", "name String?"))
    result = host.build()
    assert file.read_text() == wanted
    assert names(result.written) == ["shop.prisma"]
    [warning] = result.warnings
    assert warning.file == file
    assert "has been edited" in warning.message
    assert "a file of your own" in (warning.hint or "")
    assert result.client == "unchanged"


def test_an_edited_file_of_a_component_that_is_gone_is_not_thrown_away(host: Host) -> None:
    host.build()
    file = host.schema / "shop.prisma"
    file.write_text(file.read_text() + "// mine\n")
    host.uninstall("berceau-shop")
    before = everything(host)
    with pytest.raises(CompositionError, match="generated and then edited") as caught:
        host.build()
    assert caught.value.file == file
    assert "Take its header away" in (caught.value.hint or "")
    assert everything(host) == before
    lines = file.read_text().split("\n")
    file.write_text("\n".join(lines[lines.index("") + 1 :]))
    host.build()
    assert "model ShopItem" in file.read_text()


def test_a_deleted_generated_file_is_written_again(host: Host) -> None:
    host.build()
    (host.schema / "news.prisma").unlink()
    result = host.build()
    assert (names(result.written), result.client) == (["news.prisma"], "unchanged")


@pytest.mark.parametrize("name", ["__init__.py", "models.pyi", "schema.data"])
@pytest.mark.parametrize("how", ["deleted", "edited"])
def test_a_damaged_client_is_generated_again(host: Host, name: str, how: str) -> None:
    host.build()
    file = host.client / name
    right = file.read_bytes()
    if how == "deleted":
        file.unlink()
    else:
        file.write_bytes(right + b"#")
    assert host.build().client == "generated"
    assert file.read_bytes() == right
    assert not host.build().changed


def test_a_lost_or_foreign_record_means_a_whole_build(host: Host) -> None:
    host.build()
    record = host.client / RECORD
    wanted = record.read_bytes()
    for content in (b"", b"[]", b'{"inputs": 3}', b"\xff"):
        record.write_bytes(content)
        result = host.build()
        assert result.written == ()
        assert record.read_bytes() == wanted
    record.unlink()
    host.build()
    assert record.read_bytes() == wanted


def test_line_ends_of_a_checkout_are_no_change(host: Host) -> None:
    host.build()
    for file in host.schema.iterdir():
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    result = host.build()
    assert (result.changed, result.warnings) == (False, ())


def test_warnings_are_repeated_when_nothing_has_changed(host: Host) -> None:
    host.install(component("plain", "model Thing {\n  id Int @id\n}\n"))
    first = host.build().warnings
    assert [(one.component, one.line) for one in first] == [("plain", 1)]
    assert first[0].file == host.site / "berceau_plain" / "prisma" / "schema.prisma"
    assert host.build().warnings == first


def test_strict_settings_are_noticed(host: Host) -> None:
    host.install(component("plain", "model Thing {\n  id Int @id\n}\n"))
    host.build()
    host.set(strict=True)
    with pytest.raises(CompositionError, match="does not carry the component's name"):
        host.build()


def test_a_disabled_name_that_is_not_installed_is_a_warning(host: Host) -> None:
    host.set(disabled=["shopp"])
    for _ in range(2):
        [warning] = host.build().warnings
        assert "'shopp'" in warning.message
        assert warning.hint == "Did you mean 'shop'?"
        assert warning.file == host.root / "pyproject.toml"


def test_what_the_client_was_not_built_from_is_named(host: Host) -> None:
    host.build()
    record = BuildRecord.read(host.client)
    assert record is not None
    assert record.stale_components(host.components()) == ()
    host.install(component("pages", facets={"router": "berceau_pages:router"}), shop("1.0.1"))
    assert record.stale_components(host.components()) == (), "neither a router nor a version makes a client stale"
    host.install(shop("2.0.0", "title String"), component("blog", "model BlogPost {\n  id Int @id\n}\n"))
    host.uninstall("berceau-news")
    assert record.stale_components(host.components()) == (
        "component 'blog' (berceau-blog 1.0.0) has been added",
        "component 'news' (berceau-news 1.0.0) is gone",
        "the schema of component 'shop' (berceau-shop 1.0.0 → 2.0.0) has changed",
    )


# ---------------------------------------------------------------- what it refuses


def test_a_broken_component_stops_the_build_and_is_named(host: Host) -> None:
    host.build()
    before = everything(host)
    host.install(shop("1.1.0", "title Strin"))
    with pytest.raises(CompositionError) as caught:
        host.build()
    assert (caught.value.component, caught.value.line) == ("shop", 3)
    assert everything(host) == before
    host.install(component("shop", b"\xff"))
    with pytest.raises(BerceauError, match="not UTF-8"):
        host.build()
    assert everything(host) == before
    host.set(disabled=["shop"])
    host.build()


def test_a_failed_first_build_leaves_nothing_behind(tmp_path: Path) -> None:
    host = Host(tmp_path / "host")
    host.install(shop(field="title"), component("news", "nonsense\n"))
    with pytest.raises(Problems) as caught:
        host.build()
    assert {problem.component for problem in caught.value.problems} == {"shop", "news"}
    assert not host.schema.exists()
    assert not host.client.exists()


def test_a_client_folder_with_something_else_in_it_leaves_the_schema_as_it_was(host: Host) -> None:
    host.client.mkdir()
    (host.client / "precious.txt").write_text("mine")
    with pytest.raises(BerceauError, match="holds something else"):
        host.build()
    assert host.files() == {}
    assert [path.name for path in host.client.iterdir()] == ["precious.txt"]


def test_a_schema_folder_that_is_a_file_is_refused(host: Host) -> None:
    host.schema.parent.mkdir()
    host.schema.write_text("")
    with pytest.raises(CompositionError, match="this is a file") as caught:
        host.build()
    assert caught.value.file == host.schema


def test_a_folder_that_cannot_be_made_is_named(host: Host) -> None:
    (host.root / "prisma").write_text("")
    with pytest.raises(BerceauError, match="cannot write") as caught:
        host.build()
    assert str(caught.value.file).startswith(str(host.root / "prisma"))
    assert "[tool.berceau]" in (caught.value.hint or "")


def test_a_schema_file_of_the_hosts_that_is_not_text_is_refused(host: Host) -> None:
    host.schema.mkdir(parents=True)
    (host.schema / "own.prisma").write_bytes(b"\xff")
    with pytest.raises(BerceauError, match="not UTF-8") as caught:
        host.build()
    assert caught.value.file == host.schema / "own.prisma"


def test_building_opens_no_connection_runs_no_program_and_imports_no_component(host: Host) -> None:
    program = (
        "import sys\n"
        "forbidden = ('socket.connect', 'socket.getaddrinfo', 'subprocess.Popen', 'os.system', 'os.exec', 'os.fork')\n"
        "def watch(event, arguments):\n"
        "    component = event == 'import' and arguments[0].startswith(('berceau_shop', 'berceau_news'))\n"
        "    if component or event in forbidden:\n"
        "        print(event, arguments, file=sys.stderr)\n"
        "sys.addaudithook(watch)\n"
        "from berceau.cli import main\n"
        "sys.exit(main(['build']))\n"
    )
    environment = os.environ | {"PYTHONPATH": str(host.site)}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=host.root, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "generated berceau_client" in done.stdout


# ---------------------------------------------------------------- check


def test_check_of_a_fresh_project_shows_all_and_writes_nothing(host: Host) -> None:
    result = host.build(check=True)
    assert result.changed
    assert names(result.written) == ["main.prisma", "news.prisma", "shop.prisma"]
    assert result.client == "missing"
    assert "--- /dev/null\n+++ b/prisma/schema/shop.prisma\n" in result.diff
    assert "+model ShopItem {\n" in result.diff
    assert not host.schema.exists()
    assert not host.client.exists()


def test_check_after_a_build_finds_nothing(host: Host) -> None:
    host.build()
    result = host.build(check=True)
    assert (result.changed, result.diff, result.client) == (False, "", "unchanged")


def test_check_needs_no_client_and_no_record(host: Host) -> None:
    host.build()
    shutil.rmtree(host.client)
    result = host.build(check=True)
    assert (result.changed, result.client) == (False, "missing")


def test_check_shows_a_changed_component_as_a_diff(host: Host) -> None:
    host.build()
    before = everything(host)
    host.install(shop("1.1.0", "title String"))
    host.uninstall("berceau-news")
    result = host.build(check=True)
    assert result.changed
    assert result.client == "stale"
    assert "--- a/prisma/schema/shop.prisma\n+++ b/prisma/schema/shop.prisma\n" in result.diff
    assert "-  name String\n+  title String\n" in result.diff
    assert "--- a/prisma/schema/news.prisma\n+++ /dev/null\n" in result.diff
    assert everything(host) == before


def test_check_finds_a_client_of_another_schema(host: Host) -> None:
    host.build()
    committed = host.files()
    host.install(shop("1.1.0", "title String"))
    host.build()
    host.install(shop())
    for name, text in committed.items():
        (host.schema / name).write_text(text)
    result = host.build(check=True)
    assert (result.written, result.removed, result.client, result.changed) == ((), (), "stale", True)


def test_the_diff_can_be_applied(host: Host, tmp_path: Path) -> None:
    host.build()
    host.install(shop("1.1.0", "title String"), component("blog", "model BlogPost {\n  id Int @id\n}"))
    host.uninstall("berceau-news")
    (host.root / "change.diff").write_text(host.build(check=True).diff)
    subprocess.run(["git", "init", "-q"], cwd=host.root, check=True)
    subprocess.run(["git", "apply", "change.diff"], cwd=host.root, check=True)
    applied = host.files()
    host.build()
    assert host.files() == applied


# ---------------------------------------------------------------- never half done


@pytest.fixture(scope="module")
def whole_build(tmp_path_factory: pytest.TempPathFactory) -> tuple[Host, float]:
    """A host with grown components after a build that nobody has killed, and the seconds that it took."""
    host = Host(tmp_path_factory.mktemp("whole_build") / "host")
    host.install(*(_grown(one) for one in family(6)))
    started = time.monotonic()
    assert host.berceau("build").returncode == 0
    return host, time.monotonic() - started


@pytest.mark.parametrize("moment", [1, 3, 5, 0.3, 0.6, 0.9])
def test_a_killed_build_leaves_each_file_old_or_new_and_the_next_one_repairs(
    tmp_path: Path, whole_build: tuple[Host, float], moment: float
) -> None:
    """`moment` is a number of schema files that are new when the kill comes, or a part of a build's time."""
    host = Host(tmp_path / "host")
    host.install(*family(6))
    host.build()
    before = host.files()
    host.install(*(_grown(one) for one in family(6)))
    other, seconds = whole_build
    after = other.files()

    process = host.start("build")
    if isinstance(moment, int):
        while process.poll() is None:
            if sum((host.schema / name).read_text() != text for name, text in before.items()) >= moment:
                break
    else:
        time.sleep(seconds * moment)
    process.kill()
    process.communicate()
    half = host.files()
    assert all(text in (before[name], after[name]) for name, text in half.items() if name.endswith(".prisma"))
    assert set(after) <= set(half)

    assert host.berceau("build").returncode == 0
    assert host.files() == after
    assert _client(host) == _client(other)
    assert not host.build().changed


def _client(host: Host) -> dict[str, bytes]:
    return {name: content for name, (content, _) in everything(host).items() if name.startswith("berceau_client")}


WRITER = """
import sys
from pathlib import Path
from berceau.schema_folder import SchemaFolder, locked
from berceau.schema_header import with_header

folder, size = Path(sys.argv[1]), int(sys.argv[2])
wanted = [{f"c{n}.prisma": with_header(f"// {letter * size}\\n", f"c{n}", "d 1") for n in range(8)} for letter in "ab"]
print("ready", flush=True)
while True:
    for files in wanted:
        with locked(folder):
            SchemaFolder.read(folder).changes(files).apply()
"""


def test_a_writer_killed_at_any_moment_leaves_whole_files(tmp_path: Path) -> None:
    """Kills fall while files are written, and go on until three have left one that was not finished."""
    chance = random.Random(7)
    hits = 0
    for _ in range(200):
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), "400000"], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        while process.poll() is None and not list(tmp_path.glob(".*")):
            pass
        time.sleep(chance.uniform(0, 0.002))
        process.kill()
        process.communicate()
        hits += bool(list(tmp_path.glob(".*")))
        for file in tmp_path.glob("*.prisma"):
            header = read_header(file.read_text())
            assert header is not None
            assert not header.edited
        with locked(tmp_path):
            assert not list(tmp_path.glob(".*"))
        if hits == 3:
            return
    raise AssertionError("no kill has hit a file that was being written")


def test_two_builds_at_once_both_end_well(host: Host) -> None:
    running = [host.start("build") for _ in range(3)]
    for process in running:
        _, errors = process.communicate()
        assert (process.returncode, errors) == (0, b"")
    assert not host.build().changed
    assert list(host.files()) == ["main.prisma", "news.prisma", "shop.prisma"]


def test_the_record_holds_no_path_of_this_machine(host: Host) -> None:
    host.install(component("plain", "model Thing {\n  id Int @id\n}\n"))
    host.build()
    text = (host.client / RECORD).read_text()
    assert str(host.root) not in text
    assert json.loads(text)["inputs"]["components"]["shop"]["version"] == "1.0.0"


def _grown(one: Distribution) -> Distribution:
    """The same distribution with one more field in each model."""
    files = {
        path: text.replace("  id ", "  more String?\n  id ") if isinstance(text, str) else text
        for path, text in one.files.items()
    }
    return Distribution(one.name, "2.0.0", files, one.entry_points, one.requires)
