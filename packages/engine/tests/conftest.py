"""A real PostgreSQL for the engine's tests: one of the worker's own, a fresh database for each test."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable, Coroutine

import pytest
from worker_server import postgres as postgres

from berceau_engine.postgres import DatabaseUrl, connect, quote_identifier

MakeDatabase = Callable[[], Coroutine[None, None, DatabaseUrl]]


@pytest.fixture(scope="session")
def server_url(postgres: str) -> DatabaseUrl:
    """The address of this worker's server."""
    return DatabaseUrl.parse(postgres)


@pytest.fixture
async def make_database(server_url: DatabaseUrl) -> AsyncIterator[MakeDatabase]:
    """Makes an empty database at each call; all are dropped after the test."""
    made: list[str] = []

    async def make() -> DatabaseUrl:
        name = f"test_{secrets.token_hex(6)}"
        connection = await connect(server_url)
        await connection.execute(f"CREATE DATABASE {quote_identifier(name)}")
        await connection.close()
        made.append(name)
        return server_url.with_database(name)

    yield make
    connection = await connect(server_url)
    for name in made:
        await connection.execute(f"DROP DATABASE {quote_identifier(name)} WITH (FORCE)")
    await connection.close()


@pytest.fixture
async def database_url(make_database: MakeDatabase) -> DatabaseUrl:
    """The address of an empty database of the test's own."""
    return await make_database()
