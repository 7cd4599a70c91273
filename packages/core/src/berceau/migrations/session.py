"""A session of work on a database's migrations: one connection, the schema engine, the migrations, and the lock."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from berceau.config import Config
from berceau.migrations.files import read_migrations, read_schema
from berceau.migrations.lock import only_one
from berceau.migrations.rights import rights_explained
from berceau.migrations.shadow import shadow_database
from berceau.migrations.target import Say, Target, reach

if TYPE_CHECKING:
    from berceau_engine.migrate import MigrationList, SchemaEngine
    from berceau_engine.postgres import Connection, DatabaseUrl
    from berceau_engine.schema import SchemaFile


@dataclass(frozen=True)
class Session:
    """What migrating needs, open for the time of a block.

    Attributes:
        target: the database.
        connection: a connection of our own to it; it holds the lock.
        engine: Prisma's schema engine, with its own connections.
        schema: the composed schema.
        migrations: the migrations as they were read.
    """

    target: Target
    connection: Connection
    engine: SchemaEngine
    schema: tuple[SchemaFile, ...]
    migrations: MigrationList


@asynccontextmanager
async def locked(target: Target, say: Say) -> AsyncIterator[Connection]:
    """A connection to the target that nobody else migrates at the same time.

    Raises as `reach` does, and MigrationStateError when PostgreSQL refuses something to the role in the block.
    """
    connection = await reach(target)
    try:
        with rights_explained(target.url.user):
            async with only_one(connection, say):
                yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def writing(config: Config, target: Target, say: Say, *, shadow: bool = False) -> AsyncIterator[Session]:
    """A session that nobody else has at the same time; with a shadow database if it is asked for.

    Migrations are read after the lock is held. Raises as `reach`, `read_migrations` and `shadow_database` do.
    """
    async with locked(target, say) as connection:
        if not shadow:
            async with _session(config, target, connection, None) as session:
                yield session
            return
        async with (
            shadow_database(target, connection) as shadow_url,
            _session(config, target, connection, shadow_url) as session,
        ):
            yield session


@asynccontextmanager
async def reading(config: Config, target: Target) -> AsyncIterator[Session]:
    """A session that only looks, without the lock. Raises as `reach` and `read_migrations` do."""
    connection = await reach(target)
    try:
        async with _session(config, target, connection, target.shadow_url) as session:
            yield session
    finally:
        await connection.close()


@asynccontextmanager
async def _session(
    config: Config, target: Target, connection: Connection, shadow_url: DatabaseUrl | None
) -> AsyncIterator[Session]:
    from berceau_engine.migrate import SchemaEngine

    migrations, schema = read_migrations(config), read_schema(config)
    async with await SchemaEngine.open(schema, target.url, shadow_url) as engine:
        yield Session(target, connection, engine, schema, migrations)
