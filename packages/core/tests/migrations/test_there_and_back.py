"""Any schema, any change of it: up, down, up, the database equals the schema each time and other rows are untouched.

`nox -s there_and_back` tries 300 of them; among the tests there are a few, always the same.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from berceau.errors import MigrationStateError
from berceau.migrations import Request, UndecidedError

from .there_and_back import Bench, bench

EXAMPLES = int(os.environ.get("BERCEAU_THERE_AND_BACK", "4"))

TYPES = [
    *(
        "Int",
        "Int @db.SmallInt",
        "BigInt",
        "Float",
        "Float @db.Real",
        "Decimal",
        "Decimal @db.Decimal(8, 3)",
        "Boolean",
    ),
    *("Decimal @db.Money", "Int @db.Oid", "String", "String @db.VarChar(40)", "String @db.Char(4)", "String @db.Uuid"),
    *(
        "String @db.Inet",
        "String @db.Bit(3)",
        "String @db.VarBit(9)",
        "DateTime",
        "DateTime @db.Date",
        "DateTime @db.Time",
    ),
    *("DateTime @db.Timetz(3)", "DateTime @db.Timestamptz(6)", "DateTime @db.Timestamp(0)", "Json @db.JsonB", "Bytes"),
]


@pytest.fixture(scope="module")
def opened(postgres: str) -> Iterator[tuple[Bench, asyncio.Runner]]:
    with bench(postgres) as found:
        yield found


@st.composite
def fields(draw: st.DrawFn, enum: bool) -> dict[str, str]:
    """Columns of one model: all may be empty, so that rows never stand against a change."""
    kinds = st.sampled_from([*TYPES, *(["Colour"] if enum else [])])
    names = draw(st.lists(st.sampled_from("abcdef"), unique=True, max_size=5))
    found = {}
    for name in names:
        kind, _, native = draw(kinds).partition(" ")
        arity = draw(st.sampled_from(["?", "?", "[]"]))
        mapped = draw(st.sampled_from(["", "", f' @map("the_{name}")']))
        found[name] = f"{kind}{arity} {native}{mapped}".rstrip()
    return found


@st.composite
def schemas(draw: st.DrawFn) -> str:
    """A schema: models M0 to M2, an enum, relations between neighbours, indexes."""
    colours = draw(st.lists(st.sampled_from(["RED", "GREEN", "BLUE", "GREY"]), unique=True, min_size=1))
    parts = ["enum Colour {\n" + "".join(f"  {colour}\n" for colour in colours) + "}\n"]
    count = draw(st.integers(1, 3))
    related = [draw(st.sampled_from(["", "one", "many"])) for _ in range(count)]
    for number in range(count):
        columns = draw(fields(enum=True))
        lines = ["id Int @id @default(autoincrement())", *(f"{name} {kind}" for name, kind in columns.items())]
        if number and related[number]:
            other = f"M{number - 1}"
            lines += (
                ["upId Int?", f"up {other}? @relation(fields: [upId], references: [id])"]
                if related[number] == "one"
                else [f"ups {other}[]"]
            )
        if number + 1 < count and related[number + 1]:
            lines.append(f"downs M{number + 1}[]")
        plain = [name for name, kind in columns.items() if not kind.startswith(("Json", "Bytes")) and "[]" not in kind]
        if plain and draw(st.booleans()):
            lines.append(f"@@index([{plain[0]}], type: {draw(st.sampled_from(['BTree', 'Hash']))})")
        lists = [name for name, kind in columns.items() if "[]" in kind and kind.startswith(("Int[", "String[]"))]
        if lists and columns[lists[0]].startswith(("Int[] @map", "String[] @map")) and draw(st.booleans()):
            lines.append(f"@@index([{lists[0]}], type: Gin)")
        parts.append(f"model M{number} {{\n" + "".join(f"  {line}\n" for line in lines) + "}\n")
    return "\n".join(parts)


@settings(
    max_examples=EXAMPLES,
    derandomize=EXAMPLES < 100,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
@given(before=schemas(), after=schemas())
def test_there_and_back(opened: tuple[Bench, asyncio.Runner], before: str, after: str) -> None:
    assume(before != after)
    one, runner = opened
    runner.run(go(one, before, after))


async def go(bench: Bench, before: str, after: str) -> None:
    models = [word for word in ("M0", "M1", "M2") if f"model {word} " in before]
    rows = "".join(f'INSERT INTO "{model}" DEFAULT VALUES;\n' * 2 for model in models)
    history = await bench.begin(before, rows)
    request = Request(name="next")
    try:
        plan = await bench.plan(history, after, request)
    except UndecidedError as question:
        plan = await bench.plan(history, after, request.answered(drops=[loss.name for loss in question.losses]))
    except MigrationStateError as error:
        raise AssertionError(f"{error}\n{before}\n=>\n{after}") from error
    if plan is not None:
        await bench.check(history, before, after, plan)
