"""PgBouncer in front of a server, in transaction mode unless told: Debian's program, for as long as a test needs it."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from berceau_engine.postgres import DatabaseUrl

PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
KEEPS_STATEMENTS = (1, 21)
"""The first version that can keep clients' prepared statements, which `max_prepared_statements` says."""
PORT = 6432
START_SECONDS = 60


def installed() -> str:
    """The program. Skips the test where it is not installed; with CI set it fails."""
    if PROGRAM is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("PgBouncer is not installed")
    return PROGRAM


def version(program: str) -> tuple[int, ...]:
    """The version of the program."""
    shown = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout
    return tuple(map(int, re.findall(r"\d+", shown.splitlines()[0])))


@contextmanager
def bouncer(program: str, server: DatabaseUrl, *, entry: str = "*", **settings: object) -> Iterator[DatabaseUrl]:
    """The address through PgBouncer of a database on a server that is reached by a socket; it ends with the block.

    `entry` is the one database that PgBouncer knows; all of them by default.
    """
    folder = Path(tempfile.mkdtemp(prefix="berceau-bouncer-"))
    chosen = {
        "unix_socket_dir": folder,
        "listen_port": PORT,
        "auth_type": "any",
        "pool_mode": "transaction",
        **settings,
    }
    lines = ["[databases]", f"{entry} = host={server.host} port={server.port} user={server.user}", "[pgbouncer]"]
    lines += [f"{name} = {value}" for name, value in chosen.items()]
    configuration = folder / "pgbouncer.ini"
    configuration.write_text("\n".join(lines) + "\n")
    account: dict[str, Any] = {}
    if os.getuid() == 0:  # it refuses to run as root, and the server's own account can reach the server
        owner = Path(server.host, f".s.PGSQL.{server.port}").stat()
        os.chown(folder, owner.st_uid, owner.st_gid)
        account = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([program, configuration], stderr=log, cwd="/", **account)
    try:
        wait_for(process, folder)
        yield DatabaseUrl(str(folder), PORT, server.user, None, server.database).with_schema(server.schema)
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder)


def wait_for(process: subprocess.Popen[bytes], folder: Path) -> None:
    """Return when the program takes connections. Raises AssertionError with its log where it does not."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket(socket.AF_UNIX) as client:
            if client.connect_ex(f"{folder}/.s.PGSQL.{PORT}") == 0:
                return
        time.sleep(0.02)
    raise AssertionError(f"PgBouncer does not start:\n{(folder / 'log').read_text(errors='replace')}")
