"""The reference of the client (`docs/client`): each of its examples is run, and it leaves nothing out."""

from __future__ import annotations

import ast
import asyncio
import inspect
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

from berceau.client import Base64, Json, errors, prisma
from berceau.client.batch import Batch, BatchActions
from berceau.client.engine import CacheStatistics
from berceau.client.names import python_name
from berceau.client.transactions import TransactionManager
from berceau.generator import generate
from berceau_engine import plan
from berceau_engine.errors import BY_CODE
from berceau_engine.migrate import SchemaEngine
from berceau_engine.postgres import DatabaseUrl, connect
from berceau_engine.url import PARAMETERS

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
    """The examples of a section."""
    return [item for item in EXAMPLES if (item.page, item.section) == (page, section)]


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
def with_the_data(postgres: str, files: list[tuple[str, str]], package: Path) -> Iterator[DatabaseUrl]:
    """The address of a database with the data that the examples start from, to be copied with its schema `public`."""
    name = f"reference_{uuid4().hex}"
    server = DatabaseUrl.parse(postgres)
    url = server.with_database(name)

    async def prepare() -> None:
        await execute(server, f"CREATE DATABASE {name}")
        async with await SchemaEngine.open(files, url) as engine:
            await engine.schema_push(files)
        await run([DATA], str(url))

    with imported(package):
        asyncio.run(prepare())
    yield url
    asyncio.run(execute(server, f"DROP DATABASE {name} WITH (FORCE)"))


async def execute(url: DatabaseUrl, statement: str) -> None:
    connection = await connect(url)
    await connection.execute(statement)
    await connection.close()


@pytest.mark.parametrize(
    ("page", "section"), SECTIONS, ids=[f"{page.stem}: {section or 'beginning'}" for page, section in SECTIONS]
)
async def test_the_examples_show_what_happens(
    page: Path, section: str, postgres: str, with_the_data: DatabaseUrl, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"reference_{uuid4().hex}"
    server = DatabaseUrl.parse(postgres)
    await execute(server, f"CREATE DATABASE {name} TEMPLATE {with_the_data.database}")
    url = str(server.with_database(name))
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setattr(prisma, "_registered", None)
    beginning = of(page, "") if section else []
    try:
        with imported(package):
            await run([IMPORTS, *beginning, *of(page, section)], url)
    finally:
        await execute(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.parametrize(
    "text",
    [
        "1  # → 2",
        "1  # → True",
        "x = 1\n# → 2",
        "if True:\n    'a'\n    # → 'b…'",
        "[1, 2]\n# → [\n#     1,\n#   ]",
        "1 / 0\n# raises ValueError",
        "1 / 0\n# raises ZeroDivisionError: of something else",
        "1\n# raises ValueError: …",
        "import os\n# → 3",
        "\n# → 3",
    ],
)
async def test_an_example_that_shows_what_is_not_so_is_found(text: str) -> None:
    with pytest.raises(AssertionError):
        await Example(START, "", 1, f"{text}\n").run({})


CODE = "\n".join(example.text for example in EXAMPLES)
TEXT = {page.name: page.read_text(encoding="utf-8") for page in PAGES}


def public(kind: Any) -> list[str]:
    """The names that a class or an object offers."""
    return [name for name in dir(kind) if not name.startswith("_")]


def test_every_operation_and_each_of_its_arguments_has_an_example(package: Path) -> None:
    with imported(package):
        from berceau_client import Prisma

        operations = Prisma("").user
        missing = [name for name in public(operations) if f".{name}(" not in CODE and f".{name}." not in CODE]
        assert missing == []
        for name in public(operations):
            method = getattr(operations, name)
            arguments = inspect.signature(method).parameters.values() if callable(method) else ()
            named = [item.name for item in arguments if item.kind is item.KEYWORD_ONLY or item.default is None]
            assert [argument for argument in named if f"{argument}=" not in CODE] == [], name


@pytest.mark.parametrize(
    "kind", [prisma.Prisma, TransactionManager, Batch, BatchActions, CacheStatistics, Json, Base64]
)
def test_every_method_is_explained(kind: type) -> None:
    names = public(kind)
    text = "\n".join(TEXT.values())
    assert [name for name in names if not re.search(rf"[.`]{name}\b", text)] == []


def test_every_argument_of_the_client_and_of_a_transaction_is_explained() -> None:
    for function, page in [(prisma.Prisma.__init__, "connecting.md"), (prisma.Prisma.tx, "transactions.md")]:
        names = [name for name in inspect.signature(function).parameters if name != "self"]
        assert [name for name in names if f"| `{name}` |" not in TEXT[page]] == []


def test_every_parameter_of_the_address_is_explained() -> None:
    [table] = re.findall(r"^\| parameter \|.*?\n\n", TEXT["connecting.md"], re.MULTILINE | re.DOTALL)
    assert set(re.findall(r"`(\w+)`", "\n".join(line.split("|")[1] for line in table.strip().split("\n")))) == {
        *PARAMETERS
    }


@pytest.mark.parametrize(
    ("inputs", "page"),
    [
        (r"(?<!WithAggregates)Filter$", "filters.md"),
        (r"WithAggregatesFilter$", "aggregates.md"),
        (r"FieldUpdateOperationsInput$|Update(languages|numbers|roles)Input$", "writing.md"),
        (r"NestedInput$|CreateNested(One|Many)\w+Input$", "nested-writes.md"),
        (r"SortOrderInput$|OrderByRelationAggregateInput$", "reading.md"),
    ],
)
def test_every_operator_of_the_schema_has_an_example(files: list[tuple[str, str]], inputs: str, page: str) -> None:
    types = Bench(Path()).tools.dmmf(files)["schema"]["inputObjectTypes"]["prisma"]
    operators = {field["name"] for type_ in types if re.search(inputs, type_["name"]) for field in type_["fields"]}
    if page == "aggregates.md":  # The others are those of filters.
        operators = {name for name in operators if name.startswith("_")}
    code = "\n".join(example.text for example in EXAMPLES if example.page.name == page)
    assert operators
    assert [name for name in operators if f'"{python_name(name)}"' not in code] == []


ERRORS = [line.split(" | ") for line in TEXT["errors.md"].split("\n") if re.match(r"\| `\w+Error`", line)]
"""The rows of all tables of errors."""


def codes(text: str) -> set[str]:
    """Prisma's codes in a text."""
    return set(re.findall(r"\bP\d{4}\b", text))


def documented_codes() -> dict[str, set[str]]:
    """The codes of each class of errors, as the tables have them; a row of several classes has as many codes."""
    found: dict[str, set[str]] = {}
    for row in ERRORS:
        names, given = re.findall(r"`(\w+Error)`", row[0]), re.findall(r"\bP\d{4}\b", " ".join(row[:2]))
        parts = [given] if len(names) == 1 else [[code] for code in given] or [[]] * len(names)
        found |= {name: set(part) for name, part in zip(names, parts, strict=True)}
    return found


def raised_codes() -> Iterator[tuple[str, str, str]]:
    """The classes of errors that the sources make with a code of their own: file, class and code."""
    for path in (*Path(prisma.__file__).parent.glob("*.py"), *Path(plan.__file__).parents[1].rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.endswith("Error"):
                for word in node.keywords:
                    if word.arg == "code" and isinstance(word.value, ast.Constant):
                        yield path.name, node.func.id, word.value.value


def test_every_error_stands_in_a_table() -> None:
    assert set(errors.__all__) - documented_codes().keys() == set()
    assert len(ERRORS) == len({row[0] for row in ERRORS})


def test_the_tables_of_errors_have_the_codes_of_the_classes() -> None:
    described = documented_codes()
    assert described == {name: codes(getattr(errors, name).__doc__) for name in errors.__all__}
    by_code = {code: kind.__name__ for code, kind in BY_CODE.items() if code != "P2013"}  # P2013 is of other versions.
    assert [(code, name) for code, name in by_code.items() if code not in described[name]] == []
    assert [found for found in raised_codes() if found[1] in described and found[2] not in described[found[1]]] == []
