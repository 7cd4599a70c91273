"""What plans need of asyncpg beyond its public interface; all of it is here, so that a new asyncpg is checked here.

Between `Connection.fetch` and the wire stand checks, a lock, timers and an object for each call, which together take
as long as a fifth of a simple query. A statement that the connection has prepared already goes to the protocol at
once. Everything else, a statement's first time and what a changed table makes of prepared ones, is left to `fetch`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from asyncpg import Record
from asyncpg.exceptions import InvalidCachedStatementError, OutdatedSchemaCacheError

if TYPE_CHECKING:
    from berceau_engine.postgres import Connection

TIMESTAMP = 1114


def take_timestamps_as_instants(connection: Connection) -> None:
    """Let `timestamp` be read and written as `timestamptz` is: as datetimes in UTC, which Prisma keeps there.

    Both have the same form on the wire, so the driver's C code makes the aware datetime, and nobody has to make a
    second one. The public `set_builtin_type_codec` would ask the server for the type's number.
    """
    settings: Any = connection._protocol.get_settings()  # type: ignore[attr-defined]
    settings.set_builtin_type_codec(TIMESTAMP, "timestamp", "pg_catalog", "scalar", "timestamptz", "binary")


async def fetch(connection: Any, sql: str, parameters: Sequence[Any]) -> list[Any]:
    """The rows of a statement, as `connection.fetch` gives them."""
    statement = connection._stmt_cache.get((sql, Record, False))
    if statement is None:
        rows: list[Any] = await connection.fetch(sql, *parameters)
        return rows
    try:
        rows = await connection._protocol.bind_execute(statement, parameters, "", 0, False, None)
    except InvalidCachedStatementError:  # The server has run nothing.
        if connection.is_in_transaction():
            raise
        rows = await connection.fetch(sql, *parameters)
    except OutdatedSchemaCacheError:
        await connection.reload_schema_state()
        raise
    return rows


async def execute(connection: Any, sql: str, parameters: Sequence[Any]) -> str:
    """The status of a statement (`UPDATE 3`), as `connection.execute` gives it."""
    statement = connection._stmt_cache.get((sql, Record, False))
    if statement is None:
        return str(await connection.execute(sql, *parameters))
    try:
        _, status, _ = await connection._protocol.bind_execute(statement, parameters, "", 0, True, None)
    except InvalidCachedStatementError:
        if connection.is_in_transaction():
            raise
        return str(await connection.execute(sql, *parameters))
    return status.decode() if status is not None else ""
