"""Operations on many records, aggregates, raw SQL, batches."""

from __future__ import annotations

from typing import Any

import pytest

from berceau.client import Base64, BoundSchema, Json
from berceau.client.errors import RawQueryError, RecordNotFoundError, UniqueViolationError

from .test_operations import library


async def test_find_or_raise(db: Any) -> None:
    await library(db)
    assert (await db.author.find_unique_or_raise(where={"name": "Ada"})).name == "Ada"
    assert (await db.book.find_first_or_raise(where={"title": "B1"})).title == "B1"
    with pytest.raises(RecordNotFoundError, match="No Author record was found"):
        await db.author.find_unique_or_raise(where={"name": "nobody"})
    with pytest.raises(RecordNotFoundError, match="No Book record was found"):
        await db.book.find_first_or_raise(where={"title": "?"})


async def test_create_many_counts_and_skips_duplicates(db: Any) -> None:
    rows = [{"name": name} for name in ("Ada", "Bob", "Cy")]
    assert await db.author.create_many(data=rows) == 3
    assert await db.author.create_many(data=[*rows, {"name": "Dee"}], skip_duplicates=True) == 1
    with pytest.raises(UniqueViolationError):
        await db.author.create_many(data={"name": "Ada"})
    assert db.plan_cache.size == 0


async def test_create_and_update_many_and_return(db: Any) -> None:
    made = await db.author.create_many_and_return(data=[{"name": "Ada"}, {"name": "Bob"}])
    assert sorted(author.name for author in made) == ["Ada", "Bob"]
    changed = await db.author.update_many_and_return(data={"score": {"increment": 3}}, where={"name": "Ada"})
    assert [(author.name, author.score) for author in changed] == [("Ada", 3)]


async def test_update_many_and_delete_many_with_a_limit(db: Any) -> None:
    await library(db)
    assert await db.book.update_many(data={"status": "PUBLISHED"}, where={"status": "DRAFT"}) == 3
    assert await db.book.update_many(data={"room": None}, limit=2) == 2
    assert await db.book.delete_many(limit=1) == 1
    assert await db.book.count() == 3


async def test_aggregate(db: Any) -> None:
    await library(db)
    found = await db.author.aggregate(
        count=True, avg={"score": True}, sum={"score": True}, min={"name": True}, max={"name": True, "score": False}
    )
    assert found == {
        "_count": {"_all": 2},
        "_avg": {"score": 2.5},
        "_sum": {"score": 5},
        "_min": {"name": "Ada"},
        "_max": {"name": "Bob"},
    }


async def test_group_by(db: Any, bound: BoundSchema) -> None:
    await library(db)
    groups = await db.book.group_by(
        ["authorId", "status"],
        count={"_all": True, "room": True},
        having={"title": {"_count": {"gt": 1}}},
        order=[{"status": "asc"}],
    )
    assert len(groups) == 1
    assert groups[0]["status"] is bound.enums.get("Status")["DRAFT"]  # type: ignore[comparison-overlap]
    assert groups[0]["_count"] == {"_all": 3, "room": 0}
    with pytest.raises(TypeError, match="unexpected keyword argument 'averages'"):
        await db.book.group_by("status", averages=True)


async def test_select_and_omit(db: Any) -> None:
    await library(db)
    chosen = await db.author.find_first(
        order={"name": "asc"}, select={"name": True, "books": {"select": {"title": True}}}
    )
    assert chosen.name == "Ada"
    assert chosen.model_dump(exclude_unset=True) == {
        "name": "Ada",
        "books": [{"title": "A1"}, {"title": "A2"}, {"title": "A3"}],
    }
    without = await db.author.find_first(omit={"notes": True})
    assert "notes" not in without.model_fields_set


async def test_raw_queries_give_dictionaries_or_models(db: Any, bound: BoundSchema) -> None:
    await db.author.create(
        data={"name": "Ada", "notes": Json({"a": 1}), "secret": Base64.encode(b"x"), "nicks": ["n"], "big": 2**40}
    )
    [row] = await db.query_raw('SELECT name, notes, secret, nicks, big FROM "Author" WHERE name = $1', "Ada")
    assert row == {"name": "Ada", "notes": {"a": 1}, "secret": Base64.encode(b"x"), "nicks": ["n"], "big": 2**40}
    author = await db.author.query_first('SELECT * FROM "Author" WHERE notes = $1', Json({"a": 1}))
    assert isinstance(author, bound.models.get("Author"))
    assert await db.query_first("SELECT 1 AS one WHERE false") is None
    assert await db.execute_raw('UPDATE "Author" SET score = $1', 7) == 1
    with pytest.raises(RawQueryError, match="42P01"):
        await db.query_raw("SELECT * FROM nothing")


async def test_raw_queries_inside_a_transaction_belong_to_it(db: Any) -> None:
    manager = db.tx()
    tx = await manager.start()
    await tx.execute_raw("INSERT INTO \"Author\" (id, name, score) VALUES (gen_random_uuid(), 'x', 0)")
    await manager.rollback()
    assert await db.author.count() == 0


async def test_a_batch_is_one_transaction(db: Any) -> None:
    async with db.batch_() as batch:
        batch.author.create(data={"name": "Ada"})
        batch.author.create_many(data=[{"name": "Bob"}])
        batch.author.update(where={"name": "Ada"}, data={"score": 1})
    assert await db.author.count() == 2
    with pytest.raises(UniqueViolationError):
        async with db.batch_() as batch:
            batch.author.create(data={"name": "Cy"})
            batch.author.create(data={"name": "Ada"})
    assert await db.author.count() == 2
    with pytest.raises(AttributeError, match="a batch has no operation 'find_many'"):
        db.batch_().author.find_many()


@pytest.mark.parametrize("operation", ["update", "delete"])
async def test_a_batch_that_finds_no_record_is_undone(db: Any, operation: str) -> None:
    data = {"data": {"score": 1}} if operation == "update" else {}
    with pytest.raises(RecordNotFoundError, match=f"`author.{operation}` of a batch, where={{'name': 'nobody'}}"):
        async with db.batch_() as batch:
            batch.author.create(data={"name": "Ada"})
            getattr(batch.author, operation)(where={"name": "nobody"}, **data)
    assert await db.author.count() == 0


async def test_a_field_is_compared_with_another(db: Any) -> None:
    await db.author.create(data={"name": "Ada", "nicks": ["Ada"]})
    await db.author.create(data={"name": "Bob", "nicks": ["Ada"]})
    found = await db.author.find_many(where={"nicks": {"has": db.author.fields.name}})
    assert [author.name for author in found] == ["Ada"]
    with pytest.raises(AttributeError, match="Author has no field 'books' to compare with"):
        _ = db.author.fields.books
