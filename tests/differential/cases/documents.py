"""Filters on JSON documents and on lists."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from harness.operations import Case, cases, op
from harness.values import DB_NULL, JSON_NULL, Document


def products(where: dict[str, Any]) -> Case:
    """The products that match."""
    return cases(op("Product.findMany", where=where, select={"sku": True}, orderBy={"id": "asc"}))[0]


def scalars(where: dict[str, Any]) -> Case:
    """The records of `Scalar` that match."""
    return cases(op("Scalar.findMany", where=where, select={"id": True}, orderBy={"id": "asc"}))[0]


def profiles(where: dict[str, Any]) -> Case:
    """The profiles that match."""
    return cases(op("Profile.findMany", where=where, select={"id": True}, orderBy={"id": "asc"}))[0]


def paths() -> Iterator[Case]:
    """What is at a path inside a document."""
    for path, value in (
        (["color"], "blue"),
        (["color"], "nope"),
        (["legs"], 4),
        (["size"], {"w": 1, "h": 14}),
        (["size", "h"], 14),
        (["tags"], ["a", "b"]),
        (["tags", "0"], "a"),
        (["0"], 1),
        (["nope", "nope"], 1),
    ):
        yield products({"attributes": {"path": path, "equals": Document(value)}})
        yield products({"attributes": {"path": path, "not": Document(value)}})
        yield products({"NOT": {"attributes": {"path": path, "equals": Document(value)}}})
    for null in (DB_NULL, JSON_NULL):
        yield products({"attributes": {"path": ["color"], "equals": null}})
        yield products({"attributes": {"path": ["color"], "not": null}})
    for operator in ("lt", "lte", "gt", "gte"):
        yield products({"attributes": {"path": ["size", "h"], operator: Document(14)}})
        yield products({"attributes": {"path": ["color"], operator: Document("c")}})
    for operator in ("string_contains", "string_starts_with", "string_ends_with"):
        yield products({"attributes": {"path": ["color"], operator: "bl"}})
        yield products({"attributes": {"path": ["color"], operator: "E"}})
        yield products({"attributes": {"path": ["color"], operator: "E", "mode": "insensitive"}})
        yield products({"attributes": {operator: "t"}})
        yield products({"NOT": {"attributes": {"path": ["color"], operator: "bl"}}})
    for operator in ("array_contains", "array_starts_with", "array_ends_with"):
        for value in (["a"], "a", ["big"], "big", "b", []):
            yield products({"attributes": {"path": ["tags"], operator: Document(value)}})
        yield products({"attributes": {operator: Document([1, 3])}})
        yield products({"attributes": {operator: Document(1)}})
        yield products({"attributes": {operator: Document(3)}})
        yield profiles({"settings": {operator: Document([1])}})
        yield profiles({"settings": {operator: Document([{"three": 3}])}})
        yield profiles({"settings": {operator: Document({"three": 3})}})
        yield profiles({"settings": {operator: Document([None])}})


def whole() -> Iterator[Case]:
    """Whole documents, and the three kinds of null."""
    for value in ({"a": 1}, [], "string", "x", [1, 2.5, "x", None, {"a": {"b": [True]}}], 5, True):
        yield scalars({"json": {"equals": Document(value)}})
        yield scalars({"json": {"not": Document(value)}})
        yield scalars({"jsonOpt": {"equals": Document(value)}})
        yield scalars({"jsonOpt": {"not": Document(value)}})
    yield scalars({"json": {"equals": JSON_NULL}})
    yield scalars({"json": {"not": JSON_NULL}})
    for null in (DB_NULL, JSON_NULL):
        yield scalars({"jsonOpt": {"equals": null}})
        yield scalars({"jsonOpt": {"not": null}})
        yield scalars({"NOT": {"jsonOpt": {"equals": null}}})
    yield profiles({"settings": {"equals": Document({})}})
    yield profiles({"settings": {"path": ["deep", "a", "b"], "equals": Document("c")}})
    yield profiles({"AND": [{"settings": {"path": ["theme"], "equals": Document("dark")}}, {"bio": {"not": None}}]})
    yield profiles({"OR": [{"settings": {"path": ["theme"], "equals": Document("light")}}, {"settings": {"path": ["n"], "equals": JSON_NULL}}]})


NEW_YEAR = datetime(2024, 1, 1, tzinfo=UTC)

LISTS: dict[str, tuple[Any, Any]] = {
    "stringList": ("a", "b"),
    "intList": (1, 2),
    "bigintList": (2, 9007199254740993),
    "floatList": (1.5, 100.0),
    "decimalList": (Decimal("1.5"), Decimal("123456789012345678901234567890.123456789")),
    "booleanList": (True, False),
    "datetimeList": (NEW_YEAR, datetime(1970, 1, 1, tzinfo=UTC)),
    "bytesList": (b"\x01", b"\xff"),
    "uuidList": ("00000000-0000-4000-8000-0000000000a1", "00000000-0000-4000-8000-0000000000a2"),
    "enumList": ("LOW", "HIGH"),
}


def lists() -> Iterator[Case]:
    """Every operator on lists of every type."""
    for field, (one, other) in LISTS.items():
        yield scalars({field: {"equals": [one, other]}})
        yield scalars({field: {"equals": []}})
        yield scalars({field: {"has": one}})
        yield scalars({field: {"hasEvery": [one, other]}})
        yield scalars({field: {"hasSome": [one, other]}})
        yield scalars({field: {"isEmpty": True}})
        yield scalars({field: {"isEmpty": False}})
        yield scalars({"NOT": {field: {"has": one}}})
    yield scalars({"stringList": {"equals": None}})
    yield scalars({"stringList": {"has": None}})
    yield scalars({"stringList": {"hasEvery": []}})
    yield scalars({"stringList": {"hasSome": []}})
    yield scalars({"stringList": {"has": "a", "isEmpty": False}})
    yield scalars({"jsonList": {"equals": [Document({"x": 1}), Document([])]}})
    yield scalars({"jsonList": {"has": Document({"x": 1})}})
    yield scalars({"jsonList": {"hasEvery": [Document({"x": 1}), Document([])]}})
    yield scalars({"jsonList": {"hasSome": [Document("x"), Document(1)]}})
    yield scalars({"jsonList": {"isEmpty": True}})
    yield products({"tags": {"hasSome": ["blue", "steel"]}})
    yield products({"NOT": {"tags": {"hasEvery": ["office"]}}})
    yield products({"sizes": {"has": -(2**31)}})


CASES = (*paths(), *whole(), *lists())
