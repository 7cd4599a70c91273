"""A client generated for the schema that has everything, imported under a name of its own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from berceau.generator import generate
from berceau_engine.schema import SchemaTools

SCHEMAS = Path(__file__).parent.parent / "schemas"

MAIN = """\
generator client {
  provider        = "prisma-client"
  previewFeatures = ["relationJoins", "views"]
}

datasource db {
  provider = "postgresql"
}
"""


def generated(folder: Path, package: str, schema: str) -> Iterator[ModuleType]:
    """Generate a client, and import it as long as it is wanted."""
    files = [("main.prisma", MAIN), ("models.prisma", schema)]
    generate(files, SchemaTools().dmmf(files), folder / package, "hash")
    sys.path.insert(0, str(folder))
    try:
        yield import_module(package)
    finally:
        sys.path.remove(str(folder))
        for name in [name for name in sys.modules if name.split(".")[0] == package]:
            del sys.modules[name]


@pytest.fixture(scope="session")
def kitchen_sink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The client for the schema with every shape that there is."""
    schema = (SCHEMAS / "kitchen_sink.prisma").read_text()
    yield from generated(tmp_path_factory.mktemp("kitchen_sink"), "kitchen_sink_client", schema)
