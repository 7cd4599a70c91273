"""Comments behind SQL that tell component, model and action."""

from __future__ import annotations

from pathlib import Path

import pytest

from berceau.client import BoundSchema, bind
from berceau.generator import DATA_FILE
from berceau.generator.data import render_data
from berceau.testing.template import Contents
from berceau_engine.schema import SchemaTools


@pytest.fixture
def library(contents: Contents, tmp_path: Path) -> BoundSchema:
    """A client whose authors are of a component, its books of none."""
    path = tmp_path / DATA_FILE
    path.write_bytes(
        render_data(contents.schema, SchemaTools().dmmf(contents.schema), "hash", {"Author": "the-library's"})
    )
    return bind(path, "library_client")


async def test_statements_name_component_model_and_action_if_asked_to(library: BoundSchema, url: str) -> None:
    statements: list[str] = []
    async with library.client_class()(
        url, sql_comments=True, on_query=lambda event: statements.append(event.sql)
    ) as db:
        await db.author.create(data={"name": "Ada", "books": {"create": [{"title": "x"}]}})
        assert all(
            sql.endswith(" /*action='createOne',component='the-library%27s',model='Author'*/") for sql in statements
        )
        statements.clear()
        async with db.tx() as tx:
            assert await tx.book.count() == 1
            await tx.query_raw("SELECT 1 AS one")
            await tx.execute_raw("SELECT 1 AS one")
            await tx.author.delete_many()
    [counted, *raw, deleted] = statements
    assert counted.endswith(" /*action='aggregate',model='Book'*/")
    assert raw == ["SELECT 1 AS one /*action='queryRaw'*/", "SELECT 1 AS one /*action='executeRaw'*/"]
    assert deleted.endswith(" /*action='deleteMany',component='the-library%27s',model='Author'*/")


async def test_raw_sql_for_records_of_a_model_names_it(library: BoundSchema, url: str) -> None:
    statements: list[str] = []
    async with library.client_class()(
        url, sql_comments=True, on_query=lambda event: statements.append(event.sql)
    ) as db:
        await db.author.query_raw('SELECT * FROM "Author" -- all')
        await db.query_first("SELECT 1 AS one;")
    assert statements == [
        "SELECT * FROM \"Author\" -- all /*action='queryRaw',component='the-library%27s',model='Author'*/",
        "SELECT 1 AS one; /*action='queryRaw'*/",
    ]


async def test_statements_have_no_comments_unless_asked_to(library: BoundSchema, url: str) -> None:
    statements: list[str] = []
    async with library.client_class()(url, on_query=lambda event: statements.append(event.sql)) as db:
        await db.author.find_many()
    assert not any("/*" in sql for sql in statements)


async def test_the_last_day_of_the_calendar_goes_with_a_comment_too(library: BoundSchema, url: str) -> None:
    async with library.client_class()(url, sql_comments=True) as db:
        made = await db.author.create(data={"name": "Ada", "born": "9999-12-31T00:00:00Z"})
        assert (await db.author.find_first(where={"born": made.born})).name == "Ada"
