"""Wrong use of the client is reported before any SQL runs: the place, what was expected, the nearest known name."""

from __future__ import annotations

import enum
import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from berceau.client import Base64, BoundSchema, Json
from berceau.client.errors import FieldNotFoundError, InputError, InvalidValueError
from berceau.client.shape import Shape, query_of


def shape_of(bound: BoundSchema, action: str, **arguments: Any) -> Shape:
    """The shape of a call on Author."""
    model = bound.schema.model("Author")
    shape = Shape(bound.schema)
    shape.arguments(model.actions[action], arguments)
    return shape


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"where": {"nmae": "x"}}, FieldNotFoundError, r"where\.nmae: .* did you mean 'name'\?"),
        ({"where": {"name": {"contain": "x"}}}, FieldNotFoundError, r"where\.name\.contain: .*'contains'"),
        ({"where": {"name": 5}}, InvalidValueError, r"where\.name: expected .*String.*, found int 5"),
        ({"where": {"OR": [{"name": "x"}, {"nick": 1}]}}, FieldNotFoundError, r"where\.OR\.1\.nick"),
        ({"where": {"books": {"some": {"status": "LOST"}}}}, InputError, r"where\.books\.some\.status: .*PUBLISHED"),
        ({"where": {"score": 2**40}}, InvalidValueError, r"where\.score: 1099511627776 does not fit an Int"),
        ({"where": {"score": True}}, InvalidValueError, r"where\.score: .*found bool True"),
        ({"where": {"born": "yesterday"}}, InvalidValueError, r"where\.born: "),
        ({"where": {"nicks": {"has_some": ["x", 3]}}}, InvalidValueError, r"where\.nicks\.has_some\.1"),
        ({"order": {"name": "upwards"}}, InvalidValueError, r"order\.name: .*asc, desc"),
    ],
)
async def test_a_wrong_argument_is_named_with_its_path(
    db: Any, arguments: dict[str, Any], error: type[InputError], message: str
) -> None:
    with pytest.raises(error, match=message):
        await db.author.find_many(**arguments)


async def test_include_of_a_scalar_and_of_an_unknown_relation_are_named(db: Any) -> None:
    with pytest.raises(FieldNotFoundError, match=r"include\.name: .*known are .*books"):
        await db.author.find_many(include={"name": True})
    with pytest.raises(FieldNotFoundError, match=r"include\.books\.include\.athor: .*'author'"):
        await db.author.find_many(include={"books": {"include": {"athor": True}}})
    with pytest.raises(InputError, match="together"):
        await db.author.find_many(include={"books": True}, select={"name": True})


async def test_select_goes_with_neither_include_nor_omit_and_names_something(db: Any) -> None:
    with pytest.raises(InputError, match="together"):
        await db.author.find_many(omit={"name": True}, select={"name": True})
    with pytest.raises(InputError, match=r"^include\.books\.omit: .*together"):
        await db.author.find_many(include={"books": {"omit": {"title": True}, "select": {"title": True}}})
    with pytest.raises(InputError, match=r"^select: names nothing"):
        await db.author.find_many(select={})
    with pytest.raises(InputError, match=r"^include\.books\.select: names nothing"):
        await db.author.find_many(include={"books": {"select": {"title": False}}})


async def test_a_scalar_is_selected_by_true_alone(db: Any) -> None:
    with pytest.raises(InputError, match=r"^select\.name: .* True or False"):
        await db.author.find_many(select={"name": {"select": {"x": True}}})


async def test_an_unknown_model_is_an_attribute_error(db: Any) -> None:
    with pytest.raises(AttributeError, match="no model whose attribute would be 'autor'"):
        await db.autor.find_many()


class Name(enum.Enum):
    ADA = "Ada"


class Text(str):
    pass


ID = "01234567-89ab-cdef-0123-456789abcdef"


@pytest.mark.parametrize(
    ("field", "value", "plain"),
    [
        ("name", Text("x"), "x"),
        ("name", Name.ADA, "Ada"),
        ("id", uuid.UUID(ID), ID),
        ("fortune", 1.1, Decimal("1.1")),
        ("fortune", "2.50", Decimal("2.50")),
        ("fortune", 3, Decimal(3)),
        ("born", "2020-01-02T03:04:05Z", datetime.fromisoformat("2020-01-02T03:04:05+00:00")),
        ("born", datetime(2020, 1, 2), datetime.fromisoformat("2020-01-02T00:00:00+00:00")),
        ("born", date(2020, 1, 2), datetime.fromisoformat("2020-01-02T00:00:00+00:00")),
        ("secret", b"x", b"x"),
        ("secret", bytearray(b"x"), b"x"),
        ("secret", Base64.encode(b"x"), b"x"),
        ("notes", Json({"a": Decimal("1.5")}), '{"a":"1.5"}'),
        ("notes", {"a": 1}, '{"a":1}'),
        ("notes", [1, 2], "[1,2]"),
        ("nicks", ["a"], ["a"]),
    ],
)
def test_values_are_taken_in_the_types_a_user_would_have(
    bound: BoundSchema, field: str, value: Any, plain: Any
) -> None:
    data = {"name": "n", field: value} if field != "name" else {"name": value}
    shape = shape_of(bound, "createOne", data=data)
    assert list(shape.values.values())[-1] == plain


def test_equal_values_share_a_placeholder_and_types_keep_apart(bound: BoundSchema) -> None:
    shape = shape_of(bound, "findMany", where={"name": "1", "OR": [{"name": "1"}, {"score": 1}]})
    assert shape.values == {"%1": "1", "%2": 1}
    [arguments] = query_of(shape.tokens)
    assert arguments["where"]["OR"][0]["name"] == arguments["where"]["name"]


def test_literals_of_different_types_are_different_shapes(bound: BoundSchema) -> None:
    one, true = (shape_of(bound, "findMany", take=take).tokens for take in (1, 2))
    assert tuple(one) != tuple(true)


@pytest.mark.parametrize("action", ["createOne", "updateMany"])
def test_a_list_in_data_does_not_change_the_shape(bound: BoundSchema, action: str) -> None:
    required = {"name": "n"} if action == "createOne" else {}
    one, other, none = (
        shape_of(bound, action, data={**required, "nicks": nicks}).tokens for nicks in (["a"], ["b", "c"], [])
    )
    assert one == other != none


NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(NAMES, NAMES, st.integers(-(2**31), 2**31 - 1))
def test_no_value_ever_changes_the_shape(bound: BoundSchema, first: str, second: str, score: int) -> None:
    def tokens(one: str, other: str, number: int) -> tuple[Any, ...]:
        return tuple(
            shape_of(
                bound, "findMany", where={"name": one, "books": {"some": {"title": other}}, "score": number}
            ).tokens
        )

    if first != second:
        assert tokens(first, second, score) == tokens("a", "b", 0)
