"""LIMIT with a number that the plan sets is text, so that PostgreSQL plans a prepared statement once."""

from __future__ import annotations

from typing import Any

import pytest

from berceau_engine.plan.sql import Template

from .conftest import Runner, placeholder
from .test_related_columns import query_of

ID = placeholder("%1", "Int")


@pytest.mark.parametrize(
    ("arguments", "end", "left"),
    [
        ({"take": 3}, " LIMIT 3", []),
        ({"take": 3, "skip": 0}, " LIMIT 3 OFFSET 0", []),
        ({"take": 3, "skip": 20}, " LIMIT 3 OFFSET $1", ["20"]),
        ({"where": {"title": "5"}, "take": 1}, '"title" = $1 ORDER BY "t0"."id" ASC LIMIT 1', ["5"]),
        ({"where": {"title": " LIMIT "}}, '"title" = $1', [" LIMIT "]),
    ],
)
def test_fixed_numbers_are_text(run: Runner, arguments: Any, end: str, left: list[Any]) -> None:
    template = Template(query_of(run.compile("Post", "findMany", arguments)))
    assert template.fixed_sql is not None
    assert template.fixed_sql.endswith(end)
    assert template.values({}) == left


async def test_a_limited_query_is_planned_once_for_all_values(run: Runner) -> None:
    await run.connection.execute(
        """
        INSERT INTO "User" (name) VALUES ('Ada');
        INSERT INTO "Post" (title, "authorId") SELECT i, 1 FROM generate_series(1, 5000) i;
        ANALYZE "Post";
        """
    )
    arguments = {"where": {"id": {"gte": ID}}, "orderBy": [{"id": "asc"}], "take": 20}
    plan = run.compile("Post", "findMany", arguments)
    for first in range(1, 4000, 200):
        assert [post["id"] for post in await run.plan(plan, {"%1": first})] == list(range(first, first + 20))
    planned = await run.connection.fetchrow(
        """
        SELECT sum(generic_plans), sum(custom_plans) FROM pg_prepared_statements
        WHERE statement LIKE 'SELECT "t0"%'
        """
    )
    assert planned is not None
    assert tuple(planned) == (15, 5)  # PostgreSQL first makes five plans for the values at hand, to compare.
