"""Trying migrations on the shadow database with a connection of our own, and looking at what they make of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from berceau.migrations.catalog import Catalog, read_catalog
from berceau.migrations.catalog_sum import catalog_sum
from berceau.migrations.scripts import run_script
from berceau.migrations.session import Session
from berceau_engine.migrate import MigrationList
from berceau_engine.postgres import Connection, connect
from berceau_engine.shadow import ShadowDatabase


class Trial:
    """The shadow database, with a connection of our own to it."""

    def __init__(self, shadow: ShadowDatabase, connection: Connection) -> None:
        self._shadow = shadow
        self._connection = connection

    @property
    def connection(self) -> Connection:
        """To change it or look at it; the next `play` begins with an empty database then."""
        self._shadow.touched()
        return self._connection

    async def play(self, migrations: MigrationList) -> Catalog:
        """Bring it to where the migrations lead, and read what it consists of then. Raises MigrationError."""
        await self._shadow.play(migrations)
        return await read_catalog(self._connection)

    async def sum(self, migrations: MigrationList) -> str:
        """Bring it to where the migrations lead, and sum it up. Raises MigrationError."""
        await self._shadow.play(migrations)
        return await catalog_sum(self._connection)

    async def run(self, script: str) -> Catalog:
        """Run a script as a migration is run, in one transaction. Raises asyncpg.PostgresError."""
        await run_script(self.connection, script)
        return await read_catalog(self._connection)


@asynccontextmanager
async def trial(session: Session) -> AsyncIterator[Trial]:
    """A trial for the time of a block."""
    shadow = session.engine.shadow
    connection = await connect(await shadow.address())
    try:
        yield Trial(shadow, connection)
    finally:
        await connection.close()
