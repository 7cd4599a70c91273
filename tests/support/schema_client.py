"""A client for the `schema.prisma` in a folder of tests, and an empty database for each test.

A `conftest.py` takes the fixtures that it wants, and says where the schema is:

    from schema_client import bound as bound, contents as contents, database as database, url as url

    @pytest.fixture(scope="session")
    def schema_folder() -> Path: ...
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

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


@pytest.fixture(scope="session")
def contents(schema_folder: Path) -> Contents:
    """What the database is made from."""
    models = (schema_folder / "schema.prisma").read_text(encoding="utf-8")
    return Contents((("main.prisma", MAIN), ("models.prisma", models)), MigrationList(Path("none")), schema_folder.name)


@pytest.fixture(scope="session")
def bound(contents: Contents, tmp_path_factory: pytest.TempPathFactory) -> BoundSchema:
    """The run time of the client."""
    path = tmp_path_factory.mktemp("client") / DATA_FILE
    path.write_bytes(render_data(contents.schema, SchemaTools().dmmf(contents.schema), "hash"))
    return bind(path, f"test_{contents.family}")


@pytest.fixture(scope="session")
def database(request: pytest.FixtureRequest, contents: Contents, bound: BoundSchema) -> Iterator[WorkerDatabase]:
    """The test kit's database with the schema's tables."""
    database = session_of(request.config).another(contents.family, contents, bound.client_class())
    yield database
    database.close(drop=True)


@pytest.fixture
def url(database: WorkerDatabase) -> str:
    """The address of the database, whose tables are empty."""
    database.prepare(None, None)
    return str(database.url)
