"""The shadow database: an empty database in which the schema engine plays migrations through.

Without an address a database of our own making is used, and dropped afterwards. A database at a given address is
used only if it is empty or bears our mark, and is empty again afterwards: a wrong address must never cost data.
"""

from __future__ import annotations

import secrets

import asyncpg

from berceau_engine.errors import MigrationError
from berceau_engine.postgres import Connection, DatabaseUrl, connect, quote_identifier

MARK = "berceau_shadow"
LOCK = "SELECT pg_advisory_lock(5512803101)"
OWN_SCHEMAS = """
SELECT nspname FROM pg_namespace
WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' ORDER BY nspname
"""
OWN_OBJECTS = """
SELECT count(*) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')
"""


class ShadowDatabase:
    """The shadow database that goes with a database; `prepare` makes it ready, `close` cleans up."""

    def __init__(self, url: DatabaseUrl, shadow_url: DatabaseUrl | None = None) -> None:
        self._url = url
        self._given = shadow_url
        self._made: str | None = None
        self._guard: Connection | None = None

    async def prepare(self) -> DatabaseUrl:
        """The address of an empty database. Raises MigrationError if there cannot be one."""
        await self.close()
        if self._given is None:
            return await self._make()
        refuse_main_database(self._url, self._given)
        guard = await connect(self._given)
        try:
            await guard.execute(LOCK)
            await claim(guard, self._given)
        except BaseException:
            await guard.close()  # never the guard of a database that is not ours: its guard's end empties it
            raise
        self._guard = guard
        return self._given

    async def close(self) -> None:
        """Drop the database that was made, or empty the one that was given."""
        if self._made is not None:
            await self._drop(self._made)
            self._made = None
        if self._guard is not None:
            guard, self._guard = self._guard, None
            try:
                await wipe(guard, self._url.schema)
            finally:
                await guard.close()

    async def _make(self) -> DatabaseUrl:
        name = f"prisma_migrate_shadow_db_{secrets.token_hex(8)}"
        connection = await connect(self._url)
        try:
            await connection.execute(f"CREATE DATABASE {quote_identifier(name)} TEMPLATE template0")
        except asyncpg.PostgresError as error:
            raise MigrationError(
                f"The shadow database could not be made on {self._url.place}: {error}. Give the role the right "
                "CREATEDB, or the address of an empty database as SHADOW_DATABASE_URL.",
                "P3014",
            ) from error
        finally:
            await connection.close()
        self._made = name
        return self._url.with_database(name)

    async def _drop(self, name: str) -> None:
        connection = await connect(self._url)
        try:
            await connection.execute(f"DROP DATABASE IF EXISTS {quote_identifier(name)} WITH (FORCE)")
        finally:
            await connection.close()


def refuse_main_database(main: DatabaseUrl, shadow: DatabaseUrl) -> None:
    """Raise MigrationError if both addresses are of the same database."""
    if (shadow.host, shadow.port, shadow.database) == (main.host, main.port, main.database):
        raise MigrationError(
            f"The shadow database must not be the main database (database {main.database!r} on {main.place}): "
            "it is emptied. Give another one as SHADOW_DATABASE_URL."
        )


async def claim(connection: Connection, url: DatabaseUrl) -> None:
    """Make the database empty if it bears our mark; put the mark on an empty one. Raises MigrationError otherwise."""
    schemas = {record["nspname"] for record in await connection.fetch(OWN_SCHEMAS)}
    if MARK not in schemas:
        count = await connection.fetchval(OWN_OBJECTS)
        if count:
            raise MigrationError(
                f"The shadow database {url.database!r} on {url.place} is not empty: it holds {count} tables, views or "
                "sequences that were not made for it. Give an empty database as SHADOW_DATABASE_URL.",
                "P3005",
            )
        await connection.execute(f"CREATE SCHEMA {quote_identifier(MARK)}")
    await wipe(connection, url.schema)


async def wipe(connection: Connection, schema: str) -> None:
    """Drop all schemas with all they hold but the mark, and make the one that is worked in."""
    for record in await connection.fetch(OWN_SCHEMAS):
        if record["nspname"] != MARK:
            await connection.execute(f"DROP SCHEMA {quote_identifier(record['nspname'])} CASCADE")
    await connection.execute(f"CREATE SCHEMA {quote_identifier(schema)}")
