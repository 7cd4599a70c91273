"""What the tests across packages share: the wheels, built once, and folders in which an embedded server may run."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from machine import MACHINE, UV, path_without_node

from berceau import embedded

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The wheels of the four packages by distribution (`berceau-demo`), built once for all workers."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder = shared / "wheels"
    with (shared / "wheels.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            unfinished = folder.with_name("wheels.new")
            command = [UV, "build", "-q", "--all-packages", "--wheel", "--out-dir", unfinished]
            subprocess.run(command, cwd=ROOT, env=MACHINE, check=True)
            unfinished.rename(folder)
    return {wheel.name.partition("-")[0].replace("_", "-"): wheel for wheel in folder.glob("*.whl")}


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder; whatever embedded servers run below it are stopped at the end."""
    # not below pytest's own folder, which only its owner may enter: run by root, the server is another user
    path = Path(tempfile.mkdtemp(prefix="berceau-test-")).resolve()
    try:
        yield path
    finally:
        for home in path.rglob(embedded.FOLDER):
            embedded.stop(home.parent)
        shutil.rmtree(path)


@pytest.fixture
def environment(folder: Path, wheels: dict[str, Path]) -> dict[str, str]:
    """A shell in which uv finds our wheels as if they were published, and Node is not to be found."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["uv"]
    return MACHINE | {
        "PATH": f"{Path(UV).parent}:{path_without_node(folder / 'bin')}",
        "UV_FIND_LINKS": os.fspath(wheels["berceau"].parent),
        "UV_EXCLUDE_NEWER": settings["exclude-newer"],
    }
