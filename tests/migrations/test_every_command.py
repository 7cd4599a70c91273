"""Walks through the commands as a user types them: each file in `walks` is what the terminal shows, word for word.

With `BERCEAU_WALKS=write` the files are written anew; look at the difference before committing it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from debian import PROGRAMS, debian_server

from berceau_engine.postgres import DatabaseUrl, connect

WALKS = sorted((Path(__file__).parent / "walks").glob("*.txt"))
PYPROJECT = '[tool.berceau]\noutput = "berceau_client"\ndisabled = ["demo"]\n'
ALIKE = [
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME"),
    (r"\b20[2-9]\d(0[1-9]|1[0-2])\d{8}_", "TIMESTAMP_"),
    (r"(migrate|app):[\w-]{32}@", r"\1:PASSWORD@"),
    (r"done in \d+\.\d\d s", "done in SECONDS"),
    (r"test_[0-9a-f]{32}", "DATABASE"),
]


@pytest.fixture(scope="module")
def debian() -> Iterator[str]:
    """Debian's PostgreSQL."""
    if not PROGRAMS:
        if os.environ.get("CI"):
            pytest.fail("Debian's PostgreSQL is not installed")
        pytest.skip("Debian's PostgreSQL is not installed")
    with debian_server() as url:
        yield url


@pytest.fixture(params=["embedded", "debian"])
def server(request: pytest.FixtureRequest) -> DatabaseUrl:
    """The embedded PostgreSQL 18, and Debian's 15."""
    return DatabaseUrl.parse(request.getfixturevalue("postgres" if request.param == "embedded" else "debian"))


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.stem)
async def test_the_terminal_shows(walk: Path, server: DatabaseUrl, tmp_path: Path) -> None:
    url = server.with_database(f"test_{uuid4().hex}")
    administrator = await connect(server)
    await administrator.execute(f"CREATE DATABASE {url.database}")
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    expected = walk.read_text()
    try:
        shown = "".join(f"$ {command}\n{typed(command, tmp_path, url)}" for command in commands(expected))
    finally:
        await administrator.execute(f"DROP DATABASE {url.database} WITH (FORCE)")
        await administrator.execute("DROP ROLE IF EXISTS walk_migrate, walk_app")
        await administrator.close()
    if os.environ.get("BERCEAU_WALKS") == "write":
        walk.write_text(shown)
    assert shown == expected


def commands(walk: str) -> list[str]:
    """The commands of a walk; each goes on over lines that end in a backslash."""
    return re.findall(r"^\$ (.*(?:(?<=\\)\n.*)*)$", walk, re.MULTILINE)


def typed(command: str, folder: Path, url: DatabaseUrl) -> str:
    """What the terminal shows, with what differs from run to run made alike; the exit code, if it is not 0."""
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=os.environ
        | {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "DATABASE_URL": str(url),
            "MIGRATION_DATABASE_URL": "",
            "SHADOW_DATABASE_URL": "",
            "BERCEAU_ENV": "",
            "SERVER": url.host,
            "COLUMNS": "120",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    lines = [line for line in done.stdout.splitlines() if not re.search(r" … \d+ s$", line)]  # progress
    shown = "\n".join([*lines, *([f"[exit {done.returncode}]"] if done.returncode else []), ""])
    shown = shown.replace(str(folder), "FOLDER").replace(url.host, "SERVER")
    for pattern, word in ALIKE:
        shown = re.sub(pattern, word, shown)
    return shown
