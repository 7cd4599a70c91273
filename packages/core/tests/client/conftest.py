"""A generated client for a small schema, and an empty database for each test."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from berceau.client import BoundSchema, bind
from berceau.generator import DATA_FILE
from berceau.generator.data import render_data
from berceau.testing.fixtures import session_of
from berceau.testing.template import Contents
from berceau.testing.worker import WorkerDatabase
from berceau_engine.migrate import MigrationList, SchemaEngine
from berceau_engine.postgres import DatabaseUrl, connect
from berceau_engine.schema import SchemaTools

MAIN = """\
generator client {
  provider        = "prisma-client"
  previewFeatures = ["relationJoins"]
}

datasource db {
  provider = "postgresql"
}
"""
FILES = [("main.prisma", MAIN), ("models.prisma", (Path(__file__).parent / "schema.prisma").read_text())]


@pytest.fixture(scope="session")
def server(postgres: str) -> DatabaseUrl:
    """The server of this test process, with a database `template` that has the schema's tables."""
    url = DatabaseUrl.parse(postgres)
    asyncio.run(prepare(url))
    return url


async def prepare(url: DatabaseUrl) -> None:
    """Make the template."""
    connection = await connect(url)
    await connection.execute("CREATE DATABASE template")
    await connection.close()
    engine = await SchemaEngine.open(FILES, url.with_database("template"))
    try:
        await engine.schema_push(FILES)
    finally:
        await engine.close()


@pytest.fixture
async def url(server: DatabaseUrl) -> AsyncIterator[str]:
    """The address of an empty database with the schema's tables, for a test that changes or counts more than rows."""
    name = f"test_{secrets.token_hex(6)}"
    admin = await connect(server)
    await admin.execute(f"CREATE DATABASE {name} TEMPLATE template")
    try:
        yield str(server.with_database(name))
    finally:
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await admin.close()


@pytest.fixture(scope="session")
def bound(tmp_path_factory: pytest.TempPathFactory) -> BoundSchema:
    """The run time of the client."""
    path = tmp_path_factory.mktemp("client") / DATA_FILE
    path.write_bytes(render_data(FILES, SchemaTools().dmmf(FILES), "hash"))
    return bind(path, "test_client")


@pytest.fixture(scope="session")
def database(request: pytest.FixtureRequest, bound: BoundSchema) -> Iterator[WorkerDatabase]:
    """The test kit's database with the schema's tables."""
    contents = Contents(tuple(FILES), MigrationList(Path("none")), "the client's tests")
    database = session_of(request.config).another("client", contents, bound.client_class())
    yield database
    database.close(drop=True)


@pytest.fixture
def events() -> list[Any]:
    """The statements that `db` has run."""
    return []


@pytest.fixture
async def db(bound: BoundSchema, database: WorkerDatabase, events: list[Any]) -> AsyncIterator[Any]:
    """A client connected in the test's own event loop, as applications have it; the tests of its types are elsewhere,
    so it is untyped here."""
    database.prepare(None, None)
    async with bound.client_class()(datasource={"url": str(database.url)}, on_query=events.append) as client:
        yield client
