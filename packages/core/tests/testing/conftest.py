"""What the test kit's own tests share: a thread for connections, and given servers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from given_servers import Given, given_on

from berceau.testing.background import Background
from berceau_engine.postgres import DatabaseUrl


@pytest.fixture(scope="session")
def background() -> Iterator[Background]:
    """A thread with an event loop."""
    thread = Background()
    yield thread
    thread.close()


@pytest.fixture
def given(postgres: str, background: Background) -> Iterator[Given]:
    """Makes given servers: a database, and a role on it with some rights."""
    with given_on(DatabaseUrl.parse(postgres), background) as make:
        yield make
