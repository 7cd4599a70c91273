"""What the tests of all packages share beside the test kit: a PostgreSQL of their own, whose databases they make."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parent

# How long an example takes says how loaded the machine is, and nothing of the code.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL of this worker's own, kept in memory and by the settings of the test kit's."""
    from berceau.testing.server import own_server

    server, stop = own_server()
    try:
        yield str(server.url)
    finally:
        stop()


@pytest.fixture(scope="session")
def template_database(postgres: str) -> str:
    """The name of a database with the tables of all components, to be copied."""
    asyncio.run(_make_template(postgres))
    return "with_tables"


async def _make_template(postgres: str) -> None:
    from berceau.composition import compose
    from berceau.config import load_config
    from berceau.discovery import discover
    from berceau_engine.migrate import SchemaEngine
    from berceau_engine.postgres import DatabaseUrl, connect
    from berceau_engine.schema import SchemaTools

    config = load_config(ROOT)
    composed = compose(config, discover(config), SchemaTools())
    url = DatabaseUrl.parse(postgres)
    connection = await connect(url)
    await connection.execute("CREATE DATABASE with_tables")
    await connection.close()
    files = [(file.name, file.body) for file in composed.files]
    async with await SchemaEngine.open(files, url.with_database("with_tables")) as engine:
        await engine.schema_push(files)


@pytest.fixture
async def database_url(postgres: str, template_database: str) -> AsyncIterator[str]:
    """The address of an empty database with all tables, for one test alone."""
    from berceau_engine.postgres import DatabaseUrl, connect

    url = DatabaseUrl.parse(postgres)
    name = f"test_{uuid4().hex}"
    connection = await connect(url)
    try:
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template_database}")
        yield str(url.with_database(name))
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await connection.close()
