"""A PostgreSQL of one worker alone: for tests of what all databases of a server share, such as roles, locks, shadows.

A `conftest.py` takes it in place of the server that all workers use: `from worker_server import postgres as postgres`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from berceau.testing.server import own_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The server's address."""
    server, stop = own_server()
    try:
        yield str(server.url)
    finally:
        stop()
