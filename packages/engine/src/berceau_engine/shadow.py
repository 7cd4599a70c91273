"""The shadow database: an empty database in which the schema engine plays migrations through.

Without an address a database of our own making is used, and dropped in the end. A database at a given address is
used only if it is empty or bears our mark, and is empty again in the end: a wrong address must never cost data.
"""

from __future__ import annotations

import secrets
import time

import asyncpg

from berceau_engine.errors import MigrationError
from berceau_engine.postgres import Connection, DatabaseUrl, connect, quote_identifier

MARK = "berceau_shadow"
PREFIX = "berceau_shadow_"
ONE_AT_A_TIME = "SELECT pg_advisory_lock(5512803101)"
OWN_SCHEMAS = """
SELECT nspname FROM pg_namespace
WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND pg_has_role(nspowner, 'USAGE') ORDER BY nspname
"""
OWN_EXTENSIONS = "SELECT extname FROM pg_extension WHERE extowner = current_user::regrole AND extname <> 'plpgsql'"
OWN_TABLES = """
SELECT pg_class.oid::regclass::text FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND relkind IN ('r', 'p')
AND NOT relispartition AND pg_has_role(relowner, 'USAGE')
"""
BATCH = 200  # a statement that drops more at once may need more locks than the server has
OBJECTS = """
SELECT count(*) FROM (
    SELECT oid, relnamespace AS namespace FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
    UNION ALL SELECT oid, pronamespace FROM pg_proc
    UNION ALL SELECT oid, typnamespace FROM pg_type WHERE typtype IN ('e', 'd', 'r')
) AS object
JOIN pg_namespace ON pg_namespace.oid = namespace
WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE objid = object.oid AND deptype = 'e')
"""


class ShadowDatabase:
    """The shadow database that goes with a database. `prepare` makes it ready, each time anew; `close` cleans up."""

    def __init__(self, url: DatabaseUrl, shadow_url: DatabaseUrl | None = None) -> None:
        self._url = url
        self._given = shadow_url
        self._address: DatabaseUrl | None = None
        self._connection: Connection | None = None

    async def prepare(self) -> DatabaseUrl:
        """The address of an empty database. Raises MigrationError, or the typed error of a connection."""
        if self._address is None:
            self._address = await self._make() if self._given is None else self._given
        if self._connection is None:
            self._connection = await self._claimed(self._address)
        await wipe(self._connection, self._address.schema)
        return self._address

    async def close(self) -> None:
        """Drop the database that was made, or empty the one that was given. May be called again."""
        connection, self._connection = self._connection, None
        address, self._address = self._address, None
        try:
            if connection is not None and address is not None and self._given is not None:
                await wipe(connection, address.schema)
        finally:
            if connection is not None:
                await connection.close()
            if address is not None and self._given is None:
                await self._drop(address.database)

    async def _claimed(self, address: DatabaseUrl) -> Connection:
        """A connection to the database, which bears our mark: `close` empties whatever is kept here."""
        if self._given is not None:
            refuse_main_database(self._url, self._given)
        connection = await connect(address)
        try:
            await connection.execute(ONE_AT_A_TIME)
            await claim(connection, address)
        except BaseException:
            await connection.close()
            raise
        return connection

    async def _make(self) -> DatabaseUrl:
        name = new_name()
        connection = await connect(self._url)
        try:
            await connection.execute(f"CREATE DATABASE {quote_identifier(name)} TEMPLATE template0")
        except asyncpg.PostgresError as error:
            raise MigrationError(
                f"The shadow database could not be made on {self._url.place}: {error}. Give the role "
                f"{self._url.user!r} the right CREATEDB, or the address of an empty database as SHADOW_DATABASE_URL.",
                "P3014",
            ) from error
        finally:
            await connection.close()
        return self._url.with_database(name)

    async def _drop(self, name: str) -> None:
        connection = await connect(self._url)
        try:
            await connection.execute(f"DROP DATABASE IF EXISTS {quote_identifier(name)} WITH (FORCE)")
        finally:
            await connection.close()


def new_name() -> str:
    """A name that no other shadow database has; by the seconds in it whoever comes later knows a left-over."""
    return f"{PREFIX}{int(time.time())}_{secrets.token_hex(4)}"


def refuse_main_database(main: DatabaseUrl, shadow: DatabaseUrl) -> None:
    """Raise MigrationError if both addresses are of the same database."""
    if (shadow.host, shadow.port, shadow.database) == (main.host, main.port, main.database):
        raise MigrationError(
            f"The shadow database must not be the main database (database {main.database!r} on {main.place}): "
            "it is emptied. Give another one as SHADOW_DATABASE_URL."
        )


async def claim(connection: Connection, url: DatabaseUrl) -> None:
    """Put our mark on an empty database. Raises MigrationError for one that is neither empty nor marked."""
    if await connection.fetchval("SELECT 1 FROM pg_namespace WHERE nspname = $1", MARK):
        return
    if count := await connection.fetchval(OBJECTS):
        raise MigrationError(
            f"The shadow database {url.database!r} on {url.place} is not empty: it holds {count} tables, types or "
            "functions that were not made for it. Give an empty database as SHADOW_DATABASE_URL.",
            "P3005",
        )
    await connection.execute(f"CREATE SCHEMA {quote_identifier(MARK)}")


async def wipe(connection: Connection, schema: str) -> None:
    """Drop all that the role owns but the mark, and make the schema that is worked in, and `public`."""
    for extension in await connection.fetch(OWN_EXTENSIONS):
        await connection.execute(f"DROP EXTENSION IF EXISTS {quote_identifier(extension['extname'])} CASCADE")
    tables = [record[0] for record in await connection.fetch(OWN_TABLES)]
    for start in range(0, len(tables), BATCH):
        await connection.execute(f"DROP TABLE {', '.join(tables[start : start + BATCH])} CASCADE")
    for record in await connection.fetch(OWN_SCHEMAS):
        if record["nspname"] != MARK:
            await connection.execute(f"DROP SCHEMA {quote_identifier(record['nspname'])} CASCADE")
    for name in {"public", schema}:
        await connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quote_identifier(name)}")
