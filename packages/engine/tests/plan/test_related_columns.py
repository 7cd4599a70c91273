"""Single related records come as columns, as exactly as the row itself; lists, and SQL of another form, stay JSON."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import pytest

from berceau_engine.compiler import QueryCompiler
from berceau_engine.plan.related_columns import related_as_columns

from .conftest import Runner, placeholder
from .test_types import LISTS, SCALARS

JSON_OBJECT = "JSONB_BUILD_OBJECT"


def all_of(**related: Any) -> dict[str, Any]:
    """A selection of all scalar fields, and of related records."""
    return {"$scalars": True} | {name: {"arguments": {}, "selection": of} for name, of in related.items()}


def sql_of(query: Any) -> str:
    """The text of a `query` node, with `?` for parameters."""
    return "".join(fragment.get("chunk", "?") for fragment in query["fragments"])


def query_of(plan: Any) -> Any:
    """The arguments of the query that is all of a plan."""
    inner = plan["args"]["expr"]
    return (inner["args"] if inner["type"] == "unique" else inner)["args"]


def rewritten(plan: Any) -> tuple[str, Any]:
    """The SQL and the structure that a plan's query is run with."""
    query, structure = related_as_columns(query_of(plan), plan["args"]["structure"])
    return sql_of(query), structure


def test_columns_of_every_type_are_read_as_those_of_the_row(run: Runner) -> None:
    sql, _ = rewritten(run.compile("Everything", "findMany", {}, all_of(parent=all_of())))
    own = re.findall(r'"t0"(\."\w+"[^,]*), ', sql.partition(" FROM ")[0])
    related = re.findall(r'"t1"(\."\w+"\S*) AS "__\d+"', sql)
    assert own == related
    assert len(own) > 40


@pytest.mark.parametrize(
    ("field", "argument", "value", "expected"),
    [(field, placeholder("%1", type_), value, expected) for field, type_, value, expected in SCALARS]
    + [(field, {"set": placeholder("%1", "List", inner)}, value, expected) for field, inner, value, expected in LISTS],
    ids=lambda item: str(item)[:24],
)
async def test_a_value_of_a_related_record_comes_back_as_it_was_written(
    run: Runner, field: str, argument: Any, value: Any, expected: Any
) -> None:
    await run(
        "Everything", "createOne", {"data": {"children": {"create": [{}]}, field: argument}}, values={"%1": value}
    )
    [parent, child] = await run("Everything", "findMany", {"orderBy": [{"id": "asc"}]}, all_of(parent=all_of()))
    assert parent["parent"] is None
    assert child["parent"][field] == expected
    assert type(child["parent"][field]) is type(expected)
    assert {**parent, "parent": None} == {**child["parent"], "parent": None}


async def test_a_list_of_money_is_cast_as_that_of_a_row(run: Runner) -> None:
    amounts = {"set": placeholder("%1", "List", "Float")}
    values = {"%1": [Decimal("1234.50"), Decimal("-1")]}
    await run("Purse", "createOne", {"data": {"from": {"create": {"amounts": amounts}}}}, values=values)
    [first, second] = await run(
        "Purse", "findMany", {"orderBy": [{"id": "asc"}]}, all_of(**{"from": all_of()}, to=all_of())
    )
    assert (first["amounts"], first["from"], first["to"]) == (values["%1"], None, {"id": 2, "amounts": [], "fromId": 1})
    assert (second["amounts"], second["from"]["amounts"], second["to"]) == ([], values["%1"], None)


async def test_records_are_related_over_several_steps_some_of_which_are_missing(run: Runner) -> None:
    users = [
        {"name": "Ada", "posts": {"create": [{"title": "a"}]}, "profile": {"create": {"bio": "x"}}},
        {"name": "Bob", "posts": {"create": [{"title": "b"}, {"title": "c"}]}},
    ]
    for user in users:
        await run("User", "createOne", {"data": user})
    counted = {"_count": {"arguments": {}, "selection": {"posts": True, "groups": True}}}
    author = all_of(profile=all_of(user=all_of()), posts=all_of(author=all_of())) | counted
    plan = run.compile("Post", "findMany", {"orderBy": [{"id": "asc"}]}, all_of(author=author))
    sql, _ = rewritten(plan)
    assert sql.count(JSON_OBJECT) == 3  # the author's posts, the author of each, the counts
    ada, bob, bob_too = [post["author"] for post in await run.plan(plan)]
    assert ada["profile"] == {"id": 1, "bio": "x", "userId": 1, "user": {"id": 1, "name": "Ada", "rank": 0}}
    assert ada["_count"] == {"posts": 1, "groups": 0}
    assert (bob["profile"], bob["_count"]) == (None, {"posts": 2, "groups": 0})
    assert [(post["title"], post["author"]["name"]) for post in bob["posts"]] == [("b", "Bob"), ("c", "Bob")]
    assert bob == bob_too


async def test_conditions_keep_their_parameters(run: Runner) -> None:
    for name, number in (("ada", 1), ("bob", 2)):
        seat = {"create": [{"row": 1, "number": number}, {"row": 2, "number": number}]}
        await run("User", "createOne", {"data": {"name": name, "seats": seat}})
    wanted = {"where": {"name": {"contains": placeholder("%1", "String")}}}
    found = await run(
        "Seat",
        "findMany",
        {"where": {"row": placeholder("%2", "Int")}, "orderBy": [{"number": "asc"}]},
        {"number": True, "user": {"arguments": wanted, "selection": {"name": True}}},
        values={"%1": "b", "%2": 2},
    )
    assert found == [{"number": 1, "user": None}, {"number": 2, "user": {"name": "bob"}}]


@pytest.mark.parametrize("action", ["findMany", "findFirst", "findUnique"])
def test_each_reading_action_has_columns(run: Runner, action: str) -> None:
    where = {"where": {"id": 1}} if action == "findUnique" else {}
    sql, _ = rewritten(run.compile("Post", action, where, all_of(author=all_of())))
    assert JSON_OBJECT not in sql


def test_lists_and_raw_sql_stay_as_they_are(run: Runner) -> None:
    plan = run.compile("User", "findMany", {}, all_of(posts=all_of(author=all_of()), groups=all_of()))
    assert rewritten(plan) == (sql_of(query_of(plan)), plan["args"]["structure"])
    raw = {"type": "rawSql", "sql": "SELECT 1"}
    assert related_as_columns(raw, {"type": "object"}) == (raw, {"type": "object"})


WIDE = """
datasource db {
  provider = "postgresql"
}

generator client {
  provider        = "prisma-client"
  previewFeatures = ["relationJoins"]
}

model Wide {
  id Int @id @map("FROM (x, 'y')")
FIELDS
  next  Wide?  @relation("next", fields: [f0], references: [id])
  nexts Wide[] @relation("next")
}
"""


def wide(fields: int, steps: int) -> tuple[str, Any, str]:
    """What becomes of a query for records of many columns, and for those that they lead to; and what it was."""
    columns = "\n".join(f'  f{number} Int? @map("f \'{number}, )")' for number in range(fields))
    selection = all_of()
    for _ in range(steps):
        selection = all_of(next=selection)
    query = {"arguments": {}, "selection": selection}
    schema = WIDE.replace("FIELDS", columns)
    plan = QueryCompiler(schema).compile({"modelName": "Wide", "action": "findMany", "query": query})
    return *rewritten(plan), sql_of(query_of(plan))


def test_more_fields_than_one_object_takes_are_columns_also_under_names_that_look_like_sql() -> None:
    sql, structure, before = wide(60, 1)
    assert before.count(JSON_OBJECT) == 2
    assert JSON_OBJECT not in sql
    assert """"t1"."FROM (x, 'y')" AS "__2", "t1"."f '0, )" AS "__3",""" in sql
    assert len(structure["fields"]["next"]["fields"]) == 61


@pytest.mark.parametrize(("fields", "comes_as_json"), [(318, False), (319, True), (390, True)])
async def test_no_statement_has_more_columns_than_postgresql_takes(
    run: Runner, fields: int, comes_as_json: bool
) -> None:
    sql, structure, before = wide(fields, steps=4)
    columns = "".join(f""", "f '{number}, )" int""" for number in range(fields))
    await run.connection.execute(f"""BEGIN; CREATE TABLE "Wide" ("FROM (x, 'y')" int{columns})""")
    await run.connection.prepare(sql.replace("?", "1"))
    await run.connection.execute("ROLLBACK")
    assert (sql == before) is comes_as_json
    assert ("presentName" not in json.dumps(structure)) is comes_as_json
