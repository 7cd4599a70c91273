"""What the tests of this package share: project folders whose server ends with them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from berceau import embedded


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
