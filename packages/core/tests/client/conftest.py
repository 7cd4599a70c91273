"""A generated client for a small schema, and an empty database for each test."""

from __future__ import annotations

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
from berceau_engine.migrate import MigrationList
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
CONTENTS = Contents(tuple(FILES), MigrationList(Path("none")), "the client's tests")


@pytest.fixture(scope="session")
def bound(tmp_path_factory: pytest.TempPathFactory) -> BoundSchema:
    """The run time of the client."""
    path = tmp_path_factory.mktemp("client") / DATA_FILE
    path.write_bytes(render_data(FILES, SchemaTools().dmmf(FILES), "hash"))
    return bind(path, "test_client")


@pytest.fixture(scope="session")
def database(request: pytest.FixtureRequest, bound: BoundSchema) -> Iterator[WorkerDatabase]:
    """The test kit's database with the schema's tables."""
    database = session_of(request.config).another("client", CONTENTS, bound.client_class())
    yield database
    database.close(drop=True)


@pytest.fixture
def url(database: WorkerDatabase) -> str:
    """The address of the database, whose tables are empty."""
    database.prepare(None, None)
    return str(database.url)


@pytest.fixture
def own_url(request: pytest.FixtureRequest, bound: BoundSchema) -> Iterator[str]:
    """The address of a copy of it, for a test that changes more than rows."""
    database = session_of(request.config).another("own_client", CONTENTS, bound.client_class())
    yield str(database.url)
    database.close(drop=True)


@pytest.fixture
def events() -> list[Any]:
    """The statements that `db` has run."""
    return []


@pytest.fixture
async def db(bound: BoundSchema, url: str, events: list[Any]) -> AsyncIterator[Any]:
    """A client connected in the test's own event loop, as applications have it; the tests of its types are elsewhere,
    so it is untyped here."""
    async with bound.client_class()(datasource={"url": url}, on_query=events.append) as client:
        yield client
