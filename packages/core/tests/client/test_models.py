"""Model classes and enums, made when they are first used."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from berceau.client import BoundSchema
from berceau.client.errors import ClientAlreadyRegisteredError, ClientNotRegisteredError


async def test_a_result_is_a_pydantic_model_that_can_be_dumped_and_read_again(db: Any, bound: BoundSchema) -> None:
    data = {"name": "Ada", "books": {"create": [{"title": "x"}]}}
    author = await db.author.create(data=data, include={"books": True})
    text = author.model_dump_json()
    assert json.loads(text)["books"][0]["title"] == "x"
    assert bound.models.get("Author").model_validate_json(text) == author


def test_a_model_validates_its_values(bound: BoundSchema) -> None:
    book = bound.models.get("Book")
    made = book(id=1, title="x", isEmpty=False, status="PUBLISHED", authorId="1")
    assert made.status is bound.enums.get("Status")["PUBLISHED"]  # type: ignore[attr-defined]
    with pytest.raises(ValidationError):
        book(id="no number", title="x", isEmpty=False, status="LOST", authorId="1")


def test_documentation_comments_become_docstrings_and_descriptions(bound: BoundSchema) -> None:
    author = bound.models.get("Author")
    assert author.__doc__ == "Someone who writes."
    assert author.model_fields["score"].description == "Counts what was written."


def test_models_that_relate_to_each_other_in_a_circle_have_a_json_schema(bound: BoundSchema) -> None:
    assert set(bound.models.get("Shelf").model_json_schema()["$defs"]) >= {"Book", "Author", "Shelf", "Status"}


async def test_relation_counts_are_in_the_record(db: Any) -> None:
    await db.author.create(data={"name": "Ada", "books": {"create": [{"title": "x"}, {"title": "y"}]}})
    [author] = await db.author.find_many(include={"_count": {"select": {"books": True}}})
    assert author.count_.books == 2
    assert author.model_dump(by_alias=True)["_count"] == {"books": 2}


def test_enums_are_text(bound: BoundSchema) -> None:
    status = bound.enums.get("Status")
    assert [member.value for member in status] == ["DRAFT", "PUBLISHED"]
    assert status["DRAFT"] == "DRAFT"


def test_an_unknown_name_is_an_attribute_error_that_names_the_module(bound: BoundSchema) -> None:
    with pytest.raises(AttributeError, match=r"test_client\.models.*'Nobody'"):
        bound.models.attribute("Nobody")


async def test_a_registered_client_serves_the_models(
    db: Any, bound: BoundSchema, monkeypatch: pytest.MonkeyPatch
) -> None:
    from berceau.client import prisma

    monkeypatch.setattr(prisma, "_registered", None)
    with pytest.raises(ClientNotRegisteredError):
        bound.models.get("Author").prisma()
    prisma.register(db)
    with pytest.raises(ClientAlreadyRegisteredError):
        prisma.register(db)
    assert await bound.models.get("Author").prisma().count() == 0


async def test_infinity_and_nan_keep_their_names_in_json(db: Any) -> None:
    sample = await db.sample.create(data={"float": float("nan"), "floats": [float("inf"), float("-inf"), 1.5]})
    text = sample.model_dump_json(include={"float", "floats"})
    assert text == '{"float":"NaN","floats":["Infinity","-Infinity",1.5]}'
    again = type(sample).model_validate_json(sample.model_dump_json())
    assert again.float != again.float
    assert again.floats == [float("inf"), float("-inf"), 1.5]
