"""What each operation of the client does, on a real database."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from berceau.client import Base64, BoundSchema, Json
from berceau.client.errors import (
    ClientNotConnectedError,
    ForeignKeyViolationError,
    InputError,
    MissingRequiredValueError,
    RecordNotFoundError,
    UniqueViolationError,
)


async def library(db: Any) -> Any:
    """Two authors: Ada with three books, Bob with one."""
    ada = await db.author.create(
        data={"name": "Ada", "books": {"create": [{"title": f"A{number}"} for number in (1, 2, 3)]}},
        include={"books": True},
    )
    await db.author.create(
        data={"name": "Bob", "score": 5, "nicks": ["b"], "books": {"create": {"title": "B1", "status": "PUBLISHED"}}}
    )
    return ada


async def test_create_returns_the_record_with_defaults_and_what_was_included(db: Any, bound: BoundSchema) -> None:
    author = await db.author.create(
        data={"name": "Ada", "books": {"create": [{"title": "x"}]}}, include={"books": True}
    )
    assert isinstance(author, bound.models.get("Author"))
    assert (author.name, author.score, author.born, author.nicks) == ("Ada", 0, None, [])
    assert [book.title for book in author.books] == ["x"]
    assert author.books[0].status is bound.enums.get("Status")["DRAFT"]
    assert author.books[0].author is None


async def test_every_kind_of_value_comes_back_as_it_was_given(db: Any) -> None:
    given = {
        "name": "Zoë 😀",
        "born": datetime(1815, 12, 10, 12, 30, 0, 250000, tzinfo=UTC),
        "fortune": Decimal("12345678901234567890.123456789"),
        "secret": Base64.encode(b"\x00\xff"),
        "notes": Json({"a": [1, None, "x"]}),
        "big": 2**62,
        "nicks": ["a", "b,c"],
    }
    made = await db.author.create(data=given)
    assert made.born == given["born"]
    assert made.fortune == given["fortune"]
    assert made.secret == given["secret"]
    assert made.notes == {"a": [1, None, "x"]}
    assert made.big == 2**62
    assert made.nicks == ["a", "b,c"]


async def test_json_null_and_database_null_are_two_things(db: Any) -> None:
    await db.author.create(data={"name": "json", "notes": Json(None)})
    await db.author.create(data={"name": "database", "notes": None})
    from berceau_engine.postgres import connect

    connection = await connect(db._url)
    rows = dict(await connection.fetch('SELECT name, notes IS NULL FROM "Author"'))
    await connection.close()
    assert rows == {"json": False, "database": True}


async def test_find_unique_by_id_by_unique_field_and_by_compound_id(db: Any) -> None:
    ada = await library(db)
    assert (await db.author.find_unique(where={"id": ada.id})).name == "Ada"
    assert (await db.author.find_unique(where={"name": "Bob"})).score == 5
    assert await db.author.find_unique(where={"name": "nobody"}) is None
    await db.shelf.create(data={"room": "r", "place": 7})
    assert (await db.shelf.find_unique(where={"room_place": {"room": "r", "place": 7}})).place == 7


async def test_find_first_takes_the_order_and_gives_none_where_nothing_matches(db: Any) -> None:
    await library(db)
    assert (await db.book.find_first(order={"title": "desc"})).title == "B1"
    assert (await db.book.find_first(order={"title": "asc"}, skip=1)).title == "A2"
    assert await db.book.find_first(where={"title": "?"}) is None


@pytest.mark.parametrize(
    ("where", "titles"),
    [
        ({"title": "A1"}, ["A1"]),
        ({"title": {"contains": "1"}}, ["A1", "B1"]),
        ({"title": {"startswith": "A"}}, ["A1", "A2", "A3"]),
        ({"title": {"endswith": "3"}}, ["A3"]),
        ({"title": {"contains": "a", "mode": "insensitive"}}, ["A1", "A2", "A3"]),
        ({"title": {"not_in": ["A1", "A2"]}}, ["A3", "B1"]),
        ({"title": {"in": []}}, []),
        ({"NOT": [{"title": "A1"}]}, ["A2", "A3", "B1"]),
        ({"OR": [{"title": "A1"}, {"title": "B1"}]}, ["A1", "B1"]),
        ({"AND": [{"title": {"gt": "A1"}}, {"title": {"lt": "B"}}]}, ["A2", "A3"]),
        ({"author": {"is": {"name": "Bob"}}}, ["B1"]),
        ({"author": {"is_not": {"name": "Bob"}}}, ["A1", "A2", "A3"]),
        ({"author": {"score": {"gte": 5}}}, ["B1"]),
        ({"status": "PUBLISHED"}, ["B1"]),
        ({"status": {"in": ["DRAFT"]}}, ["A1", "A2", "A3"]),
        ({"room": None}, ["A1", "A2", "A3", "B1"]),
        ({"isEmpty": False, "title": "A1"}, ["A1"]),
    ],
)
async def test_find_many_filters(db: Any, where: dict[str, Any], titles: list[str]) -> None:
    await library(db)
    assert [book.title for book in await db.book.find_many(where=where, order={"title": "asc"})] == titles


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ({"books": {"some": {"title": "A1"}}}, ["Ada"]),
        ({"books": {"every": {"title": {"startswith": "B"}}}}, ["Bob"]),
        ({"books": {"none": {"title": "A1"}}}, ["Bob"]),
        ({"nicks": {"has": "x"}}, []),
        ({"nicks": {"is_empty": False}}, ["Bob"]),
    ],
)
async def test_find_many_filters_by_relations_and_lists(db: Any, where: dict[str, Any], names: list[str]) -> None:
    await library(db)
    assert [author.name for author in await db.author.find_many(where=where, order={"name": "asc"})] == names


async def test_find_many_pages_by_take_skip_and_cursor(db: Any) -> None:
    await library(db)

    async def titles(**arguments: Any) -> list[str]:
        return [book.title for book in await db.book.find_many(order=[{"title": "asc"}], **arguments)]

    assert await titles(take=2) == ["A1", "A2"]
    assert await titles(take=2, skip=3) == ["B1"]
    assert await titles(take=-2) == ["A3", "B1"]
    second = await db.book.find_first(where={"title": "A2"})
    assert await titles(cursor={"id": second.id}) == ["A2", "A3", "B1"]
    assert await titles(cursor={"id": second.id}, skip=1, take=1) == ["A3"]


async def test_include_takes_arguments_of_its_own(db: Any) -> None:
    await library(db)
    options = {"where": {"title": {"not": "A1"}}, "order_by": {"title": "desc"}, "take": 1, "include": {"author": True}}
    ada = await db.author.find_unique(where={"name": "Ada"}, include={"books": options, "rivals": True})
    assert [(book.title, book.author.name) for book in ada.books] == [("A3", "Ada")]
    assert ada.rivals == []
    assert ada.rivalOf is None


async def test_update_changes_counts_up_and_gives_none_where_there_is_nothing(db: Any) -> None:
    await library(db)
    changed = await db.author.update(where={"name": "Bob"}, data={"score": {"increment": 2}, "nicks": {"push": ["bo"]}})
    assert (changed.score, changed.nicks) == (7, ["b", "bo"])
    assert await db.author.update(where={"name": "nobody"}, data={"score": 1}) is None


async def test_update_that_connects_to_a_missing_record_raises(db: Any) -> None:
    ada = await library(db)
    with pytest.raises(RecordNotFoundError):
        await db.book.update(where={"id": ada.books[0].id}, data={"author": {"connect": {"name": "nobody"}}})


async def test_upsert_creates_then_updates(db: Any) -> None:
    data = {"create": {"name": "Ada"}, "update": {"score": {"increment": 1}}}
    assert (await db.author.upsert(where={"name": "Ada"}, data=data)).score == 0
    assert (await db.author.upsert(where={"name": "Ada"}, data=data)).score == 1


async def test_upsert_wants_both_create_and_update(db: Any) -> None:
    with pytest.raises(InputError, match="takes `create` and `update`"):
        await db.author.upsert(where={"name": "Ada"}, data={"create": {"name": "Ada"}})


async def test_delete_returns_what_it_deleted_and_none_where_there_is_nothing(db: Any) -> None:
    await library(db)
    assert (await db.author.delete(where={"name": "Bob"})).name == "Bob"
    assert await db.author.delete(where={"name": "Bob"}) is None
    assert await db.book.count() == 3


async def test_delete_many_counts(db: Any) -> None:
    await library(db)
    assert await db.book.delete_many(where={"title": {"startswith": "A"}}) == 3
    assert await db.book.delete_many() == 1


async def test_count_all_filtered_and_by_field(db: Any) -> None:
    await library(db)
    assert await db.book.count() == 4
    assert await db.book.count(where={"status": "PUBLISHED"}) == 1
    assert await db.book.count(take=2) == 2
    assert await db.author.count(select={"_all": True, "born": True}) == {"_all": 2, "born": 0}


async def test_constraints_raise_typed_errors(db: Any) -> None:
    await library(db)
    with pytest.raises(UniqueViolationError):
        await db.author.create(data={"name": "Ada"})
    with pytest.raises(ForeignKeyViolationError):
        await db.book.create(data={"title": "x", "authorId": "01234567-89ab-cdef-0123-456789abcdef"})
    with pytest.raises(MissingRequiredValueError, match=r"data\.author"):
        await db.book.create(data={"title": "x"})


async def test_the_second_call_of_a_shape_asks_no_compiler(db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("Ada", "Bob", "Cy"):
        await db.author.create(data={"name": name})
    assert (db.plan_cache.misses, db.plan_cache.hits, db.plan_cache.size) == (1, 2, 1)
    for name in ("Ada", "Bob"):
        assert (await db.author.find_unique(where={"name": name})).name == name
    assert (db.plan_cache.misses, db.plan_cache.hits) == (2, 3)
    assert db.plan_cache.hit_rate == pytest.approx(0.6)
    for take in (1, 2):
        assert len(await db.author.find_many(take=take)) == take
    assert db.plan_cache.misses == 4


async def test_equal_values_and_different_values_are_two_shapes(db: Any) -> None:
    data = {"create": {"name": "Ada"}, "update": {"score": 1}}
    await db.author.upsert(where={"name": "Ada"}, data=data)
    await db.author.upsert(where={"name": "Bob"}, data={**data, "create": {"name": "Eve"}})
    assert db.plan_cache.misses == 2
    assert await db.author.count(where={"name": "Eve"}) == 1


async def test_a_query_before_connect_says_so(bound: BoundSchema) -> None:
    with pytest.raises(ClientNotConnectedError, match=r"db\.connect"):
        await bound.client_class()(datasource={"url": "postgresql://u@h/d"}).author.count()


async def test_queries_can_be_watched(bound: BoundSchema, url: str) -> None:
    events: list[Any] = []
    async with bound.client_class()(datasource={"url": url}, on_query=events.append) as db:
        await db.author.find_unique(where={"name": "Ada"})
    assert len(events) == 1
    assert events[0].parameters[0] == "Ada"
    assert (events[0].model, events[0].action) == ("Author", "findUnique")
    assert "Ada" not in events[0].sql


async def test_queries_are_logged_without_values_and_slow_ones_as_warnings(
    bound: BoundSchema, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "berceau.query")
    client = bound.client_class()
    async with client(url, log_queries=True, slow_query_threshold=60) as db:
        await db.author.find_unique(where={"name": "Ada"})
    async with client(url, log_queries=True, slow_query_threshold=0.01) as db:
        await db.query_raw("SELECT pg_sleep(0.02)")
    fast, slow = caplog.records
    assert fast.levelname == "INFO"
    assert fast.getMessage().startswith("Author.findUnique: ")
    assert "Ada" not in fast.getMessage()
    assert slow.levelname == "WARNING"
    assert re.match(r"slow query, raw SQL: [1-9]\d", slow.getMessage())
