"""A client for a schema with every kind of key, and an empty database for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from schema_client import bound as bound
from schema_client import contents as contents
from schema_client import database as database
from schema_client import url as url

from berceau.client import BoundSchema
from berceau.testing.factories import Factory, factory


@pytest.fixture(scope="session")
def schema_folder() -> Path:
    """Where the schema is."""
    return Path(__file__).parent


@pytest.fixture
async def db(bound: BoundSchema, url: str) -> AsyncIterator[Any]:
    """A connected client, untyped as its types are made for other tests."""
    async with bound.client_class()(datasource={"url": url}) as client:
        yield client


@pytest.fixture
def make(db: Any) -> Factory:
    """The factories."""
    return factory(db)
