"""A client for a schema with every kind of key, and a database of its own for each test."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from berceau import embedded
from berceau.client import BoundSchema, bind
from berceau.generator import DATA_FILE
from berceau.generator.data import render_data
from berceau.testing.factories import Factory, factory
from berceau_engine.migrate import SchemaEngine
from berceau_engine.postgres import DatabaseUrl, connect
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
def server() -> Iterator[DatabaseUrl]:
    """A server for this test process with a database `template` that has the schema's tables."""
    folder = Path(tempfile.mkdtemp(prefix="berceau-factories-")).resolve()
    try:
        url = DatabaseUrl.parse(embedded.start(folder, say=lambda _: None).url)
        asyncio.run(prepare(url))
        yield url
    finally:
        embedded.stop(folder)
        shutil.rmtree(folder)


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
    """The address of an empty database with the schema's tables."""
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
    return bind(path, "factories_client")


@pytest.fixture
async def db(bound: BoundSchema, url: str) -> AsyncIterator[Any]:
    """A connected client, untyped as its types are made for other tests."""
    async with bound.client_class()(datasource={"url": url}) as client:
        yield client


@pytest.fixture
def make(db: Any) -> Factory:
    """The factories."""
    return factory(db)
