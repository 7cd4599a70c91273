"""Each node of a plan does what the compiler means by it: on real queries, and where those are rare, by hand."""

from __future__ import annotations

import re
from typing import Any

import pytest

from berceau_engine.errors import (
    DataError,
    EngineError,
    ForeignKeyViolationError,
    RawQueryError,
    RecordNotFoundError,
    RelationViolationError,
    TableNotFoundError,
    UniqueViolationError,
)
from berceau_engine.plan import Plan
from berceau_engine.plan.nodes import NODES

from .conftest import Runner, nodes_of, placeholder

ALL = {"$scalars": True}


def relation(name: str, **arguments: Any) -> dict[str, Any]:
    """A selection of all scalars and one relation."""
    return {"$scalars": True, name: {"arguments": arguments, "selection": ALL}}


def value(item: Any) -> dict[str, Any]:
    """A value node."""
    return {"type": "value", "args": item}


async def people(run: Runner, *names: str) -> list[int]:
    """Create users with these names, each with two posts; returns their ids."""
    ids = []
    for name in names:
        posts = {"create": [{"title": f"{name} 1"}, {"title": f"{name} 2"}]}
        user = await run("User", "createOne", {"data": {"name": name, "posts": posts}})
        ids.append(user["id"])
    return ids


async def test_value_literals_placeholders_and_generators(run: Runner) -> None:
    assert await run.plan(
        value([1, {"prisma__type": "param", "prisma__value": {"name": "%1", "type": "Int"}}]), {"%1": 5}
    ) == [
        1,
        5,
    ]
    call = {"prisma__type": "generatorCall", "prisma__value": {"name": "product", "args": [[1, 2], ["a"]]}}
    assert await run.plan(value(call)) == [[1, "a"], [2, "a"]]


async def test_now_is_one_instant_for_a_whole_query(run: Runner) -> None:
    now = {"prisma__type": "generatorCall", "prisma__value": {"name": "now", "args": []}}
    first, second = await run.plan({"type": "concat", "args": [value(now), value(now)]})
    assert first is second
    assert first.microsecond % 1000 == 0


async def test_now_is_one_instant_across_inner_scopes(run: Runner) -> None:
    now = {"prisma__type": "generatorCall", "prisma__value": {"name": "now", "args": []}}

    def bound(name: str) -> dict[str, Any]:
        body = {"type": "get", "args": {"name": name}}
        return {"type": "let", "args": {"bindings": [{"name": name, "expr": value(now)}], "expr": body}}

    first, second = await run.plan({"type": "concat", "args": [bound("a"), bound("b")]})
    assert first is second


async def test_let_binds_get_reads_and_an_inner_name_hides_an_outer_one(run: Runner) -> None:
    def get(name: str) -> dict[str, Any]:
        return {"type": "get", "args": {"name": name}}

    def let(name: str, to: Any, then: Any) -> dict[str, Any]:
        return {"type": "let", "args": {"bindings": [{"name": name, "expr": to}], "expr": then}}

    inner = let("x", value(2), get("x"))
    plan = let("x", value(1), {"type": "concat", "args": [inner, get("x")]})
    assert await run.plan(plan) == [2, 1]


async def test_seq_gives_the_last_value_and_unit_nothing(run: Runner) -> None:
    assert await run.plan({"type": "seq", "args": [value(1), value(2)]}) == 2
    assert await run.plan({"type": "unit"}) is None


async def test_get_first_non_empty(run: Runner) -> None:
    bindings = [{"name": "a", "expr": value([])}, {"name": "b", "expr": value([3])}]
    plan = {
        "type": "let",
        "args": {"bindings": bindings, "expr": {"type": "getFirstNonEmpty", "args": {"names": ["a", "b"]}}},
    }
    assert await run.plan(plan) == [3]


async def test_sum_reverse_required_unique_and_map_field(run: Runner) -> None:
    assert await run.plan({"type": "sum", "args": [value(1), value("2")]}) == 3
    assert await run.plan({"type": "reverse", "args": value([1, 2])}) == [2, 1]
    assert await run.plan({"type": "unique", "args": value([7])}) == 7
    assert await run.plan({"type": "unique", "args": value([])}) is None
    records = value([{"a": 1}, {"a": 2}])
    assert await run.plan({"type": "mapField", "args": {"field": "a", "records": records}}) == [1, 2]
    with pytest.raises(EngineError, match="required"):
        await run.plan({"type": "required", "args": value([])})
    with pytest.raises(EngineError, match="at most one"):
        await run.plan({"type": "unique", "args": value([1, 2])})


async def test_if_takes_the_branch_that_its_rule_chooses(run: Runner) -> None:
    def branch(found: Any, rule: dict[str, Any]) -> dict[str, Any]:
        return {"type": "if", "args": {"value": value(found), "rule": rule, "then": value("yes"), "else": value("no")}}

    assert await run.plan(branch([1], {"type": "rowCountEq", "args": 1})) == "yes"
    assert await run.plan(branch(None, {"type": "rowCountEq", "args": 1})) == "no"
    assert await run.plan(branch([], {"type": "rowCountNeq", "args": 0})) == "no"
    assert await run.plan(branch(3, {"type": "affectedRowCountEq", "args": 3})) == "yes"
    assert await run.plan(branch([1], {"type": "never"})) == "no"


async def test_diff_keeps_what_the_other_side_lacks(run: Runner) -> None:
    left, right = value([{"a": 1}, {"a": 2}]), value([{"a": 2}])
    assert await run.plan({"type": "diff", "args": {"from": left, "to": right, "fields": ["a"]}}) == [{"a": 1}]


async def test_initialize_and_map_record(run: Runner) -> None:
    fields = {"n": {"type": "value", "value": 6}}
    made = {"type": "initializeRecord", "args": {"expr": {"type": "unit"}, "fields": fields}}
    for operation, operand, expected in (
        ("set", 1, 1),
        ("add", 2, 8),
        ("subtract", 2, 4),
        ("multiply", 2, 12),
        ("divide", 2, 3),
        ("divide", 0, None),
    ):
        change = {"n": {"type": operation, "value": operand}}
        assert await run.plan({"type": "mapRecord", "args": {"expr": made, "fields": change}}) == {"n": expected}


def test_an_unknown_node_is_refused_when_the_plan_is_made() -> None:
    with pytest.raises(EngineError, match="unknown node: teleport"):
        Plan({"type": "teleport", "args": {}})


async def test_a_query_alone_is_mapped_in_one_pass(run: Runner) -> None:
    await people(run, "Ada")
    plan = run.compile("User", "findMany", {"where": {"name": placeholder("%1", "String")}})
    assert nodes_of(plan) & set(NODES) == {"dataMap", "query"}
    found = await run.plan(plan, {"%1": "Ada"})
    assert [user["name"] for user in found] == ["Ada"]


async def test_unique_finds_one_or_none(run: Runner) -> None:
    where = {"where": {"name": placeholder("%1", "String")}}
    await people(run, "Ada")
    assert (await run("User", "findUnique", where, values={"%1": "Ada"}))["name"] == "Ada"
    assert await run("User", "findUnique", where, values={"%1": "Bob"}) is None


async def test_relations_come_joined_in_one_statement(run: Runner) -> None:
    await people(run, "Ada", "Bob")
    run.events.clear()
    found = await run("User", "findMany", {"orderBy": [{"name": "asc"}]}, relation("posts"))
    assert [[post["title"] for post in user["posts"]] for user in found] == [["Ada 1", "Ada 2"], ["Bob 1", "Bob 2"]]
    assert len(run.events) == 1


async def test_relations_come_by_one_query_each_and_are_joined_in_memory(run: Runner) -> None:
    await people(run, "Ada", "Bob", "Cy")
    await run("User", "updateMany", {"where": {"name": "Cy"}, "data": {"rank": 9}}, {"count": True})
    arguments = {"orderBy": [{"name": "asc"}], "relationLoadStrategy": "query"}
    plan = run.compile("User", "findMany", arguments, relation("posts"))
    assert "join" in nodes_of(plan)
    found = await run.plan(plan)
    assert [len(user["posts"]) for user in found] == [2, 2, 2]
    single = await run("Post", "findMany", {"relationLoadStrategy": "query", "take": 1}, relation("author"))
    assert single[0]["author"]["name"] == "Ada"
    none = await run("User", "findMany", {"relationLoadStrategy": "query", "take": 1}, relation("profile"))
    assert none[0]["profile"] is None


async def test_process_pages_nested_records_for_each_parent(run: Runner) -> None:
    await people(run, "Ada", "Bob")
    arguments = {"orderBy": [{"name": "asc"}], "relationLoadStrategy": "query"}
    plan = run.compile("User", "findMany", arguments, relation("posts", take=1, skip=1))
    assert "process" in nodes_of(plan)
    found = await run.plan(plan)
    assert [[post["title"] for post in user["posts"]] for user in found] == [["Ada 2"], ["Bob 2"]]


async def test_process_reverses_for_a_negative_take_and_keeps_the_first_of_each_distinct(run: Runner) -> None:
    await people(run, "Ada", "Bob")
    last = await run("Post", "findMany", {"take": -1, "orderBy": [{"id": "asc"}]})
    assert [post["title"] for post in last] == ["Bob 2"]
    firsts = await run("Post", "findMany", {"distinct": ["authorId"], "orderBy": [{"id": "asc"}]})
    assert [post["title"] for post in firsts] == ["Ada 1", "Bob 1"]


async def test_cursor_starts_at_its_record(run: Runner) -> None:
    await people(run, "Ada", "Bob")
    arguments = {"cursor": {"id": placeholder("%1", "Int")}, "take": 2, "orderBy": [{"id": "asc"}]}
    found = await run("Post", "findMany", arguments, values={"%1": 2})
    assert [post["id"] for post in found] == [2, 3]
    assert await run("Post", "findMany", arguments, values={"%1": 99}) == []


async def test_transaction_undoes_a_nested_create_that_fails_midway(run: Runner) -> None:
    data = {"name": "Ada", "posts": {"create": [{"title": "x"}]}, "groups": {"connect": [{"id": 99}]}}
    with pytest.raises(RecordNotFoundError, match="Expected 1 records to be connected, found only 0"):
        await run("User", "createOne", {"data": data})
    assert await run("User", "findMany", {}) == []
    assert await run("Post", "findMany", {}) == []


async def test_many_to_many_connects_disconnects_and_sets(run: Runner) -> None:
    data = {
        "name": "Ada",
        "groups": {"create": [{"name": "a"}], "connectOrCreate": [{"where": {"name": "b"}, "create": {"name": "b"}}]},
    }
    user = await run("User", "createOne", {"data": data}, relation("groups"))
    assert sorted(group["name"] for group in user["groups"]) == ["a", "b"]
    where = {"where": {"id": user["id"]}}
    user = await run("User", "updateOne", {**where, "data": {"groups": {"set": [{"name": "b"}]}}}, relation("groups"))
    assert [group["name"] for group in user["groups"]] == ["b"]
    user = await run(
        "User", "updateOne", {**where, "data": {"groups": {"disconnect": [{"name": "b"}]}}}, relation("groups")
    )
    assert user["groups"] == []


async def test_one_to_one_is_created_replaced_and_protected(run: Runner) -> None:
    user = await run(
        "User", "createOne", {"data": {"name": "Ada", "profile": {"create": {"bio": "x"}}}}, relation("profile")
    )
    assert user["profile"]["bio"] == "x"
    with pytest.raises(RelationViolationError) as caught:
        await run("User", "updateOne", {"where": {"id": user["id"]}, "data": {"profile": {"create": {"bio": "y"}}}})
    assert caught.value.code == "P2014"


async def test_validate_tells_which_record_was_missing(run: Runner) -> None:
    with pytest.raises(RecordNotFoundError, match="No record was found for an update") as caught:
        await run("User", "updateOne", {"where": {"id": 1}, "data": {"rank": 1}})
    assert caught.value.meta["operation"] == "an update"
    with pytest.raises(RecordNotFoundError, match="No record was found for a delete"):
        await run("User", "deleteOne", {"where": {"id": 1}})
    with pytest.raises(RecordNotFoundError, match="No 'User' record"):
        await run("Post", "createOne", {"data": {"title": "x", "author": {"connect": {"id": 9}}}})


async def test_upsert_creates_then_updates(run: Runner) -> None:
    name = placeholder("%1", "String")
    arguments = {"where": {"name": name}, "create": {"name": name}, "update": {"rank": {"increment": 5}}}
    first = await run("User", "upsertOne", arguments, values={"%1": "Ada"})
    second = await run("User", "upsertOne", arguments, values={"%1": "Ada"})
    assert (first["rank"], second["rank"]) == (0, 5)


async def test_execute_counts_the_rows_it_touched(run: Runner) -> None:
    await people(run, "Ada", "Bob")
    assert await run("Post", "updateMany", {"data": {"title": "z"}}, {"count": True}) == {"count": 4}
    assert await run("Post", "deleteMany", {"where": {"title": "q"}}, {"count": True}) == {"count": 0}
    rows = [{"name": "Cy"}, {"name": "Ada"}]
    assert await run("User", "createMany", {"data": rows, "skipDuplicates": True}, {"count": True}) == {"count": 1}


async def test_aggregates_and_groups(run: Runner) -> None:
    await people(run, "Ada", "Bob")
    count = {"_count": {"arguments": {}, "selection": {"_all": True}}}
    total = await run("Post", "aggregate", {}, {**count, "_max": {"arguments": {}, "selection": {"id": True}}})
    assert total == {"_count": {"_all": 4}, "_max": {"id": 4}}
    groups = await run(
        "Post", "groupBy", {"by": ["authorId"], "orderBy": [{"authorId": "asc"}]}, {"authorId": True, **count}
    )
    assert groups == [{"authorId": 1, "_count": {"_all": 2}}, {"authorId": 2, "_count": {"_all": 2}}]
    counted = {"$scalars": True, "_count": {"arguments": {}, "selection": {"posts": True}}}
    assert (await run("User", "findFirst", {}, counted))["_count"] == {"posts": 2}


async def test_generators_make_identifiers_of_the_right_form(run: Runner) -> None:
    row = await run("Generated", "createOne", {"data": {}})
    forms = {
        "uuid4": r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
        "uuid7": r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
        "cuid1": r"c[0-9a-z]{24}",
        "cuid2": r"[a-z][0-9a-z]{23}",
        "ulid": r"[0-7][0-9A-HJKMNP-TV-Z]{25}",
        "nano": r"[A-Za-z0-9_-]{21}",
        "nano9": r"[A-Za-z0-9_-]{9}",
    }
    for field, form in forms.items():
        assert re.fullmatch(form, row[field]), (field, row[field])
    assert row["first"] == row["second"]


async def test_a_list_longer_than_postgresql_binds_is_split_over_statements(run: Runner) -> None:
    await people(run, "Ada")
    numbers = list(range(-40_000, 2))
    run.events.clear()
    found = await run(
        "User", "findMany", {"where": {"id": {"in": placeholder("%1", "List", "Int")}}}, values={"%1": numbers}
    )
    assert [user["name"] for user in found] == ["Ada"]
    assert len(run.events) == 2


async def test_an_ordered_query_with_too_many_parameters_is_refused(run: Runner) -> None:
    arguments = {"where": {"id": {"in": placeholder("%1", "List", "Int")}}, "orderBy": [{"id": "asc"}], "take": 1}
    with pytest.raises(DataError) as caught:
        await run("User", "findMany", arguments, values={"%1": list(range(40_000))})
    assert caught.value.code == "P2029"


async def test_an_empty_list_matches_nothing(run: Runner) -> None:
    await people(run, "Ada")
    arguments = {"where": {"id": {"in": placeholder("%1", "List", "Int")}}}
    assert await run("User", "findMany", arguments, values={"%1": []}) == []


async def test_database_errors_are_typed_and_keep_their_cause(run: Runner) -> None:
    await people(run, "Ada")
    with pytest.raises(UniqueViolationError) as caught:
        await run("User", "createOne", {"data": {"name": "Ada"}})
    assert caught.value.code == "P2002"
    assert caught.value.meta["target"] == ["name"]
    assert type(caught.value.__cause__).__name__ == "UniqueViolationError"
    with pytest.raises(ForeignKeyViolationError):
        await run("Post", "createOne", {"data": {"title": "x", "authorId": 99}})
    await run.connection.execute('BEGIN; DROP TABLE "Group" CASCADE')  # undone when the connection is closed
    with pytest.raises(TableNotFoundError) as missing:
        await run("Group", "findMany", {})
    assert missing.value.table == "public.Group"


async def test_raw_sql_that_fails_says_so(run: Runner) -> None:
    with pytest.raises(RawQueryError, match="42601"):
        await run.plan({"type": "query", "args": {"type": "rawSql", "sql": "SELEC 1", "args": [], "argTypes": []}})


async def test_every_node_the_engines_know_is_known_here() -> None:
    documented = {
        *("value", "seq", "get", "let", "getFirstNonEmpty", "query", "execute", "reverse", "sum", "concat", "unique"),
        *("required", "join", "mapField", "transaction", "dataMap", "validate", "if", "unit", "diff"),
        *("initializeRecord", "mapRecord", "process"),
    }
    assert set(NODES) == documented
