"""The server that the tests run on: the one of `TEST_DATABASE_URL`, or an embedded one kept in memory.

All processes of a run share the embedded server, and so may two runs of one project. Each holds a lock on a file while
it uses it, and whoever is the last to let go stops it. A run that was killed has let go, too: the next one to come, of
whatever project, stops the servers that nobody uses.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from berceau.address import parse_address
from berceau.errors import EmbeddedServerError
from berceau_engine.postgres import DatabaseUrl

VARIABLE = "TEST_DATABASE_URL"
_PREFIX = "berceau-test-"
_MEMORY = Path("/dev/shm")  # noqa: S108  the folder in it is checked to be ours
_ROOM_BYTES = 1_000_000_000
_SETTINGS = {
    # Nothing of it has to outlive a crash.
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    # Many workers, each with some connections, and with copies of large schemas under way at the same time.
    "max_connections": "400",
    "max_locks_per_transaction": "512",
    "shared_buffers": "128MB",
    "autovacuum_naptime": "5min",
    "jit": "off",
}


@dataclass(frozen=True)
class Server:
    """A server to run tests on.

    Attributes:
        url: the database on it to connect to.
        source: where the address comes from.
        embedded: it is ours, and ends with the run.
    """

    url: DatabaseUrl
    source: str
    embedded: bool


class EmbeddedServer:
    """The embedded server of one project, in the hands of this process."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.home = _home(root)
        self._lock: IO[str] | None = None

    @property
    def running(self) -> bool:
        """Whether it answers."""
        from berceau import embedded

        return self.home.exists() and embedded.running_url(self.home) is not None

    def start(self) -> Server:
        """Start it, or join those who use it. Raises EmbeddedServerError."""
        import fcntl

        from berceau import embedded

        _stop_unused(besides=self.home)
        if self._lock is None:
            self._lock = _open_lock(self.home)
            fcntl.flock(self._lock, fcntl.LOCK_SH)  # waits while somebody is stopping it
        _make_private(self.home)
        url = embedded.start(self.home, say=_silent, settings=_SETTINGS).url
        return Server(DatabaseUrl.parse(url), "the embedded PostgreSQL", embedded=True)

    def keep(self) -> None:
        """Let it run when nobody uses it, until a run of this project ends without asking for that."""
        if self.home.exists():
            (self.home / "kept").write_text(str(self._root), encoding="utf-8")

    def release(self) -> None:
        """Use it no more, and leave it to others to stop it."""
        if self._lock is not None:
            import fcntl

            fcntl.flock(self._lock, fcntl.LOCK_UN)  # closing is not enough where a test has forked a process
            self._lock.close()
            self._lock = None

    def leave(self, *, keep: bool) -> None:
        """Use it no more; stop it if nobody else does. Does nothing where there is none."""
        if keep:
            self.keep()
        self.release()
        if not keep and self.home.exists():
            (self.home / "kept").unlink(missing_ok=True)
            _stop_if_unused(self.home)


def own_server() -> tuple[Server, Callable[[], None]]:
    """A server for one test alone, and what stops it. If the test's process is killed, the next run does."""
    embedded = EmbeddedServer(Path(secrets.token_hex(8)))
    server = embedded.start()

    def stop() -> None:
        embedded.leave(keep=False)
        embedded.home.with_suffix(".lock").unlink(missing_ok=True)

    return replace(server, source="a server of the test's own"), stop


def given_url() -> DatabaseUrl | None:
    """The address in `TEST_DATABASE_URL`; None if it is not set. Raises ConfigurationError if it cannot be used."""
    text = os.environ.get(VARIABLE)
    return parse_address(text, VARIABLE, variable=VARIABLE) if text else None


def _home(root: Path) -> Path:
    mark = hashlib.sha256(f"{root}\0{sys.prefix}".encode()).hexdigest()[:12]
    name = f"{_PREFIX}{os.geteuid()}-{mark}"
    there = [place / name for place in (_MEMORY, _disk()) if (place / name).exists()]
    return there[0] if there else _place() / name


def _place() -> Path:
    """In memory where there is room, else the folder for temporary files."""
    with suppress(OSError):
        if os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM_BYTES:
            return _MEMORY
    return _disk()


def _disk() -> Path:
    return Path(tempfile.gettempdir()).resolve()


def _make_private(home: Path) -> None:
    """Our own folder in a place where anybody may have put one of that name before."""
    home.mkdir(mode=0o700, exist_ok=True)
    if home.is_symlink() or home.stat().st_uid != os.geteuid():
        raise EmbeddedServerError(
            "the folder for the tests' server belongs to somebody else",
            file=home,
            hint=f"Remove it, or set {VARIABLE} to the address of a server.",
        )


def _open_lock(home: Path) -> IO[str]:
    return home.with_suffix(".lock").open("a")


def _stop_if_unused(home: Path) -> None:
    import fcntl

    from berceau import embedded

    with _open_lock(home) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        if home.exists() and not _is_kept(home):
            embedded.stop(home)
            shutil.rmtree(home, ignore_errors=True)


def _is_kept(home: Path) -> bool:
    """Whether the next run of its project wants it, if there still is that project."""
    kept = home / "kept"
    return kept.exists() and Path(kept.read_text(encoding="utf-8")).is_dir()


def _stop_unused(besides: Path) -> None:
    """Stop what runs of this user have left that were killed."""
    for home in _homes(besides.parent):
        if home != besides:
            with suppress(EmbeddedServerError, OSError):
                _stop_if_unused(home)


def _homes(place: Path) -> Iterator[Path]:
    for home in place.glob(f"{_PREFIX}{os.geteuid()}-*"):
        if home.is_dir() and not home.is_symlink():
            yield home


def _silent(_: str) -> None: ...
