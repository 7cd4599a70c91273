"""Any schema, any change of it: up, down, up, the database equals the schema each time and other rows are untouched.

A schema has up to three models and two enums, in one or two PostgreSQL schemas: ids of six kinds, two of them columns;
all scalar and native types but Xml, optional, required and as lists; defaults of each kind; unique keys and indexes of
each type; relations of all kinds, also to itself, with their actions; mapped names; now and then a view. Mostly the
other schema comes from a few changes of it: something is added, dropped, renamed, moved, or becomes something else.

Each table has rows, with parents. Each question is answered, one way or the other. When it is said that the rows do
not allow a migration, that is tried, and the migration goes on without them.

`nox -s there_and_back` tries 300 pairs; among the tests there are a few, always the same. With
`BERCEAU_NO_SHRINK=1` what fails is shown as it was drawn, at once.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from berceau.errors import MigrationStateError
from berceau.migrations import Request, UndecidedError
from berceau.migrations.catalog import read_catalog
from berceau.migrations.planning import Plan
from berceau_engine.migrate import MigrationList

from .drawing import pairs
from .drawn import Schema
from .rows import fill
from .there_and_back import Bench, bench

EXAMPLES = int(os.environ.get("BERCEAU_THERE_AND_BACK", "4"))


@pytest.fixture(scope="module")
def opened(postgres: str) -> Iterator[tuple[Bench, asyncio.Runner]]:
    with bench(postgres) as found:
        yield found


@settings(
    max_examples=EXAMPLES,
    derandomize=EXAMPLES < 100,
    phases=[Phase.generate] if "BERCEAU_NO_SHRINK" in os.environ else list(Phase),
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
@given(pair=pairs(), data=st.data())
def test_there_and_back(opened: tuple[Bench, asyncio.Runner], pair: tuple[Schema, Schema], data: st.DataObject) -> None:
    assume(pair[0].text != pair[1].text)
    one, runner = opened
    try:
        runner.run(go(one, pair, data))
    except Exception as error:
        error.add_note("\n=>\n".join(schema.text for schema in pair))
        raise


async def go(bench: Bench, pair: tuple[Schema, Schema], data: st.DataObject) -> None:
    before, after = (schema.text for schema in pair)
    history = await bench.begin(before, "", pair[0].view)
    await fill(bench.connection, await read_catalog(bench.connection))
    plan, request = await planned(bench, history, after, Request(name="next", asks=True), data)
    if plan is not None and request.create_only:
        await bench.check_draft(history, after, plan)
    elif plan is not None:
        await bench.check(history, before, after, plan)


async def planned(
    bench: Bench, history: MigrationList, after: str, request: Request, data: st.DataObject
) -> tuple[Plan | None, Request]:
    """The migration after all questions have been answered; without the rows if they do not allow it."""
    while True:
        try:
            return await bench.plan(history, after, request), request
        except UndecidedError as question:
            if question.renames:
                rename = str(question.renames[0])
                yes = data.draw(st.booleans(), label=rename)
                request = request.answered(**{"renamed" if yes else "kept": [rename]})
            else:
                names = [data.draw(st.sampled_from(sorted(loss.names))) for loss in question.losses]
                request = request.answered(drops=names)
        except MigrationStateError as error:
            if "views stand on what changes" in str(error):
                request = replace(request, create_only=True)
            elif "rows that are there do not allow" in str(error):
                await bench.refuses(history, after, replace(request, create_only=True))
                await bench.empty()
            else:
                raise
