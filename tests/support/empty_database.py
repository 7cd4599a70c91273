"""A new database for each test that asks: `from empty_database import empty_database as empty_database`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from berceau_engine.postgres import DatabaseUrl, connect


@pytest.fixture
async def empty_database(postgres: str) -> AsyncIterator[DatabaseUrl]:
    """Its address; it is dropped afterwards."""
    server = DatabaseUrl.parse(postgres)
    name = f"test_{uuid4().hex}"
    connection = await connect(server)
    try:
        await connection.execute(f"CREATE DATABASE {name}")
        yield server.with_database(name)
        await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    finally:
        await connection.close()
