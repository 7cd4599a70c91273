"""What the tests of this package share: project folders whose server ends with them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from berceau import embedded

HERE = Path(__file__).parent

SLOW = {
    *("test_build.py", "test_cli.py", "test_cli_db.py", "test_cli_migrate.py", "test_concurrency.py", "test_dev.py"),
    *("test_discovery.py", "test_embedded.py", "test_fastapi.py", "test_generator.py", "test_odd_values.py"),
    *("test_given_pool.py", "test_older_server.py", "test_plugin.py", "test_server.py", "test_troubleshooting.py"),
}
"""Modules whose tests start processes or servers, or draw many examples; all those of migrations are slow, too."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is no part of the core suite, which `nox -s random_order` runs many times."""
    for item in items:
        if item.path.is_relative_to(HERE) and (item.path.name in SLOW or item.path.parent.name == "migrations"):
            item.add_marker("slow")


@pytest.fixture
def project() -> Iterator[Path]:
    """An empty project folder with a short path; its embedded server is stopped at the end."""
    with project_folder() as folder:
        yield folder


@contextmanager
def project_folder() -> Iterator[Path]:
    """Not below pytest's folder, which only its owner may enter: run by root, the server is another user."""
    path = Path(tempfile.mkdtemp(prefix="berceau-test-")).resolve()
    try:
        yield path
    finally:
        embedded.stop(path)
        shutil.rmtree(path)
