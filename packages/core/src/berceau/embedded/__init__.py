"""The embedded PostgreSQL: a real server from a wheel, kept in the project's `.berceau/`, for development only.

It is a server like any other: it outlives the process that started it, and whoever comes next uses it too. Only
`stop` ends it. The wheel's own Python interface ties the server to the life of its users, so its programs are
called directly.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from berceau.embedded.programs import binaries
from berceau.errors import EmbeddedServerError

__all__ = ["FOLDER", "EmbeddedServer", "binaries", "running_url", "start", "stop", "to_stderr"]

FOLDER = ".berceau"
_NOT_FOR_PROJECTS = {"postgres", "template0", "template1", ""}


def to_stderr(message: str) -> None:
    """Print for the user, out of the way of a command's result."""
    print(message, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class EmbeddedServer:
    """A running embedded server.

    Attributes:
        url: address of the project's database on it.
        data: the server's data folder.
        started: False if it was running already.
    """

    url: str
    data: Path
    started: bool


def start(
    root: Path, *, say: Callable[[str], None] = to_stderr, settings: Mapping[str, str] | None = None
) -> EmbeddedServer:
    """Start the server of the project in `root`, or use it if it runs; make the project's database if it is missing.

    Safe to call from several processes at once. `say` is told what happens. `settings` are those of PostgreSQL for a
    server that is made now.

    Raises EmbeddedServerError: the extra is not installed, `BERCEAU_ENV` is `production`, or it cannot be started.
    """
    from berceau.embedded import server

    _refuse_in_production()
    programs = binaries()
    home = root.resolve() / FOLDER
    data = home / "postgres"
    answer = server.probe(data, _database(home))
    if answer is not server.Answer.READY:
        _make_home(home)
        with _only_one(home / "postgres.lock", say):
            answer = server.probe(data, _database(home))
            if answer is server.Answer.SILENT:
                server.launch(data, say, settings)
            if answer is not server.Answer.READY:
                _ensure_database(root, home, programs)
    started = answer is server.Answer.SILENT
    say(f"{'Started' if started else 'Using'} the embedded PostgreSQL in {data}.")
    return EmbeddedServer(server.url(data, _database(home)), data, started)


def stop(root: Path) -> bool:
    """Stop the server of the project in `root`; False if it did not run. Transactions under way are rolled back.

    Raises EmbeddedServerError: it belongs to another user, or does not end.
    """
    from berceau.embedded import server

    home = root.resolve() / FOLDER
    if not (home / "postgres").exists():
        return False
    with _only_one(home / "postgres.lock", to_stderr):
        return server.end(home / "postgres")


def running_url(root: Path) -> str | None:
    """Address of the project's database on its running embedded server; None if the server does not run."""
    from berceau.embedded import server

    home = root.resolve() / FOLDER
    ready = server.probe(home / "postgres", _database(home)) is server.Answer.READY
    return server.url(home / "postgres", _database(home)) if ready else None


def _refuse_in_production() -> None:
    if os.environ.get("BERCEAU_ENV") == "production":
        raise EmbeddedServerError(
            "the embedded PostgreSQL is for development; BERCEAU_ENV is `production`",
            hint="Set DATABASE_URL to the address of the production server.",
        )


def _make_home(home: Path) -> None:
    try:
        home.mkdir(parents=True, exist_ok=True)
        if not (home / ".gitignore").exists():
            (home / ".gitignore").write_text("*\n", encoding="utf-8")
    except OSError as error:
        raise EmbeddedServerError(
            f"the folder cannot be written: {error.strerror}",
            file=home,
            hint="Run as the user who owns the project, or set DATABASE_URL to the address of a server.",
        ) from error


def _database(home: Path) -> str:
    """Name of the project's database; empty if it has not been made yet. Kept, so that a renamed project finds it."""
    kept = home / "database"
    return kept.read_text(encoding="utf-8").strip() if kept.exists() else ""


def _ensure_database(root: Path, home: Path, programs: Path) -> None:
    from berceau.embedded import server

    if not _database(home):
        temporary = home / "database.new"
        temporary.write_text(_name_for(root) + "\n", encoding="utf-8")
        temporary.replace(home / "database")
    if server.probe(home / "postgres", _database(home)) is server.Answer.NO_DATABASE:
        server.create_database(home / "postgres", _database(home), programs)


def _name_for(root: Path) -> str:
    """A database name from the project's: that in `pyproject.toml`, otherwise the folder's."""
    import tomllib

    try:
        name = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8")).get("project", {}).get("name")
    except (OSError, ValueError, AttributeError):  # for whoever reads the file in earnest to complain about
        name = None
    word = re.sub(r"[^a-z0-9]+", "_", str(name or root.resolve().name).lower()).strip("_")[:60]
    return "berceau" if word in _NOT_FOR_PROJECTS else word


@contextmanager
def _only_one(lock: Path, say: Callable[[str], None]) -> Iterator[None]:
    """One process at a time makes, starts or stops the server."""
    import fcntl

    try:
        stream = lock.open("a")
    except OSError as error:
        raise EmbeddedServerError(
            f"the file cannot be opened: {error.strerror}",
            file=lock,
            hint="Run as the user who started the embedded PostgreSQL before.",
        ) from error
    with stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another process is starting or stopping the embedded PostgreSQL; waiting …")
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield
