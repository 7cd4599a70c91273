"""The ends of every type's range, there and back, also inside joins; and what PostgreSQL holds and Python cannot."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from berceau_engine.errors import DataError, InvalidValueError

from .conftest import Runner, placeholder

FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
LONG = 10 * 2**20

SAME: list[tuple[str, str, Any]] = [
    ("smallint", "Int", 32767),
    ("oid", "Int", 0),
    ("oid", "Int", 2**32 - 1),
    ("float", "Float", -1.7976931348623157e308),
    ("float", "Float", -5e-324),
    ("float", "Float", float("-inf")),
    ("real", "Float", -3.4028235e38),
    ("real", "Float", -1e-45),
    ("real", "Float", float("inf")),
    ("decimal", "Float", Decimal(f"{'9' * 35}.{'9' * 30}")),
    ("decimal", "Float", Decimal(f"-{'9' * 35}.{'9' * 30}")),
    ("decimal", "Float", Decimal("0.000000000000000000000000000001")),
    ("scaled", "Float", Decimal("99999999.99")),
    ("scaled", "Float", Decimal("-99999999.99")),
    ("money", "Float", Decimal("92233720368547758.07")),
    ("money", "Float", Decimal("-92233720368547758.08")),
    ("boolean", "Boolean", True),
    ("varchar", "String", "😀" * 20),
    ("char", "String", "𝄞" * 4),
    ("uuid", "String", "00000000-0000-0000-0000-000000000000"),
    ("uuid", "String", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
    ("inet", "String", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("inet", "String", "10.1.2.3/8"),
    ("bit", "String", "0000"),
    ("varbit", "String", ""),
    ("varbit", "String", "10" * 500),
    ("jsonb", "Json", '[[], [[1, [2, []]], {"a": [{}]}], "😀"]'),
    ("jsonb", "Json", "-1e-300"),
    ("json", "Json", "[" * 500 + "]" * 500),
]

TIMES = [
    ("time", FIRST, datetime(1970, 1, 1, tzinfo=UTC)),
    ("time", LAST, datetime(1970, 1, 1, 23, 59, 59, 999999, tzinfo=UTC)),
    ("timetz", FIRST, datetime(1970, 1, 1, tzinfo=UTC)),
    ("timetz", LAST, datetime(1970, 1, 1, 23, 59, 59, 999999, tzinfo=UTC)),
]


async def written_and_read(run: Runner, field: str, type_: str, value: Any) -> list[Any]:
    """What comes back of a value from creating and from finding, each as a column and inside a join."""
    argument = placeholder("%1", type_)
    data = {field: argument, "children": {"create": [{field: argument}]}}
    selection = {"id": True, field: True, "children": {"arguments": {}, "selection": {field: True}}}
    created = await run("Everything", "createOne", {"data": data}, selection, values={"%1": value})
    found = await run("Everything", "findUnique", {"where": {"id": created["id"]}}, selection)
    return [item for record in (created, found) for item in (record[field], record["children"][0][field])]


@pytest.mark.parametrize(("field", "type_", "value"), SAME, ids=lambda item: str(item)[:24])
async def test_the_ends_of_a_range_come_back(run: Runner, field: str, type_: str, value: Any) -> None:
    expected = json.loads(value) if type_ == "Json" else value
    for item in await written_and_read(run, field, type_, value):
        assert item == expected
        assert type(item) is type(expected)


@pytest.mark.parametrize(("field", "value", "expected"), TIMES)
async def test_the_first_and_last_time_of_a_day_come_back(
    run: Runner, field: str, value: datetime, expected: datetime
) -> None:
    assert await written_and_read(run, field, "DateTime", value) == [expected] * 4


@pytest.mark.parametrize("field", ["float", "real", "decimal"])
async def test_not_a_number_comes_back(run: Runner, field: str) -> None:
    for item in await written_and_read(run, field, "Float", float("nan")):
        assert item != item
        assert type(item) is (Decimal if field == "decimal" else float)


@pytest.mark.parametrize(
    ("field", "type_", "value"),
    [
        ("text", "String", "x" * LONG),
        ("text", "String", "😀" * (LONG // 4)),
        ("bytes", "Bytes", b"\x00\xff" * (LONG // 2)),
        ("jsonb", "Json", '"' + "ä" * (LONG // 2) + '"'),
    ],
    ids=["text", "4-byte characters", "bytes", "document"],
)
async def test_ten_megabytes_come_back(run: Runner, field: str, type_: str, value: Any) -> None:
    expected = value[1:-1] if type_ == "Json" else value
    for item in await written_and_read(run, field, type_, value):
        assert item == expected


@pytest.mark.parametrize(
    ("field", "type_", "value"),
    [
        ("smallint", "Int", 32768),
        ("oid", "Int", 2**32),
        ("oid", "Int", -1),
        ("decimal", "Float", Decimal(10**35)),
        ("decimal", "Float", float("inf")),
        ("scaled", "Float", Decimal("100000000")),
        ("money", "Float", Decimal("92233720368547758.08")),
        ("real", "Float", 3.5e38),
        ("varchar", "String", "x" * 21),
        ("text", "String", "a\0b"),
        ("text", "String", "\ud800"),
        ("jsonb", "Json", '"\\u0000"'),
        ("jsonb", "Json", "{"),
    ],
    ids=lambda item: repr(item)[:24],
)
async def test_what_is_beyond_the_range_is_refused_and_nothing_is_written(
    run: Runner, field: str, type_: str, value: Any
) -> None:
    with pytest.raises(InvalidValueError):
        await run("Everything", "createOne", {"data": {field: placeholder("%1", type_)}}, values={"%1": value})
    assert await run("Everything", "findMany", {}, {"id": True}) == []


@pytest.mark.parametrize("sign", ["", "-"])
async def test_infinite_instants_are_the_ends_of_pythons_calendar(run: Runner, sign: str) -> None:
    fields = ("timestamp", "timestamptz", "date")
    columns, values = ", ".join(fields), ", ".join([f"'{sign}infinity'"] * 3)
    await run.connection.execute(f'INSERT INTO "Everything" (id, {columns}) VALUES (1, {values})')
    await run.connection.execute(f'INSERT INTO "Everything" (id, "parentId", {columns}) VALUES (2, 1, {values})')
    scalars = dict.fromkeys(fields, True)
    selection = {**scalars, "children": {"arguments": {}, "selection": scalars}}
    found = await run("Everything", "findUnique", {"where": {"id": 1}}, selection)
    end = FIRST if sign else LAST
    midnight = end.replace(hour=0, minute=0, second=0, microsecond=0)
    assert [found[field] for field in fields] == [end, end, midnight]
    assert [found[field].tzinfo for field in fields] == [UTC] * 3
    assert found["children"] == [dict.fromkeys(fields, end)]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("timestamp", "0044-03-15 12:00:00 BC"),
        ("timestamp", "10000-01-01"),
        ("timestamptz", "0044-03-15 12:00:00+00 BC"),
        ("timestamptz", "294276-12-31 23:59:59.999999+00"),
        ("date", "4713-01-01 BC"),
        ("date", "5874897-12-31"),
        ("time", "24:00:00"),
        ("timetz", "24:00:00+00"),
    ],
)
async def test_a_date_or_time_that_python_lacks_is_told_as_such(run: Runner, field: str, value: str) -> None:
    await run.connection.execute('INSERT INTO "Everything" (id) VALUES (1)')
    await run.connection.execute(f'INSERT INTO "Everything" (id, "parentId", {field}) VALUES (2, 1, \'{value}\')')
    for selection in ({field: True}, {"children": {"arguments": {}, "selection": {field: True}}}):
        with pytest.raises(DataError, match=r"Python cannot hold .*years 1 to 9999") as caught:
            await run("Everything", "findMany", {}, selection)
        assert caught.value.code == "P2023"
    found = await run("Everything", "findMany", {"orderBy": {"id": "asc"}}, {"id": True})
    assert found == [{"id": 1}, {"id": 2}]  # the connection is as good as before


@pytest.mark.parametrize(
    ("field", "sql", "expected"),
    [
        ("ints", "ARRAY[1, NULL]", [1, None]),
        ("bigints", "ARRAY[NULL, 9223372036854775807]", [None, 2**63 - 1]),
        ("floats", "ARRAY[NULL, 'Infinity']::float[]", [None, float("inf")]),
        ("decimals", "ARRAY[NULL, 1.5]", [None, Decimal("1.5")]),
        ("booleans", "ARRAY[NULL, true]", [None, True]),
        ("texts", "ARRAY[NULL, 'NULL', '']", [None, "NULL", ""]),
        ("timestamps", "ARRAY[NULL, '2020-01-01']::timestamp[]", [None, datetime(2020, 1, 1, tzinfo=UTC)]),
        ("timestamptzs", "ARRAY[NULL, 'infinity']::timestamptz[]", [None, LAST]),
        ("jsons", "ARRAY[NULL, 'null', '[]']::jsonb[]", [None, None, []]),
        ("byteses", "ARRAY[NULL, '\\x00']::bytea[]", [None, b"\0"]),
        ("moods", """ARRAY[NULL, 'HAPPY']::"Mood"[]""", [None, "HAPPY"]),
        ("ints", "'{}'", []),
        ("texts", "NULL", []),
    ],
    ids=lambda item: str(item)[:24],
)
async def test_nulls_in_lists_come_back_as_none(run: Runner, field: str, sql: str, expected: list[Any]) -> None:
    await run.connection.execute(f'INSERT INTO "Everything" (id, {field}) VALUES (1, {sql})')
    await run.connection.execute(f'INSERT INTO "Everything" (id, "parentId", {field}) VALUES (2, 1, {sql})')
    selection = {field: True, "children": {"arguments": {}, "selection": {field: True}}}
    found = await run("Everything", "findUnique", {"where": {"id": 1}}, selection)
    assert found == {field: expected, "children": [{field: expected}]}
