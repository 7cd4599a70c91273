"""The PostgreSQL driver: connections and the pool, on asyncpg, for queries and migrations alike."""

from __future__ import annotations

from functools import partial
from typing import TypeAlias

import asyncpg

from berceau_engine.driver import take_timestamps_as_instants
from berceau_engine.driver_errors import translate
from berceau_engine.errors import DatabaseConnectionError, error_for
from berceau_engine.pool import Pool
from berceau_engine.url import DatabaseUrl, quote_identifier

__all__ = [
    "Connection",
    "DatabaseUrl",
    "Pool",
    "connect",
    "connect_for_plans",
    "open_pool",
    "quote_identifier",
    "translate",
]

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


async def connect(url: DatabaseUrl | str) -> Connection:
    """Open one connection whose search path is the address's schema.

    Raises a `DatabaseConnectionError` that names the server: unreachable, refused, no such database, timed out.
    """
    url = DatabaseUrl.parse(url) if isinstance(url, str) else url
    try:
        connection: Connection = await asyncpg.connect(**url.connect_arguments())
    except Exception as error:
        raise connection_error(error, url) from error
    return connection


async def open_pool(url: DatabaseUrl, *, connection_limit: int | None = None) -> Pool:
    """Open a pool and one connection of it, so that a wrong address is found now and not at the first query.

    The pool sends no reset between uses: plans leave no session state behind, and a transaction that was not ended
    is rolled back where it was begun. Raises as `connect` does.
    """
    limit = connection_limit or url.integer("connection_limit", 10)
    pool = Pool(partial(connect_for_plans, url), limit, float(url.integer("max_idle_connection_lifetime", 300)))
    pool.release(await pool.acquire())
    return pool


async def connect_for_plans(url: DatabaseUrl | str) -> Connection:
    """Open one connection that plans can run on. Raises as `connect` does."""
    connection = await connect(url)
    take_timestamps_as_instants(connection)
    return connection


def connection_error(error: Exception, url: DatabaseUrl) -> Exception:
    """The typed error of a connection that could not be opened, with the place it should have gone to."""
    if isinstance(error, asyncpg.ProtocolViolationError) and "startup parameter" in str(error):
        reason = f"{error}. PgBouncer refuses settings of a session: behind it add 'pgbouncer=true'"
        return error_for("P1013", f"The database address does not fit the server ({url.place}): {reason}.")
    typed = translate(error)
    if not isinstance(typed, DatabaseConnectionError):
        return typed
    place = f"{url.user}@{url.place}, database {url.database!r}"
    return error_for(typed.code, f"{typed} ({place})", typed.meta)
