"""One at a time: the locks that a deploy holds in the database, so that parallel ones wait for each other."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from berceau_engine.postgres import Connection

KEY = 5512803102
PRISMA_KEY = 72707369  # of the official command line, which waits for 10 s; the schema engine takes it, too
_TRY_SECONDS = 0.1
_PATIENCE_SECONDS = 1.0
_TELL_SECONDS = 5.0
_MARK = "berceau migrate: "

_HOLDER = """
SELECT a.pid, a.usename, a.application_name, a.query
FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.pid <> pg_backend_pid() AND l.objsubid = 1
  AND (l.classid::bigint << 32 | l.objid::bigint) = ANY($1::bigint[])
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
ORDER BY a.query LIKE $2 || '%' DESC LIMIT 1
"""


@dataclass(frozen=True)
class Holder:
    """The session that migrates a database at the moment, and the migration that it is applying, if that is known."""

    pid: int
    role: str
    program: str
    migration: str | None

    def __str__(self) -> str:
        name = f" with {self.program}" if self.program else ""
        return f"(by {self.role}{name}, server process {self.pid})"


@asynccontextmanager
async def only_one(connection: Connection, say: Callable[[str], None]) -> AsyncIterator[None]:
    """Hold the lock on `connection`'s session; while somebody else holds it, or Prisma's own, wait and say so.

    It is tried again and again instead of waited for: a session that waits inside a statement would stop a
    `CREATE INDEX CONCURRENTLY` of the one that it waits for.
    """
    async with _held(connection, KEY, say):
        while await holder(connection, PRISMA_KEY) is not None:
            async with _held(connection, PRISMA_KEY, say):
                pass
        yield


@asynccontextmanager
async def not_beside_the_official_one(connection: Connection, say: Callable[[str], None]) -> AsyncIterator[None]:
    """Hold the lock of the official command line, too. The schema engine takes it for itself: not to be called here."""
    async with _held(connection, PRISMA_KEY, say):
        yield


def marked(migration: str) -> str:
    """A comment in front of a script, by which others can see in the server what is being applied."""
    return f"/* {_MARK}{migration} */ "


async def holder(connection: Connection, *keys: int) -> Holder | None:
    """The other session that is migrating this database at the moment."""
    row = await connection.fetchrow(_HOLDER, list(keys or (KEY, PRISMA_KEY)), f"/* {_MARK}")
    if row is None:
        return None
    _, mark, rest = str(row["query"] or "").partition(f"/* {_MARK}")
    migration = rest.partition(" */")[0] if mark else None
    return Holder(row["pid"], str(row["usename"]), row["application_name"] or "", migration)


@asynccontextmanager
async def _held(connection: Connection, key: int, say: Callable[[str], None]) -> AsyncIterator[None]:
    began = time.monotonic()
    tell = began + _PATIENCE_SECONDS
    while not await connection.fetchval("SELECT pg_try_advisory_lock($1::bigint)", key):
        if (now := time.monotonic()) > tell:
            other = await holder(connection, key)
            say(f"Waiting for another migration of this database{f' {other}' if other else ''} … {now - began:.0f} s")
            tell = now + _TELL_SECONDS
        await asyncio.sleep(_TRY_SECONDS)
    try:
        yield
    finally:
        with suppress(Exception):  # a session that is lost has lost its locks
            await connection.execute("SELECT pg_advisory_unlock($1::bigint)", key)
