"""The server process of one data folder: whether it answers, making the folder, starting it, ending it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import struct
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from berceau.embedded.programs import binaries, lent_to, run
from berceau.errors import EmbeddedServerError

if TYPE_CHECKING:
    from berceau.embedded.account import Account

Say = Callable[[str], None]

_START_SECONDS = 60.0
_STOP_SECONDS = 30.0
_POLL_SECONDS = 0.01
_SOCKET_NAME = ".s.PGSQL.5432"
_SOCKET_PATH_BYTES = 103  # macOS allows 103, Linux 107
_LOG_BYTES = 10_000_000
_SETTINGS = {
    "listen_addresses": "",
    "TimeZone": "UTC",
    "log_timezone": "UTC",
    "synchronous_commit": "off",  # a crash of the machine may cost the last moments of a development database
}


class Answer(Enum):
    """What a server says to a client that wants the project's database."""

    READY = "ready"
    NO_DATABASE = "the server runs, the database does not exist"
    SILENT = "nobody answers"


def probe(data: Path, database: str) -> Answer:
    """Ask for a session as any client would: a pid file alone may be a dead server's. No `database`: NO_DATABASE.

    Raises EmbeddedServerError: the data folder belongs to another user.
    """
    if not data.exists():
        return Answer.SILENT
    if not os.access(data, os.R_OK | os.X_OK):
        raise EmbeddedServerError(
            "the embedded PostgreSQL's data belongs to another user",
            file=data,
            hint="Run as the user who made it, or as that user `berceau db stop`, and move the folder away.",
        )
    with socket.socket(socket.AF_UNIX) as client, suppress(OSError):
        client.settimeout(5)
        client.connect(os.fsencode(_socket_folder(data) / _SOCKET_NAME))
        return _ask(client, database)
    return Answer.SILENT


def _ask(client: socket.socket, database: str) -> Answer:
    """Log in, and read the server's messages (a letter, a length, a body) until one decides."""
    words = ("user", "postgres", "database", database or "postgres", "")
    startup = struct.pack("!I", 196608) + b"".join(word.encode() + b"\0" for word in words)
    client.sendall(struct.pack("!I", len(startup) + 4) + startup)
    with client.makefile("rb") as messages:
        while len(header := messages.read(5)) == 5:
            kind, length = struct.unpack("!cI", header)
            body = messages.read(length - 4)
            if kind == b"E":
                return Answer.NO_DATABASE if b"C3D000\0" in body else Answer.SILENT
            if kind == b"Z":  # ready for a query
                client.sendall(b"X\0\0\0\4")
                return Answer.READY if database else Answer.NO_DATABASE
    return Answer.SILENT


def url(data: Path, database: str) -> str:
    """The address of a database on the server."""
    return f"postgresql://postgres:@/{quote(database, safe='')}?host={quote(os.fspath(_socket_folder(data)))}"


def launch(data: Path, say: Say, settings: Mapping[str, str] | None = None) -> None:
    """Start the server, after making the data folder if there is none, and wait until it answers.

    Nobody else may be starting it at the same time. Raises EmbeddedServerError: it does not start.
    """
    programs = binaries(data)
    account = _account(data.parent, programs, say)
    if not data.exists():
        say(f"Creating a PostgreSQL for this project in {data} …")
        _create(data, programs, account, settings or {})
    pid = _postmaster(data)
    if pid is None:
        pid = _spawn(data, programs, account)
    if not _until(lambda: _answers(data) or not _is_alive(pid), 1):
        say("Waiting for the embedded PostgreSQL …")
        _until(lambda: _answers(data) or not _is_alive(pid), _START_SECONDS)
    if not _answers(data):
        end = "\n".join("  " + line for line in _log(data).read_text(errors="replace").splitlines()[-8:])
        raise EmbeddedServerError(
            f"the embedded PostgreSQL (process {pid}) does not answer. The end of its log:\n{end}",
            file=data,
            hint="After `berceau db stop` try again; moving the folder away starts afresh, with an empty database.",
        )


def end(data: Path) -> bool:
    """Stop the server; False if it does not run. Raises EmbeddedServerError: another user's, or it does not end."""
    pid = _postmaster(data)
    if pid is None:
        return False
    for how in (signal.SIGINT, signal.SIGQUIT):  # PostgreSQL's "fast" and "immediate"
        try:
            os.kill(pid, how)
        except ProcessLookupError:
            return True
        except PermissionError as error:
            raise EmbeddedServerError(
                f"the embedded PostgreSQL (process {pid}) belongs to another user",
                file=data,
                hint="Stop it as the user who started it.",
            ) from error
        if _until(lambda: not _is_alive(pid), _STOP_SECONDS):
            if (folder := _socket_folder(data)) != data:
                shutil.rmtree(folder, ignore_errors=True)
            return True
    raise EmbeddedServerError(f"the embedded PostgreSQL (process {pid}) does not end", file=data)


def create_database(data: Path, database: str, programs: Path) -> None:
    """Make an empty database on the running server."""
    where = ["--host", str(_socket_folder(data)), "--port", "5432", "--username", "postgres"]
    run([programs / "createdb", *where, database])


# ---------------------------------------------------------------- the process


def _postmaster(data: Path) -> int | None:
    """Process id of the server on `data`; None if it does not run, whatever a stale pid file says."""
    import psutil  # type: ignore[import-untyped]

    with suppress(OSError, ValueError, psutil.NoSuchProcess, psutil.AccessDenied):
        # Denied: the number of a dead server has gone to a process of another user.
        pid = int((data / "postmaster.pid").read_text(errors="replace").partition("\n")[0])
        if _is_alive(pid) and Path(psutil.Process(pid).cwd()) == data:
            return pid
    return None


def _is_alive(pid: int) -> bool:
    import psutil

    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _answers(data: Path) -> bool:
    return probe(data, "") is not Answer.SILENT


def _spawn(data: Path, programs: Path, account: Account | None) -> int:
    """Start the server as nobody's child and in its own session: no signal meant for us must reach it."""
    (data / "postmaster.pid").unlink(missing_ok=True)  # stale; PostgreSQL would believe it if the number is in use
    folder = _socket_folder(data)
    if folder != data:
        _make_socket_folder(folder, account)
    quoted = '"' + str(folder).replace('"', '""') + '"'
    options = ["-D", str(data), "-p", "5432", "-c", f"unix_socket_directories={quoted}"]
    log = _log(data)
    with log.open("wb" if log.exists() and log.stat().st_size > _LOG_BYTES else "ab") as stream:
        shell = subprocess.run(
            ["/bin/sh", "-c", '"$@" >&2 </dev/null & echo $!', "sh", str(programs / "postgres"), *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stream,
            start_new_session=True,
            check=True,
            **lent_to(account),
        )
    return int(shell.stdout)


def _log(data: Path) -> Path:
    return data.with_name("postgres.log")


def _until(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


# ---------------------------------------------------------------- its folders


def _account(home: Path, programs: Path, say: Say) -> Account | None:
    """The account to run as: PostgreSQL refuses to run as root, so root lends it another one."""
    if os.geteuid() != 0:
        return None
    from berceau.embedded import account

    found = account.ensure()
    for folder in (home, programs.resolve()):
        for opened in account.let_pass(found, folder):
            say(f"The account {found.name}, which runs the embedded PostgreSQL, may now pass through {opened}.")
    return found


def _create(data: Path, programs: Path, account: Account | None, settings: Mapping[str, str]) -> None:
    """Make the data folder beside its place and move it there whole, so that a half-made one is never used."""
    unfinished = data.with_name("postgres.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    if account:
        os.chown(unfinished, account.uid, account.gid)
    options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync", "--no-instructions"]
    # The same order of texts on every machine, whatever locales it has.
    options += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    options += [f"--set={key}={value}" for key, value in {**_SETTINGS, **settings}.items()]
    run([programs / "initdb", *options, f"--pgdata={unfinished}"], account)
    unfinished.rename(data)


def _socket_folder(data: Path) -> Path:
    """Where the socket lies: in the data folder, or in /tmp if the path is too long, or clients would cut it in two."""
    if len(os.fsencode(data / _SOCKET_NAME)) <= _SOCKET_PATH_BYTES and "," not in str(data):
        return data
    status = data.stat()
    return Path("/tmp") / f"berceau-{status.st_dev:x}-{status.st_ino:x}"  # noqa: S108  its owner is checked


def _make_socket_folder(folder: Path, account: Account | None) -> None:
    """Our own folder in /tmp, where anybody may have put one of that name before."""
    owner = account.uid if account else os.geteuid()
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        if account:
            os.chown(folder, account.uid, account.gid)
    status = folder.lstat()
    if status.st_uid != owner or status.st_mode & 0o170077 != 0o040000:
        raise EmbeddedServerError(
            "the folder for the server's socket is not a private one of its account",
            file=folder,
            hint="Somebody else has made it: remove it and try again.",
        )
