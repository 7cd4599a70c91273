"""A client for a schema with every kind of key, and an empty database for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from berceau.client import BoundSchema, bind
from berceau.generator import DATA_FILE
from berceau.generator.data import render_data
from berceau.testing.factories import Factory, factory
from berceau.testing.fixtures import session_of
from berceau.testing.template import Contents
from berceau.testing.worker import WorkerDatabase
from berceau_engine.migrate import MigrationList
from berceau_engine.schema import SchemaTools

MAIN = """\
generator client {
  provider = "prisma-client"
}

datasource db {
  provider = "postgresql"
}
"""
FILES = [("main.prisma", MAIN), ("models.prisma", (Path(__file__).parent / "schema.prisma").read_text())]


@pytest.fixture(scope="session")
def bound(tmp_path_factory: pytest.TempPathFactory) -> BoundSchema:
    """The run time of the client."""
    path = tmp_path_factory.mktemp("client") / DATA_FILE
    path.write_bytes(render_data(FILES, SchemaTools().dmmf(FILES), "hash"))
    return bind(path, "factories_client")


@pytest.fixture(scope="session")
def database(request: pytest.FixtureRequest, bound: BoundSchema) -> Iterator[WorkerDatabase]:
    """The test kit's database with the schema's tables."""
    contents = Contents(tuple(FILES), MigrationList(Path("none")), "the factories' tests")
    database = session_of(request.config).another("factories", contents, bound.client_class())
    yield database
    database.close(drop=True)


@pytest.fixture
def url(database: WorkerDatabase) -> str:
    """The address of the database, whose tables are empty."""
    database.prepare(None, None)
    return str(database.url)


@pytest.fixture
async def db(bound: BoundSchema, url: str) -> AsyncIterator[Any]:
    """A connected client, untyped as its types are made for other tests."""
    async with bound.client_class()(datasource={"url": url}) as client:
        yield client


@pytest.fixture
def make(db: Any) -> Factory:
    """The factories."""
    return factory(db)
