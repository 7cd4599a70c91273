"""The shadow database: an empty database in which migrations are played through.

Without an address a database of our own making is used, and dropped in the end. A database at a given address is
used only if it is empty or bears our mark, and is empty again in the end: a wrong address must never cost data.

Migrations are played by our driver, and those that it has already are not played again.
"""

from __future__ import annotations

import secrets
import time

import asyncpg

from berceau_engine.errors import MigrationError
from berceau_engine.migration_list import SCRIPT, Migration, MigrationList
from berceau_engine.postgres import Connection, DatabaseUrl, connect, quote_identifier
from berceau_engine.scripts import ScriptError, run_script

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
FORGET_SETTINGS = "RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL"
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
    """The shadow database that goes with a database. `prepare` or `play` makes it ready; `close` cleans up."""

    def __init__(self, url: DatabaseUrl, shadow_url: DatabaseUrl | None = None) -> None:
        self._url = url
        self._given = careless(shadow_url) if shadow_url is not None else None
        self._address: DatabaseUrl | None = None
        self._connection: Connection | None = None
        self._played: tuple[str, ...] | None = None  # the scripts that have made it what it is; None: not known

    async def address(self) -> DatabaseUrl:
        """Where it is, whatever it holds. Raises MigrationError, or the typed error of a connection."""
        return (await self._claim())[1]

    async def prepare(self) -> DatabaseUrl:
        """The address of an empty database. Raises as `address` does."""
        connection, address = await self._claim()
        self._played = None
        await wipe(connection, address.schema)
        return address

    async def play(self, migrations: MigrationList) -> None:
        """Bring it to where the migrations lead; those that it has are not applied again.

        Raises as `address` does, and MigrationError P3006 with the file and the line: one does not apply.
        """
        connection, address = await self._claim()
        steps = (Migration("shadowDbInitScript", migrations.shadow_init), *migrations.migrations)
        scripts = tuple(step.sql or "" for step in steps)
        played, self._played = self._played, None
        if played is None or scripts[: len(played)] != played:
            await wipe(connection, address.schema)
            played = ()
        for step in steps[len(played) :]:
            if step.sql:
                await apply(connection, step)
        self._played = scripts

    def touched(self) -> None:
        """To be called before anything else is done to it: what it holds is not known any more."""
        self._played = None

    async def close(self) -> None:
        """Drop the database that was made, or empty the one that was given. May be called again."""
        self._played = None
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

    async def _claim(self) -> tuple[Connection, DatabaseUrl]:
        if self._address is None:
            self._address = await self._make() if self._given is None else self._given
        if self._connection is None:
            self._connection = await self._claimed(self._address)
        return self._connection, self._address

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
        return careless(self._url.with_database(name))

    async def _drop(self, name: str) -> None:
        connection = await connect(self._url)
        try:
            await connection.execute(f"DROP DATABASE IF EXISTS {quote_identifier(name)} WITH (FORCE)")
        finally:
            await connection.close()


def new_name() -> str:
    """A name that no other shadow database has; by the seconds in it whoever comes later knows a left-over."""
    return f"{PREFIX}{int(time.time())}_{secrets.token_hex(4)}"


def careless(url: DatabaseUrl) -> DatabaseUrl:
    """The address for connections that do not wait until what they did is safe on the disk: it is dropped anyway."""
    options = url.parameters.get("options", "")
    return url.with_parameter("options", f"{options} -c synchronous_commit=off".strip())


async def apply(connection: Connection, migration: Migration) -> None:
    """Run a migration's script as a deploy does, and forget its settings. Raises MigrationError P3006."""
    try:
        await run_script(connection, migration.sql or "")
        if connection.is_in_transaction():
            raise not_applicable(migration.name, "it begins a transaction and does not end it")
    except ScriptError as error:
        failure = error.failure
        raise not_applicable(migration.name, str(failure), failure.sqlstate, failure.line) from error.__cause__
    finally:
        if connection.is_in_transaction():
            await connection.execute("ROLLBACK")
    await connection.execute(FORGET_SETTINGS)


def not_applicable(name: str, what: str, state: str = "", line: int | None = None) -> MigrationError:
    """The error for a migration that does not apply to an empty database."""
    where = f"{name}/{SCRIPT}" + (f":{line}" if line else "")
    told = f"{what} (SQLSTATE {state})" if state else what
    return MigrationError(
        f"Migration {name} does not apply to an empty database: {where}: {told}",
        "P3006",
        {"migration": name, "line": line, "sqlstate": state, "database_error": what},
    )


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
