"""The build hook, run as users run it: by building the package."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1]
ENGINES = {
    "compiler_postgresql.js",
    "compiler_postgresql.wasm",
    "lock.sha256",
    "migrate.js",
    "migrate.wasm",
    "schema.wasm",
}
NOWHERE = "http://127.0.0.1:9/"  # nothing listens on the discard port


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the package without the engines."""
    return Path(
        shutil.copytree(
            PACKAGE, tmp_path / "engine", ignore=shutil.ignore_patterns("_engines", "tests", "__pycache__", ".*")
        )
    )


def build(package: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Build the package's wheel into its folder `dist`."""
    return subprocess.run(
        ["uv", "build", "--wheel", "--out-dir", "dist", "."],
        cwd=package,
        env={**os.environ, "npm_config_fetch_retries": "0", **environment},
        capture_output=True,
        text=True,
    )


def engines(package: Path) -> dict[str, bytes]:
    """The engines in the wheel that was built."""
    (wheel,) = (package / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if "/_engines/" in name]
        assert any(name.endswith("licenses/prisma-LICENSE") for name in archive.namelist())
        return {name.rpartition("/")[2]: archive.read(name) for name in names}


def test_a_build_takes_the_engines_from_npm_and_the_next_one_needs_no_network(package: Path, tmp_path: Path) -> None:
    cache = str(tmp_path / "npm")
    first = build(package, npm_config_cache=cache)
    assert first.returncode == 0, first.stderr
    assert set(engines(package)) == ENGINES
    shutil.rmtree(package / "dist")
    shutil.rmtree(package / "src" / "berceau_engine" / "_engines")
    offline = build(package, npm_config_cache=cache, npm_config_offline="true")
    assert offline.returncode == 0, offline.stderr
    assert {name: len(content) for name, content in engines(package).items()} == {
        name: (PACKAGE / "src" / "berceau_engine" / "_engines" / name).stat().st_size for name in ENGINES
    }


def test_nothing_is_run_when_the_engines_are_in_place(package: Path, tmp_path: Path) -> None:
    shutil.copytree(PACKAGE / "src" / "berceau_engine" / "_engines", package / "src" / "berceau_engine" / "_engines")
    result = build(package, npm_config_cache=str(tmp_path / "npm"), npm_config_registry=NOWHERE)
    assert result.returncode == 0, result.stderr
    assert set(engines(package)) == ENGINES
    assert not (tmp_path / "npm").exists()


@pytest.mark.parametrize("damage", ["a missing file", "another lock file"])
def test_engines_that_are_not_those_of_the_lock_file_are_fetched_again(
    package: Path, tmp_path: Path, damage: str
) -> None:
    folder = package / "src" / "berceau_engine" / "_engines"
    shutil.copytree(PACKAGE / "src" / "berceau_engine" / "_engines", folder)
    if damage == "a missing file":
        (folder / "migrate.js").unlink()
    else:
        (folder / "lock.sha256").write_text("another")
    (folder / "schema.wasm").write_bytes(b"old")
    result = build(package)
    assert result.returncode == 0, result.stderr
    assert engines(package)["schema.wasm"].startswith(b"\0asm")


def test_a_package_that_does_not_match_its_hash_is_refused(package: Path, tmp_path: Path) -> None:
    lock = package / "package-lock.json"
    content = json.loads(lock.read_text())
    locked = content["packages"]["node_modules/@prisma/schema-engine-wasm"]
    locked["integrity"] = "sha512-" + "A" * 86 + "=="
    lock.write_text(json.dumps(content))
    result = build(package)
    assert result.returncode != 0
    assert "does not match its hash in package-lock.json; nothing was installed" in result.stderr
    assert not (package / "src" / "berceau_engine" / "_engines").exists()


def test_a_registry_that_cannot_be_reached_is_told_as_such(package: Path, tmp_path: Path) -> None:
    result = build(package, npm_config_cache=str(tmp_path / "npm"), npm_config_registry=NOWHERE)
    assert result.returncode != 0
    assert "the npm registry cannot be reached and npm's cache does not hold Prisma's engines" in result.stderr


def test_the_source_distribution_has_the_lock_file_and_no_engines(package: Path) -> None:
    result = subprocess.run(
        ["uv", "build", "--sdist", "--out-dir", "dist", "."], cwd=package, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    (archive,) = (package / "dist").glob("*.tar.gz")
    names = subprocess.run(["tar", "-tzf", str(archive)], capture_output=True, text=True, check=True).stdout.split()
    assert any(name.endswith("/package-lock.json") for name in names)
    assert not any("_engines" in name for name in names)


def test_the_lock_file_pins_by_hash_and_names_no_address() -> None:
    text = (PACKAGE / "package-lock.json").read_text()
    content = json.loads(text)
    packages = {name: entry for name, entry in content["packages"].items() if name}
    assert len({entry["version"] for entry in packages.values()}) == 1
    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())
    assert "http" not in text
