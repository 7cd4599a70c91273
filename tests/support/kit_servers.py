"""The embedded servers of the test kit, as tests look at them."""

from __future__ import annotations

import fcntl

from berceau.testing.server import EmbeddedServer


def is_gone(server: EmbeddedServer) -> bool:
    """Whether it has been stopped and removed; another run may be at it just now, and is waited for."""
    with server.home.with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return not server.home.exists()
