"""The first connection to a server, on which a worker holds its locks: it has to be one to the server itself.

PgBouncer gives each transaction, or each session, whichever connection of the server is free. Locks would then be in
others' hands, and the copy's name would not be in the search path.
"""

from __future__ import annotations

from berceau.errors import ConfigurationError
from berceau.testing.server import Server
from berceau_engine.errors import DatabaseConnectionError, InvalidUrlError
from berceau_engine.postgres import Connection, DatabaseUrl, connect

_PROBE = "berceau_probe"


async def reach(server: Server, url: DatabaseUrl | None = None) -> Connection:
    """A connection, by `url` where that says more than the server's own address.

    Raises ConfigurationError that says where the address comes from.
    """
    try:
        connection = await connect(url or server.url)
        try:
            if not server.embedded:
                await _check_pool(connection, server)
        except BaseException:
            await connection.close()
            raise
    except InvalidUrlError as error:
        if "PgBouncer" in str(error):
            raise _pooled(server, "refuses settings of a session") from error
        raise _unreachable(server, error) from error
    except DatabaseConnectionError as error:
        raise _unreachable(server, error) from error
    return connection


async def _check_pool(connection: Connection, server: Server) -> None:
    """Raises ConfigurationError if somebody has answered for the server who does not keep sessions as they are."""
    pid = await connection.fetchval("SELECT pg_backend_pid()")
    if pid == connection.get_server_pid():
        return
    another = await connect(server.url.with_schema(_PROBE))
    try:
        async with another.transaction():
            shared = await another.fetchval("SELECT pg_backend_pid()") == pid
            path = await another.fetchval("SELECT current_setting('search_path')")
    finally:
        await another.close()
    if shared or path != _PROBE:
        raise _pooled(server, "gives a session's connection to others" if shared else "loses settings of a session")


def _pooled(server: Server, what: str) -> ConfigurationError:
    return ConfigurationError(
        f"{server.source} goes through PgBouncer or another pool, which {what}",
        hint=f"Set {server.source} to the address of the server itself.",
    )


def _unreachable(server: Server, error: DatabaseConnectionError) -> ConfigurationError:
    return ConfigurationError(str(error), hint=f"The address comes from {server.source}.")
