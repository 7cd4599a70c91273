"""The embedded server of a project: shared by those who use it at the same time, stopped by the last."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from kit_servers import is_gone

from berceau.testing.server import EmbeddedServer, own_server


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    EmbeddedServer(tmp_path).leave(keep=False)


def test_the_last_to_leave_stops_it_and_what_nobody_uses_is_stopped_by_the_next(root):
    first, second = EmbeddedServer(root), EmbeddedServer(root)
    assert first.start() == second.start()
    first.leave(keep=False)
    assert second.running
    second.leave(keep=True)
    assert second.running

    another, stop = own_server()
    assert second.running
    assert another.url != second.start().url
    second.leave(keep=True)
    shutil.rmtree(root)  # of a project that is gone, nothing is kept
    stop()
    _, stop = own_server()
    stop()
    assert is_gone(second)
