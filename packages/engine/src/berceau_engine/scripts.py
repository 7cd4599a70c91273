"""Runs a script of SQL statements in one exchange with the server, and says which statement has failed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg

from berceau_engine.errors import MigrationError
from berceau_engine.postgres import Connection
from berceau_engine.sql_text import shown, statements

_HEADER = 5  # a letter and four bytes of length
_COMPLETE = ord("C")


@dataclass(frozen=True)
class ScriptFailure:
    """What PostgreSQL said of a script.

    Attributes:
        message: what is wrong.
        sqlstate: PostgreSQL's code for it.
        detail, hint, context: what else it said, if it did.
        line: the line (from 1) of the script, if it is known.
        number: which statement, from 1; None if it was none of them, as when deferred constraints are checked.
        total: the number of statements in the script.
        statement: the beginning of the statement.
    """

    message: str
    sqlstate: str
    detail: str | None
    hint: str | None
    context: str | None
    line: int | None
    number: int | None
    total: int
    statement: str | None

    def __str__(self) -> str:
        told = (("DETAIL", self.detail), ("HINT", self.hint), ("CONTEXT", self.context))
        lines = [self.message, *(f"{word}: {text}" for word, text in told if text)]
        if self.statement and self.total > 1:
            lines.insert(1, f"in statement {self.number} of {self.total}: {self.statement}")
        return "\n".join(lines)


class ScriptError(MigrationError):
    """A script has failed; `failure` tells where and why."""

    def __init__(self, failure: ScriptFailure) -> None:
        super().__init__(str(failure), meta={"sqlstate": failure.sqlstate, "line": failure.line})
        self.failure = failure


async def run_script(connection: Connection, script: str, *, before: str = "", after: str = "") -> None:
    """Send a script as one message, which PostgreSQL takes as one transaction unless the script says otherwise.

    `before` and `after` are whole statements of ours, sent in the same message. Raises ScriptError; a transaction that
    the script has left open stays open, also after an error.
    """
    parts = statements(script)
    if not (parts or before or after):
        return  # asyncpg cannot do nothing
    message = f"{before}{script}\n;\n{after}" if after else before + script
    with _counted(connection) as completed:
        try:
            await connection.execute(message)
        except asyncpg.PostgresError as error:
            ours = len(statements(before))
            raise ScriptError(_explain(error, script, completed.count - ours, len(before))) from error


def _explain(error: asyncpg.PostgresError, script: str, completed: int, offset: int) -> ScriptFailure:
    """Where and why: by the position that the server gives, or else by the number of statements it has completed."""
    parts = statements(script)
    position = _position(error, offset, len(script))
    index = completed if 0 <= completed < len(parts) else None
    if position is not None:
        index = max((number for number, part in enumerate(parts) if part.start <= position), default=None)
    part = None if index is None else parts[index]
    line = script.count("\n", 0, position) + 1 if position is not None else part.line if part else None
    return ScriptFailure(
        message=str(getattr(error, "message", None) or error),
        sqlstate=str(getattr(error, "sqlstate", None) or ""),
        detail=_text(error, "detail"),
        hint=_text(error, "hint"),
        context=_text(error, "context"),
        line=line,
        number=None if index is None else index + 1,
        total=len(parts),
        statement=shown(script, part) if part else None,
    )


def _position(error: asyncpg.PostgresError, offset: int, length: int) -> int | None:
    """The character (from 0) of the script that the server points at; its last one, if it reads on behind it (an open
    quote)."""
    told = str(getattr(error, "position", None) or "")
    position = int(told) - 1 - offset if told.isdigit() else -1
    return min(position, length - 1) if position >= 0 else None


def _text(error: asyncpg.PostgresError, name: str) -> str | None:
    value = getattr(error, name, None)
    return str(value) if value else None


# ---------------------------------------------------------------- how far a message has come


class _Counter:
    """Reads along what the server sends, and counts the statements that it reports as completed.

    asyncpg does not tell, and many errors have no position: a duplicate key, a division by zero. Where the server
    splits the script is not for us to guess.
    """

    def __init__(self, protocol: Any) -> None:
        self.count = 0
        self._protocol = protocol
        self._rest = b""
        self._skip = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._protocol, name)

    def data_received(self, data: bytes) -> None:
        """Called by the transport; the protocol itself is given the same."""
        self._read(self._rest + data)
        self._protocol.data_received(data)

    def _read(self, data: bytes) -> None:
        at = self._skip
        while len(data) - at >= _HEADER:
            self.count += data[at] == _COMPLETE
            at += 1 + int.from_bytes(data[at + 1 : at + _HEADER], "big")
        self._skip = max(at - len(data), 0)
        self._rest = data[at:]


@contextmanager
def _counted(connection: Connection) -> Iterator[_Counter]:
    """Count what the server completes during the block."""
    transport, protocol = getattr(connection, "_transport", None), getattr(connection, "_protocol", None)
    counter = _Counter(protocol)
    if transport is None or protocol is None:
        yield counter
        return
    transport.set_protocol(counter)
    try:
        yield counter
    finally:
        if not transport.is_closing():
            transport.set_protocol(protocol)
