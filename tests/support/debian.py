"""Debian's own PostgreSQL: a server of a test's, started with the programs in /usr/lib/postgresql."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
"""Oldest version first."""


def needs_debian() -> None:
    """Skip the test where Debian's PostgreSQL is not installed; with CI set it fails."""
    if not PROGRAMS:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("Debian's PostgreSQL is not installed")


@contextmanager
def debian_server(settings: str = "", authentication: str = "", files: Sequence[Path] = ()) -> Iterator[str]:
    """The address of a new server's database `postgres`; the server ends with the block.

    `settings` are more of `postgres -c`, `authentication` the lines of its `pg_hba.conf` in place of trust; `files` are
    copied to where the server runs, readable for itself alone.
    """
    folder = Path(tempfile.mkdtemp(prefix="berceau-debian-"))
    data, programs = folder / "data", PROGRAMS[0]
    account = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []  # these programs refuse to run as root
    if account:
        shutil.chown(folder, "postgres")
    try:
        _run(*account, programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C")
        if authentication:
            (data / "pg_hba.conf").write_text(authentication)
        for file in files:
            copy = Path(shutil.copy(file, data))
            copy.chmod(0o600)
            if account:
                shutil.chown(copy, "postgres")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off -c timezone=UTC {settings}"
        log = folder / "log"
        _run(*account, programs / "pg_ctl", "-D", data, "-w", "-l", log, "-o", options, "start")
        try:
            yield f"postgresql://postgres@/postgres?host={folder}"
        finally:
            _run(*account, programs / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


def _run(*command: str | Path) -> None:
    # not captured by pipes: the server keeps them open
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")
