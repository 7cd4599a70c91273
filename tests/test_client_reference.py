"""The reference of the client (`docs/client`): each of its examples is run, and it leaves nothing out."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

import pytest
from composing import Bench
from examples import Example, examples

from berceau.client import prisma
from berceau.generator import generate
from berceau_engine.migrate import SchemaEngine
from berceau_engine.postgres import DatabaseUrl, connect

FOLDER = Path(__file__).parents[1] / "docs/client"
START = FOLDER / "README.md"
PAGES = [START, *(page for page in sorted(FOLDER.glob("*.md")) if page != START)]
EXAMPLES = [example for page in PAGES for example in examples(page)]
SCHEMA = re.findall(r"^```prisma\n(.*?)^```$", START.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)[0]
DATA = next(example for example in EXAMPLES if example.section == "The examples")
IMPORTS = replace(DATA, text="".join(re.findall(r"^(?:from|import) .*\n|^$", DATA.text, re.MULTILINE)))
"""What every section begins with."""
SECTIONS = list(dict.fromkeys((item.page, item.section) for item in EXAMPLES if item != DATA))


def of(page: Path, section: str) -> list[Example]:
    """The examples of a section that can be run."""
    return [item for item in EXAMPLES if (item.page, item.section) == (page, section) and item.not_run is None]


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str]]:
    """The composed schema of a host whose own models are those of the reference."""
    bench = Bench(tmp_path_factory.mktemp("reference"))
    bench.own("blog.prisma", SCHEMA)
    return [(file.name, file.body) for file in bench.compose().files]


@pytest.fixture(scope="session")
def package(files: list[tuple[str, str]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the generated client."""
    folder = tmp_path_factory.mktemp("client")
    generate(files, Bench(folder).tools.dmmf(files), folder / "berceau_client", "hash")
    return folder


@contextmanager
def imported(package: Path) -> Iterator[None]:
    """The generated package is imported in place of the workspace's own."""
    before = forget()
    sys.path.insert(0, str(package))
    try:
        yield
    finally:
        sys.path.remove(str(package))
        forget()
        sys.modules.update(before)


def forget() -> dict[str, ModuleType]:
    """Have the modules of the client imported anew; returns those that were."""
    return {name: sys.modules.pop(name) for name in list(sys.modules) if name.split(".")[0] == "berceau_client"}


async def run(examples: Iterable[Example], url: str) -> None:
    """Run some examples, one after the other, with a connected client."""
    from berceau_client import Prisma

    async with Prisma(url) as db:
        names: dict[str, Any] = {"db": db, "__name__": "example"}
        for example in examples:
            await example.run(names)


@pytest.fixture(scope="session")
def with_the_data(postgres: str, files: list[tuple[str, str]], package: Path) -> DatabaseUrl:
    """The address of a database with the data that the examples start from, to be copied."""

    async def prepare() -> None:
        await execute(url, "CREATE DATABASE reference")
        async with await SchemaEngine.open(files, url.with_database("reference")) as engine:
            await engine.schema_push(files)
        await run([DATA], str(url.with_database("reference")))

    url = DatabaseUrl.parse(postgres)
    with imported(package):
        asyncio.run(prepare())
    return url


async def execute(url: DatabaseUrl, statement: str) -> None:
    connection = await connect(url)
    await connection.execute(statement)
    await connection.close()


@pytest.mark.parametrize(
    ("page", "section"), SECTIONS, ids=[f"{page.stem}: {section or 'beginning'}" for page, section in SECTIONS]
)
async def test_the_examples_show_what_happens(
    page: Path, section: str, with_the_data: DatabaseUrl, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"reference_{uuid4().hex}"
    await execute(with_the_data, f"CREATE DATABASE {name} TEMPLATE reference")
    url = str(with_the_data.with_database(name))
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setattr(prisma, "_registered", None)
    beginning = of(page, "") if section else []
    try:
        with imported(package):
            await run([IMPORTS, *beginning, *of(page, section)], url)
    finally:
        await execute(with_the_data, f"DROP DATABASE {name} WITH (FORCE)")
