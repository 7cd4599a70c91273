"""Trying migrations on the shadow database with a connection of our own, and looking at what they make of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from berceau.migrations.catalog import Catalog, read_catalog
from berceau.migrations.scripts import run_script
from berceau.migrations.session import Session
from berceau_engine.migrate import MigrationList
from berceau_engine.postgres import Connection, connect
from berceau_engine.shadow import wipe


class Trial:
    """The shadow database; the schema engine must have claimed it before, and empties it when it uses it again."""

    def __init__(self, connection: Connection, schema: str) -> None:
        self.connection = connection
        self._schema = schema

    async def play(self, migrations: MigrationList) -> Catalog:
        """Begin with an empty database, apply the migrations, and read what it consists of then."""
        await wipe(self.connection, self._schema)
        for migration in migrations.migrations:
            await run_script(self.connection, migration.sql or "")
        return await read_catalog(self.connection)

    async def run(self, script: str) -> Catalog:
        """Run a script as a migration is run, in one transaction. Raises asyncpg.PostgresError."""
        await run_script(self.connection, script)
        return await read_catalog(self.connection)


@asynccontextmanager
async def trial(session: Session) -> AsyncIterator[Trial]:
    """A trial for the time of a block; the session must have a shadow database."""
    if session.shadow_url is None:
        raise ValueError("the session has no shadow database")
    connection = await connect(session.shadow_url)
    try:
        yield Trial(connection, session.shadow_url.schema)
    finally:
        await connection.close()
