"""JSON documents in filters, on a real database."""

from __future__ import annotations

from typing import Any

import pytest

from berceau.client import Json
from berceau.client.errors import MissingRequiredValueError, WrongTypeError


@pytest.mark.parametrize(
    ("operator", "expected"), [("lt", ["two"]), ("lte", ["two", "ten"]), ("gt", ["big"]), ("gte", ["ten", "big"])]
)
async def test_numbers_and_texts_inside_documents_are_compared(db: Any, operator: str, expected: list[str]) -> None:
    for name, number, text in [("two", 2, "b"), ("ten", 10, "c"), ("big", 100, "d")]:
        await db.author.create(data={"name": name, "notes": Json({"n": number, "t": text})})
    for path, value in (("n", 10), ("t", "c")):
        found = await db.author.find_many(where={"notes": {"path": [path], operator: value}})
        assert sorted(author.name for author in found) == sorted(expected)


async def test_none_is_refused_where_a_document_is_required(db: Any) -> None:
    with pytest.raises(MissingRequiredValueError, match=r"^data\.facts: .*Json\(None\)"):
        await db.shelf.create(data={"room": "a", "place": 1, "facts": None})
    created = await db.shelf.create(data={"room": "a", "place": 1, "facts": Json(None)})
    assert created.facts is None


async def test_a_list_of_documents_is_found_by_its_elements(db: Any) -> None:
    await db.shelf.create(data={"room": "a", "place": 1, "notes": [Json({"x": 1}), Json([])]})
    await db.shelf.create(data={"room": "a", "place": 2, "notes": [Json({"x": 1})]})
    found = await db.shelf.find_many(where={"notes": {"equals": [Json({"x": 1}), Json([])]}})
    assert [shelf.place for shelf in found] == [1]
    assert await db.shelf.count(where={"notes": {"has": Json({"x": 1})}}) == 2


async def test_a_document_or_none_alone_stands_for_equals(db: Any) -> None:
    for name, notes in [("a", Json({"x": 1})), ("null", Json(None)), ("none", None)]:
        await db.author.create(data={"name": name, "notes": notes})

    async def names(notes: Any) -> list[str]:
        return [author.name for author in await db.author.find_many(where={"notes": notes})]

    assert await names(Json({"x": 1})) == ["a"]
    assert await names(Json(None)) == ["null"]
    assert await names(None) == ["none"]
    with pytest.raises(WrongTypeError, match=r"^where\.notes: "):
        await names("a")
