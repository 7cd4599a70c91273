"""Who uses what on a server: locks that a session holds for as long as it lives, and marks on what is ours.

A copy belongs to whoever holds its lock, a template is in use while anybody does. What carries our mark and is locked
by nobody was left by a run that was killed, and may be dropped; what carries no mark is never touched.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable

from berceau_engine.postgres import Connection

COPY_MARK = "berceau: copy for tests"
TEMPLATE_MARK = "berceau: template for tests"
UNFINISHED_MARK = "berceau: template for tests, being made"
FAILED_MARK = "berceau: template for tests, failed"
TRY_SECONDS = 0.05


async def try_alone(connection: Connection, name: str) -> bool:
    """Take the lock of a name for this session alone, if nobody has it."""
    return bool(await connection.fetchval("SELECT pg_try_advisory_lock($1)", _key(name)))


async def shared(connection: Connection, name: str) -> None:
    """Take the lock of a name together with others; wait while somebody has it alone.

    It is tried again and again: a session that waits inside a statement would stop a `CREATE INDEX CONCURRENTLY`.
    """
    await _until(lambda: connection.fetchval("SELECT pg_try_advisory_lock_shared($1)", _key(name)))


async def alone(connection: Connection, name: str) -> None:
    """As `shared`, but for this session alone."""
    await _until(lambda: try_alone(connection, name))


async def let_go(connection: Connection, name: str, *, of_shared: bool = False) -> None:
    """Give the lock of a name back."""
    await connection.execute(f"SELECT pg_advisory_unlock{'_shared' if of_shared else ''}($1)", _key(name))


async def _until(attempt: Callable[[], Awaitable[object]]) -> None:
    while not await attempt():  # noqa: ASYNC110  what is waited for is another process
        await asyncio.sleep(TRY_SECONDS)


def _key(name: str) -> int:
    return int.from_bytes(hashlib.sha256(f"berceau.testing {name}".encode()).digest()[:8], "big", signed=True)
