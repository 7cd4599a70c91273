"""Every type of Prisma for PostgreSQL, there and back: as a column, as an element of a list, inside JSON joins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from berceau_engine.errors import InvalidValueError

from .conftest import Runner, placeholder

FAR = datetime(2026, 11, 20, 23, 59, 59, 123456, tzinfo=timezone(timedelta(hours=5, minutes=30)))

FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
LAST_DAY = datetime(9999, 12, 31, tzinfo=UTC)

SCALARS: list[tuple[str, str, Any, Any]] = [
    ("int", "Int", 2**31 - 1, 2**31 - 1),
    ("int", "Int", -(2**31), -(2**31)),
    ("smallint", "Int", -32768, -32768),
    ("oid", "Int", 7, 7),
    ("bigint", "BigInt", 2**63 - 1, 2**63 - 1),
    ("bigint", "BigInt", -(2**63), -(2**63)),
    ("float", "Float", 1.7976931348623157e308, 1.7976931348623157e308),
    ("float", "Float", 5e-324, 5e-324),
    ("float", "Float", float("inf"), float("inf")),
    ("real", "Float", 1.1, 1.1),
    ("real", "Float", 3.4028235e38, 3.4028235e38),
    ("decimal", "Float", Decimal("0.1234567890"), Decimal("0.1234567890")),
    ("decimal", "Float", Decimal("12345678901234567890.5"), Decimal("12345678901234567890.5")),
    ("scaled", "Float", Decimal("1.5"), Decimal("1.50")),
    ("money", "Float", Decimal("-1234.56"), Decimal("-1234.56")),
    ("money", "Float", Decimal("12E+2"), Decimal("1200")),
    ("money", "Float", Decimal("1E-7"), Decimal("0")),
    ("boolean", "Boolean", False, False),
    ("text", "String", "", ""),
    ("text", "String", "quote ' \" \\ $1 😀 \n\t", "quote ' \" \\ $1 😀 \n\t"),
    ("varchar", "String", "ä" * 20, "ä" * 20),
    ("char", "String", "ab", "ab  "),
    ("uuid", "String", "01234567-89ab-cdef-0123-456789abcdef", "01234567-89ab-cdef-0123-456789abcdef"),
    ("inet", "String", "10.1.2.3", "10.1.2.3"),
    ("bit", "String", "1010", "1010"),
    ("varbit", "String", "10101", "10101"),
    ("timestamp", "DateTime", FAR, datetime(2026, 11, 20, 18, 29, 59, 123000, tzinfo=UTC)),
    ("precise", "DateTime", FAR, FAR.astimezone(UTC)),
    ("timestamptz", "DateTime", FAR, FAR.astimezone(UTC)),
    ("date", "DateTime", FAR, datetime(2026, 11, 20, tzinfo=UTC)),
    ("timestamp", "DateTime", FIRST, FIRST),
    ("precise", "DateTime", LAST, LAST),
    ("timestamptz", "DateTime", FIRST, FIRST),
    ("timestamptz", "DateTime", LAST, LAST),
    ("date", "DateTime", FIRST, FIRST),
    ("date", "DateTime", LAST_DAY, LAST_DAY),
    ("time", "DateTime", FAR, datetime(1970, 1, 1, 18, 29, 59, 123456, tzinfo=UTC)),
    ("timetz", "DateTime", FAR, datetime(1970, 1, 1, 18, 29, 59, 123456, tzinfo=UTC)),
    ("json", "Json", '{"b": [1, 2.5, null, "x"], "a": {}}', {"b": [1, 2.5, None, "x"], "a": {}}),
    ("jsonb", "Json", '"text"', "text"),
    ("jsonb", "Json", "12345678901234567890", 12345678901234567890),
    ("bytes", "Bytes", b"\x00\xff\x80", b"\x00\xff\x80"),
    ("bytes", "Bytes", b"", b""),
    ("mood", "Enum", "sad_in_db", "SAD"),
]


@pytest.mark.parametrize(("field", "type_", "value", "expected"), SCALARS, ids=lambda item: str(item)[:24])
async def test_a_value_comes_back_as_it_was_written(
    run: Runner, field: str, type_: str, value: Any, expected: Any
) -> None:
    created = await run("Everything", "createOne", {"data": {field: placeholder("%1", type_)}}, values={"%1": value})
    assert created[field] == expected
    where = {"where": {"id": placeholder("%1", "Int")}}
    found = await run("Everything", "findUnique", where, values={"%1": created["id"]})
    assert found[field] == expected
    assert type(found[field]) is type(expected)


@pytest.mark.parametrize(("field", "type_", "value", "expected"), SCALARS, ids=lambda item: str(item)[:24])
async def test_a_value_comes_back_through_a_join_in_json(
    run: Runner, field: str, type_: str, value: Any, expected: Any
) -> None:
    data = {field: placeholder("%1", type_), "children": {"create": [{field: placeholder("%1", type_)}]}}
    if value == float("inf") and field == "float":
        expected = value
    selection = {"$scalars": True, "children": {"arguments": {}, "selection": {"$scalars": True}}}
    created = await run("Everything", "createOne", {"data": data}, selection, values={"%1": value})
    where = {"where": {"id": placeholder("%1", "Int")}}
    found = await run("Everything", "findUnique", where, selection, values={"%1": created["id"]})
    for record in (created, found):
        assert record["children"][0][field] == expected
        assert type(record["children"][0][field]) is type(expected)


@pytest.mark.parametrize("instant", [FIRST, LAST, LAST_DAY])
async def test_the_ends_of_the_calendar_are_stored_as_they_are(run: Runner, instant: datetime) -> None:
    fields = ["date", "precise", "timestamptz"]
    data = dict.fromkeys(fields, placeholder("%1", "DateTime")) | {"text": placeholder("%2", "String")}
    await run("Everything", "createOne", {"data": data}, values={"%1": instant, "%2": "$1"})
    (stored,) = await run.connection.fetch(
        "SELECT date::text, precise::text, (timestamptz AT TIME ZONE 'UTC')::text AS tz, text FROM \"Everything\""
    )
    day, moment = instant.date().isoformat(), instant.replace(tzinfo=None).isoformat(" ")
    assert tuple(stored) == (day, moment, moment, "$1")
    where = {"where": {field: {"lte": placeholder("%1", "DateTime")} for field in fields}}
    assert len(await run("Everything", "findMany", where, values={"%1": instant})) == 1


async def test_not_a_number_comes_back(run: Runner) -> None:
    data = {"float": placeholder("%1", "Float")}
    created = await run("Everything", "createOne", {"data": data}, values={"%1": float("nan")})
    assert created["float"] != created["float"]


async def test_null_comes_back_as_none_for_every_type(run: Runner) -> None:
    created = await run("Everything", "createOne", {"data": {}})
    assert {created[field] for field, *_ in SCALARS} == {None}


LISTS: list[tuple[str, str, list[Any], list[Any]]] = [
    ("ints", "Int", [1, -2], [1, -2]),
    ("bigints", "BigInt", [2**62, 0], [2**62, 0]),
    ("floats", "Float", [0.1, -1e300], [0.1, -1e300]),
    ("decimals", "Float", [Decimal("1.10")], [Decimal("1.10")]),
    ("booleans", "Boolean", [True, False], [True, False]),
    ("texts", "String", ["", "a,b", '{"', "NULL"], ["", "a,b", '{"', "NULL"]),
    ("uuids", "String", ["01234567-89ab-cdef-0123-456789abcdef"], ["01234567-89ab-cdef-0123-456789abcdef"]),
    ("timestamps", "DateTime", [FAR], [datetime(2026, 11, 20, 18, 29, 59, 123000, tzinfo=UTC)]),
    ("timestamptzs", "DateTime", [FAR], [FAR.astimezone(UTC)]),
    ("dates", "DateTime", [FAR], [datetime(2026, 11, 20, tzinfo=UTC)]),
    ("timestamps", "DateTime", [FIRST, LAST_DAY], [FIRST, LAST_DAY]),
    ("timestamptzs", "DateTime", [LAST, FIRST], [LAST, FIRST]),
    ("dates", "DateTime", [LAST_DAY, FIRST], [LAST_DAY, FIRST]),
    ("times", "DateTime", [FAR], [datetime(1970, 1, 1, 18, 29, 59, 123456, tzinfo=UTC)]),
    ("jsons", "Json", ['{"a": 1}', "[2]"], [{"a": 1}, [2]]),
    ("byteses", "Bytes", [b"\x00", b""], [b"\x00", b""]),
    ("moods", "Enum", ["sad_in_db", "HAPPY"], ["SAD", "HAPPY"]),
]


@pytest.mark.parametrize(("field", "inner", "value", "expected"), LISTS, ids=lambda item: str(item)[:24])
async def test_a_list_comes_back_as_it_was_written(
    run: Runner, field: str, inner: str, value: list[Any], expected: list[Any]
) -> None:
    argument = {"set": placeholder("%1", "List", inner)}
    data = {field: argument, "children": {"create": [{field: argument}]}}
    selection = {"$scalars": True, "children": {"arguments": {}, "selection": {"$scalars": True}}}
    created = await run("Everything", "createOne", {"data": data}, selection, values={"%1": value})
    assert created[field] == expected
    assert created["children"][0][field] == expected


async def test_an_empty_list_and_a_list_that_was_never_set_are_both_empty(run: Runner) -> None:
    created = await run("Everything", "createOne", {"data": {"ints": []}})
    assert created["ints"] == []
    assert created["texts"] == []


async def test_literals_in_the_query_reach_the_database_in_their_type(run: Runner) -> None:
    data = {
        "timestamp": {"$type": "DateTime", "value": "2020-02-29T12:00:00.500Z"},
        "date": {"$type": "DateTime", "value": "2020-02-29T00:00:00.000Z"},
        "bigint": {"$type": "BigInt", "value": "9007199254740993"},
        "decimal": {"$type": "Decimal", "value": "1.10"},
        "bytes": {"$type": "Bytes", "value": "AP8="},
        "jsonb": {"$type": "Json", "value": '{"a":1}'},
        "mood": "SAD",
        "text": "x",
    }
    created = await run("Everything", "createOne", {"data": data})
    assert created["timestamp"] == datetime(2020, 2, 29, 12, 0, 0, 500000, tzinfo=UTC)
    assert created["date"] == datetime(2020, 2, 29, tzinfo=UTC)
    assert created["bigint"] == 9007199254740993
    assert created["decimal"] == Decimal("1.10")
    assert created["bytes"] == b"\x00\xff"
    assert created["jsonb"] == {"a": 1}
    assert created["mood"] == "SAD"


@pytest.mark.parametrize(
    ("field", "type_", "value"),
    [("uuid", "String", "no uuid"), ("smallint", "Int", 40000), ("int", "Int", "seven"), ("date", "DateTime", "soon")],
)
async def test_a_value_that_does_not_fit_its_column_is_refused_with_a_typed_error(
    run: Runner, field: str, type_: str, value: Any
) -> None:
    with pytest.raises(InvalidValueError) as caught:
        await run("Everything", "createOne", {"data": {field: placeholder("%1", type_)}}, values={"%1": value})
    assert caught.value.__cause__ is not None
