"""One at a time: the lock that a deploy holds in the database, so that parallel ones wait for each other."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from berceau_engine.postgres import Connection

KEY = 5512803102
_PRISMA_KEY = 72707369  # the schema engine locks it too, for whoever uses the official command line; for 10 s it waits
_TRY_SECONDS = 0.1
_PATIENCE_SECONDS = 1.0
_TELL_SECONDS = 5.0

_HOLDER = """
SELECT a.pid, a.usename, a.application_name
FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.pid <> pg_backend_pid() AND l.objsubid = 1
  AND (l.classid::bigint << 32 | l.objid::bigint) = ANY($1::bigint[])
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
LIMIT 1
"""


@asynccontextmanager
async def only_one(connection: Connection, say: Callable[[str], None]) -> AsyncIterator[None]:
    """Hold the lock on `connection`'s session; while somebody else holds it, or Prisma's own, wait and say so.

    It is tried again and again instead of waited for: a session that waits inside a statement would stop a
    `CREATE INDEX CONCURRENTLY` of the one that it waits for.
    """
    began = time.monotonic()
    tell = began + _PATIENCE_SECONDS
    while not await _take(connection):
        if (now := time.monotonic()) > tell:
            say(f"Waiting for another migration of this database{await _holder(connection)} … {now - began:.0f} s")
            tell = now + _TELL_SECONDS
        await asyncio.sleep(_TRY_SECONDS)
    try:
        yield
    finally:
        with suppress(Exception):  # a session that is lost has lost its locks
            await connection.execute("SELECT pg_advisory_unlock($1::bigint)", KEY)


async def is_held(connection: Connection) -> bool:
    """Whether another session is migrating this database at the moment."""
    return await connection.fetchrow(_HOLDER, [KEY, _PRISMA_KEY]) is not None


async def _take(connection: Connection) -> bool:
    if not await connection.fetchval("SELECT pg_try_advisory_lock($1::bigint)", KEY):
        return False
    if await connection.fetchrow(_HOLDER, [_PRISMA_KEY]) is None:
        return True
    await connection.execute("SELECT pg_advisory_unlock($1::bigint)", KEY)
    return False


async def _holder(connection: Connection) -> str:
    row = await connection.fetchrow(_HOLDER, [KEY, _PRISMA_KEY])
    if row is None:
        return ""
    name = f" with {row['application_name']}" if row["application_name"] else ""
    return f" (by {row['usename']}{name}, server process {row['pid']})"
