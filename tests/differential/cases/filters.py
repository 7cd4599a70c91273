"""Filters on scalar fields: every operator of every type, combined by AND, OR and NOT."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from harness.operations import Case, cases, op

from cases.people import ADA, BOB, uuid

NEW_YEAR = datetime(2024, 1, 1, tzinfo=UTC)
LEAP_DAY = datetime(2024, 2, 29, 12, 34, 56, 789000, tzinfo=UTC)

SAMPLES: dict[str, tuple[Any, Any]] = {
    "string": ("text", ""),
    "int": (1, -(2**31)),
    "bigint": (7, 9007199254740993),
    "float": (1.5, 0.1),
    "decimal": (Decimal("1.5"), Decimal("123456789.123456789")),
    "datetime": (NEW_YEAR, LEAP_DAY),
    "uuid": (uuid(0).replace("000000000000", "0000000000a1"), uuid(0).replace("000000000000", "0000000000a3")),
}
"""Two values of each type that has an order, both in the content."""

UNORDERED: dict[str, tuple[Any, Any]] = {
    "boolean": (True, False),
    "bytes": (b"\x01", b""),
    "enum": ("LOW", "HIGH"),
}


def scalars(where: dict[str, Any]) -> Case:
    """The records of `Scalar` that match."""
    return cases(op("Scalar.findMany", where=where, select={"id": True}, orderBy={"id": "asc"}))[0]


def by_type() -> Iterator[Case]:
    """Each operator that a type has, on the required field and on the optional one."""
    for field, (one, other) in (SAMPLES | UNORDERED).items():
        optional = f"{field}Opt"
        yield scalars({field: one})
        yield scalars({field: {"equals": other}})
        yield scalars({field: {"not": one}})
        yield scalars({field: {"not": {"equals": one}}})
        yield scalars({optional: None})
        yield scalars({optional: {"not": None}})
        yield scalars({optional: {"not": {"equals": None}}})
        yield scalars({optional: {"equals": one}})
        yield scalars({optional: {"not": one}})
        if field != "boolean":
            yield scalars({field: {"in": [one, other]}})
            yield scalars({field: {"notIn": [one, other]}})
            yield scalars({optional: {"in": []}})
            yield scalars({optional: {"notIn": []}})
            yield scalars({optional: {"notIn": [other]}})
            yield scalars({field: {"not": {"in": [one]}}})
    for field, (one, other) in SAMPLES.items():
        for operator in ("lt", "lte", "gt", "gte"):
            yield scalars({field: {operator: one}})
        yield scalars({field: {"gte": one, "not": other}})
        yield scalars({f"{field}Opt": {"lt": one, "gt": other}})
        yield scalars({f"{field}Opt": {"not": {"gt": one}}})


def customers(where: dict[str, Any]) -> Case:
    """The customers that match."""
    return cases(op("Customer.findMany", where=where, select={"name": True}, orderBy={"id": "asc"}))[0]


def texts() -> Iterator[Case]:
    """Parts of text, with and without regard to case; wildcards of LIKE are letters like others."""
    for operator in ("contains", "startsWith", "endsWith"):
        for part in ("a", "A", "%", "_", "\\", "", "Z", "🦋", "Ñ"):
            yield customers({"name": {operator: part}})
        yield customers({"name": {operator: "A", "mode": "insensitive"}})
        yield customers({"nickname": {operator: "L", "mode": "insensitive"}})
        yield customers({"name": {"not": {operator: "a"}}})
        yield customers({"NOT": {"nickname": {operator: "l"}}})
    for operator in ("equals", "lt", "lte", "gt", "gte", "not"):
        yield customers({"name": {operator: "ADA", "mode": "insensitive"}})
    yield customers({"email": {"in": ["ADA@EXAMPLE.COM", "bob@example.com"], "mode": "insensitive"}})
    yield customers({"email": {"notIn": ["ADA@EXAMPLE.COM", "bob@example.com"], "mode": "insensitive"}})
    yield customers({"email": {"equals": "eve_%@example.net", "mode": "insensitive"}})
    yield customers({"email": {"equals": "eve__@example.net", "mode": "insensitive"}})
    yield customers({"email": {"equals": "ADA@EXAMPLE.COM", "mode": "default"}})
    yield customers({"name": {"contains": "a", "startsWith": "A", "endsWith": "a", "not": "Ada", "mode": "insensitive"}})
    yield customers({"name": {"search": "Ada"}})
    yield customers({"name": {"search": "ada | bob"}})
    yield customers({"nickname": {"search": "cc & !al"}})


CASES = (
    *by_type(),
    *texts(),
    *map(
        customers,
        (
            {},
            {"AND": []},
            {"OR": []},
            {"NOT": []},
            {"AND": {"score": 10}},
            {"AND": [{"score": 10}, {"priority": "HIGH"}]},
            {"OR": [{"score": 10}, {"priority": "HIGH"}]},
            {"OR": [{"score": 10, "priority": "HIGH"}]},
            {"NOT": {"score": 10, "priority": "HIGH"}},
            {"NOT": [{"score": 10}, {"priority": "HIGH"}]},
            {"NOT": {"NOT": {"score": 10}}},
            {"NOT": {"nickname": "al"}},
            {"NOT": {"nickname": None}},
            {"OR": [{"AND": [{"score": {"gt": 5}}, {"NOT": {"name": "Ada"}}]}, {"id": BOB}]},
            {"AND": [{"OR": [{"score": 0}, {"score": -5}]}, {"OR": [{"priority": "LOW"}, {"nickname": ""}]}]},
            {"score": 10, "OR": [{"name": "Ada"}, {"name": "Bob"}], "NOT": {"name": "Bob"}},
            {"createdAt": {"gte": NEW_YEAR, "lt": datetime(2024, 2, 1, tzinfo=UTC)}},
            {"createdAt": "2024-02-01T00:00:00.000Z"},
            {"createdAt": {"gt": "2024-02-01T01:00:00+02:00"}},
            {"id": ADA},
            {"id": {"in": [ADA, BOB, uuid(99)]}},
            {"id": {"in": [ADA, ADA, ADA]}},
            {"priority": {"in": ["HIGH", "LOW"]}},
            {"priority": {"not": {"in": ["HIGH", "LOW"]}}},
            {"referrerId": None},
            {"referrerId": {"not": ADA}},
        ),
    ),
    *cases(
        op("Awkward.findMany", where={"not": {"not": 1}}),
        op("Awkward.findMany", where={"not": {"not": None}, "is": True}),
        op("Awkward.findMany", where={"in": {"in": ["i", "j"]}}),
        op("Awkward.findMany", where={"class": "c", "from": None}),
        op("Awkward.findMany", where={"odd": {"in": ["None", "name"]}, "NOT": {"copy": "x"}}),
        op("Awkward.findMany", where={"odd": {"not": "value"}}, select={"odd": True, "class": True, "copy": True}),
        op("Awkward.findMany", where={"json": {"contains": "{"}}, select={"json": True, "schema": True}),
        op("Native.findMany", where={"char": "ab"}),
        op("Native.findMany", where={"char": {"in": ["ab  ", "abcd"]}}),
        op("Native.findMany", where={"bit": "10101010"}),
        op("Native.findMany", where={"varbit": {"not": "101"}}, select={"varbit": True}),
        op("Native.findMany", where={"inet": "192.168.0.1"}, select={"inet": True}),
        op("Native.findMany", where={"inet": {"in": ["::1", "10.0.0.0/8"]}}, select={"inet": True}),
        op("Native.findMany", where={"smallint": {"lt": 0}}, select={"smallint": True}),
        op("Native.findMany", where={"oid": {"gt": 1}}, select={"id": True}),
        op("Native.findMany", where={"oid": 1}, select={"oid": True}),
        op("Native.findMany", where={"real": {"equals": 0.1}}, select={"real": True}),
        op("Native.findMany", where={"real": {"gt": 0.1}}, select={"real": True}),
        op("Native.findMany", where={"double": {"lt": 1}}, select={"double": True}),
        op("Native.findMany", where={"money": Decimal("12.34")}, select={"money": True}),
        op("Native.findMany", where={"money": {"gte": Decimal("-0.01")}}, select={"money": True}),
        op("Native.findMany", where={"decimal": Decimal("1234567890.0123456789")}, select={"decimal": True}),
        op("Native.findMany", where={"date": datetime(2024, 2, 29, tzinfo=UTC)}, select={"date": True}),
        op("Native.findMany", where={"date": {"gt": datetime(2024, 2, 28, 23, tzinfo=UTC)}}, select={"date": True}),
        op("Native.findMany", where={"time": datetime(1970, 1, 1, 12, 34, 56, 789000, tzinfo=UTC)}, select={"time": True}),
        op("Native.findMany", where={"timetz": {"lt": datetime(1970, 1, 1, 12, tzinfo=UTC)}}, select={"timetz": True}),
        op("Native.findMany", where={"timestamp": {"lte": NEW_YEAR}}, select={"timestamp": True}),
        op("Native.findMany", where={"timestamptz": {"gte": NEW_YEAR}}, select={"timestamptz": True}),
        op("Product.findMany", where={"id": {"gt": 9007199254740992}}, select={"sku": True}),
        op("Product.findMany", where={"price": {"in": [Decimal("7.25"), Decimal("9999999999.99")]}}, select={"sku": True}),
        op("Product.findMany", where={"price": 1.5}, select={"sku": True}),
        op("Product.findMany", where={"price": "1.50"}, select={"sku": True}),
        op("Product.findMany", where={"weight": 7}, select={"sku": True}),
        op("CustomerTotal.findMany", where={"spent": {"gt": 100}}, orderBy={"customerId": "asc"}),
        op("CustomerTotal.findMany", where={"spent": None}, orderBy={"customerId": "asc"}),
        op("CustomerTotal.findUnique", where={"customerId": ADA}),
    ),
)
