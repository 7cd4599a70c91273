"""A generated client for a small schema, and an empty database for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from schema_client import bound as bound
from schema_client import contents as contents
from schema_client import database as database
from schema_client import url as url

from berceau.client import BoundSchema
from berceau.testing.fixtures import session_of
from berceau.testing.template import Contents


@pytest.fixture(scope="session")
def schema_folder() -> Path:
    """Where the schema is."""
    return Path(__file__).parent


@pytest.fixture
def own_url(request: pytest.FixtureRequest, contents: Contents, bound: BoundSchema) -> Iterator[str]:
    """The address of a copy of it, for a test that changes more than rows."""
    database = session_of(request.config).another("own_client", contents, bound.client_class())
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
