"""What the tests of all packages share beside the test kit's fixtures: its server, for databases of their own."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from berceau.testing.fixtures import session_of

# How long an example takes says how loaded the machine is, and nothing of the code.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest) -> str:
    """The address of the test kit's own server, to make databases and roles on, whose names no other worker takes."""
    return str(session_of(request.config).embedded_server().url)
