"""Calls of find_unique made in the same moment: one query, and to each its own record."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from berceau.client import BoundSchema
from berceau.client.errors import InvalidValueError
from berceau_engine.plan import QueryEvent

BOOKS = 60


@pytest.fixture
async def watched(bound: BoundSchema, url: str) -> AsyncIterator[tuple[Any, list[QueryEvent]]]:
    """A client with books 1 to 60, whose author has the same number, and what it has sent since."""
    events: list[QueryEvent] = []
    async with bound.client_class()(f"{url}&connection_limit=3", on_query=events.append) as db:
        await db.author.create_many([{"name": f"Author {number}"} for number in range(1, BOOKS + 1)])
        authors = await db.author.find_many(order={"name": "asc"})
        await db.book.create_many(
            [{"title": f"Book {author.name}", "authorId": author.id} for author in authors],
        )
        await db.book.find_unique({"id": 1})
        events.clear()
        yield db, events


async def test_calls_of_one_moment_are_one_query_and_each_gets_its_record(watched: Any) -> None:
    db, events = watched
    found = await asyncio.gather(*[db.book.find_unique({"id": number}) for number in range(1, BOOKS + 1)])
    assert [book.id for book in found] == list(range(1, BOOKS + 1))
    assert len(events) == 2  # The first had nobody to wait for.
    assert {(event.model, event.action) for event in events} == {("Book", "findUnique")}


async def test_a_single_call_is_not_kept_waiting(watched: Any) -> None:
    db, events = watched
    assert (await db.book.find_unique({"id": 7})).id == 7
    assert "LIMIT" in events[0].sql


async def test_records_that_are_not_there_are_none_for_those_who_asked_for_them(watched: Any) -> None:
    db, events = watched
    found = await asyncio.gather(*[db.book.find_unique({"id": number}) for number in (1, 2, 1000, 3, 2000)])
    assert [book and book.id for book in found] == [1, 2, None, 3, None]
    assert len(events) == 2


async def test_text_that_is_spelt_otherwise_in_the_database_is_found_all_the_same(watched: Any) -> None:
    db, _ = watched
    ids = [author.id for author in await db.author.find_many(take=10)]
    spelt = [id_.upper() if number % 2 else id_ for number, id_ in enumerate(ids)]
    found = await asyncio.gather(*[db.author.find_unique({"id": id_}) for id_ in spelt])
    assert [author.id for author in found] == ids


async def test_who_asks_for_the_same_record_gets_an_object_of_its_own(watched: Any) -> None:
    db, _ = watched
    first, second, third, fourth = await asyncio.gather(*[db.book.find_unique({"id": 5}) for _ in range(4)])
    assert first == second == third == fourth
    assert len({id(book) for book in (first, second, third, fourth)}) == 4


async def test_different_questions_are_not_mixed_up(watched: Any) -> None:
    db, events = watched
    calls = []
    for number in range(1, 11):
        calls.append(db.book.find_unique({"id": number}))
        calls.append(db.book.find_unique({"id": number}, include={"author": True}))
        calls.append(db.book.find_unique({"id": number}, select={"title": True}))
        calls.append(db.author.find_unique({"name": f"Author {number}"}))
    found = await asyncio.gather(*calls)
    for number, (book, including, title, author) in enumerate(zip(*[iter(found)] * 4, strict=True), start=1):
        assert (book.id, book.author) == (number, None)
        assert (including.id, including.title) == (number, f"Book {including.author.name}")
        assert title.title == book.title
        assert author.name == f"Author {number}"
    assert len(events) == 1 + 3 + 10  # The one with nobody to wait for, three kinds, and `select`, which stays alone.


async def test_an_error_is_that_of_the_call_that_caused_it(watched: Any) -> None:
    db, _ = watched
    ids = [author.id for author in await db.author.find_many(take=5)]
    asked = [db.author.find_unique({"id": id_}) for id_ in (*ids, "no uuid")]
    *found, error = await asyncio.gather(*asked, return_exceptions=True)
    assert [author.id for author in found] == ids
    assert isinstance(error, InvalidValueError)


async def test_a_call_that_is_cancelled_takes_none_of_the_others_with_it(watched: Any) -> None:
    db, _ = watched
    tasks = [asyncio.create_task(db.book.find_unique({"id": number})) for number in range(1, 31)]
    await asyncio.sleep(0)
    for task in tasks[::3]:
        task.cancel()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    for number, (task, book) in enumerate(zip(tasks, found, strict=True), start=1):
        assert task.cancelled() if number % 3 == 1 else book.id == number
    assert not db._engine().is_busy


async def test_a_transaction_asks_on_its_own_connection(watched: Any) -> None:
    db, _ = watched
    async with db.tx() as tx:
        await tx.book.update(data={"title": "inside"}, where={"id": 1})
        inside, outside = await asyncio.gather(tx.book.find_unique({"id": 1}), db.book.find_unique({"id": 1}))
        assert (inside.title, outside.title) == ("inside", "Book Author 1")


async def test_a_call_whose_plan_is_known_asks_no_compiler(watched: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    db, _ = watched
    compiler = db._engine().plans._compiler

    async def all_kinds(start: int) -> None:
        await db.book.find_many(where={"id": {"gte": start}}, include={"author": True}, take=2)
        await asyncio.gather(*[db.book.find_unique({"id": start + number}) for number in range(4)])
        await db.book.update(data={"title": f"Book {start}"}, where={"id": start})

    await all_kinds(1)
    known = db.plan_cache
    size, misses, hits = known.size, known.misses, known.hits
    monkeypatch.setattr(compiler, "compile", lambda query: pytest.fail(f"the compiler was asked for {query}"))
    await all_kinds(11)
    assert (known.size, known.misses, known.hits) == (size, misses, hits + 6)
