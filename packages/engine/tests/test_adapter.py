"""The schema engine's driver on a real PostgreSQL: values of every type, errors by kind, transactions, scripts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from berceau_engine import adapter
from berceau_engine.adapter_errors import describe
from berceau_engine.adapter_values import UnsupportedColumnError
from berceau_engine.bridge import Bridge
from berceau_engine.errors import DatabaseUnreachableError, MigrationError, TlsConnectionError
from berceau_engine.javascript import UNDEFINED
from berceau_engine.postgres import Connection, DatabaseUrl, connect
from berceau_engine.promise import Promise
from berceau_engine.shadow import ShadowDatabase
from berceau_engine.wasm import Instance, load


@pytest.fixture
async def connection(database_url: DatabaseUrl) -> AsyncIterator[Connection]:
    connection = await connect(database_url)
    yield connection
    await connection.close()


def request(sql: str, *arguments: Any) -> dict[str, Any]:
    return {"sql": sql, "args": list(arguments), "argTypes": []}


# ---------------------------------------------------------------- values


@pytest.mark.parametrize(
    ("expression", "number", "value"),
    [
        ("1::int2", 0, 1),
        ("(-2147483648)::int4", 0, -2147483648),
        ("9223372036854775807::int8", 1, "9223372036854775807"),
        ("4294967295::oid", 1, "4294967295"),
        ("1.5::float4", 2, 1.5),
        ("1e300::float8", 3, 1e300),
        ("1e20::numeric", 4, "100000000000000000000"),
        ("0.000000000001::numeric", 4, "0.000000000001"),
        ("'$1,234.50'::money", 4, "1234.50"),
        ("true", 5, True),
        ("'c'::\"char\"", 6, "c"),
        ("'t'::text", 7, "t"),
        ("'v'::varchar(5)", 7, "v"),
        ("'b'::char(3)", 7, "b  "),
        ("'n'::name", 7, "n"),
        ("'10.0.0.1/24'::inet", 7, "10.0.0.1/24"),
        ("'10.0.0.0/8'::cidr", 7, "10.0.0.0/8"),
        ("B'0101'", 7, "0101"),
        ("B'010101010101'::varbit", 7, "010101010101"),
        ("'2020-01-31'::date", 8, "2020-01-31"),
        ("'10:20:30.5'::time", 9, "10:20:30.500000"),
        ("'10:20:30+02'::timetz", 9, "10:20:30"),
        ("'2020-01-31 10:20:30'::timestamp", 10, "2020-01-31T10:20:30+00:00"),
        ("'2020-01-31 10:20:30+02'::timestamptz", 10, "2020-01-31T08:20:30+00:00"),
        ("'{\"a\": 1}'::json", 11, '{"a": 1}'),
        ("'{\"a\": 1}'::jsonb", 11, '{"a": 1}'),
        ("'\\x0102'::bytea", 13, bytearray(b"\x01\x02")),
        ("'12345678-1234-1234-1234-123456789abc'::uuid", 15, "12345678-1234-1234-1234-123456789abc"),
        ("'sad'::mood", 7, "sad"),
        ("NULL::int8", 1, None),
        ("'{1,NULL}'::int4[]", 64, [1, None]),
        ("'{9223372036854775807}'::int8[]", 65, ["9223372036854775807"]),
        ("'{1.5}'::float4[]", 66, [1.5]),
        ("'{1.5}'::float8[]", 67, [1.5]),
        ("'{1.50}'::numeric[]", 68, ["1.50"]),
        ("'{t,f}'::bool[]", 69, [True, False]),
        ("'{a}'::\"char\"[]", 70, ["a"]),
        ("'{a,\"b c\"}'::text[]", 71, ["a", "b c"]),
        ("'{a}'::name[]", 71, ["a"]),
        ("'{2020-01-31}'::date[]", 72, ["2020-01-31"]),
        ("'{10:20:30}'::time[]", 73, ["10:20:30"]),
        ("'{2020-01-31 10:20:30}'::timestamp[]", 74, ["2020-01-31T10:20:30+00:00"]),
        ("ARRAY['[1]'::json]", 75, ["[1]"]),
        ("ARRAY['\\x01'::bytea]", 77, [bytearray(b"\x01")]),
        ("ARRAY['12345678-1234-1234-1234-123456789abc'::uuid]", 78, ["12345678-1234-1234-1234-123456789abc"]),
        ("'{sad}'::mood[]", 71, ["sad"]),
    ],
)
async def test_a_value_of_each_type_is_handed_over_as_the_engine_takes_it(
    connection: Connection, expression: str, number: int, value: Any
) -> None:
    await connection.execute("CREATE TYPE mood AS ENUM ('sad', 'happy')")
    result = await adapter.query(connection, request(f"SELECT {expression} AS x"))
    assert result == {"columnNames": ["x"], "columnTypes": [number], "rows": [[value]]}
    assert type(result["rows"][0][0]) is type(value)


async def test_a_type_that_the_engine_has_no_number_for_is_named(connection: Connection) -> None:
    with pytest.raises(UnsupportedColumnError, match="point"):
        await adapter.query(connection, request("SELECT '(1,2)'::point"))
    assert describe(UnsupportedColumnError("point")) == {"kind": "UnsupportedNativeDataType", "type": "point"}


@pytest.mark.parametrize(
    ("kind", "given", "text"),
    [
        ("int4", 5.0, "5"),
        ("int8", "9223372036854775807", "9223372036854775807"),
        ("float8", 2, "2"),
        ("numeric", "1.50", "1.50"),
        ("bool", True, "true"),
        ("text", "a", "a"),
        ("text", None, None),
        ("uuid", "12345678-1234-1234-1234-123456789abc", "12345678-1234-1234-1234-123456789abc"),
        ("date", "2020-01-31T00:00:00Z", "2020-01-31"),
        ("time", "10:20:30", "10:20:30"),
        ("timestamp", "2020-01-31T10:20:30+02:00", "2020-01-31 08:20:30"),
        ("timestamptz", "2020-01-31T10:20:30", "2020-01-31 10:20:30+00"),
        ("json", '{"a": 1}', '{"a": 1}'),
        ("bytea", bytearray(b"\x01"), "\\x01"),
        ("int4[]", [1.0, None], "{1,NULL}"),
        ("text[]", ["a", "b"], "{a,b}"),
    ],
)
async def test_a_parameter_of_each_type_arrives(
    connection: Connection, kind: str, given: Any, text: str | None
) -> None:
    await connection.execute("SET TIME ZONE 'UTC'")
    result = await adapter.query(connection, request(f"SELECT ($1::{kind})::text AS x", given))
    assert result["rows"] == [[text]]


async def test_a_statement_without_rows_has_no_columns(connection: Connection) -> None:
    result = await adapter.query(connection, request("CREATE TABLE a (id INT)"))
    assert result == {"columnNames": [], "columnTypes": [], "rows": []}


@pytest.mark.parametrize(
    ("sql", "arguments", "count"),
    [
        ("INSERT INTO a VALUES (4), (5)", (), 2),
        ("UPDATE a SET id = id + $1", (10,), 3),
        ("DELETE FROM a WHERE id > $1", (1,), 2),
        ("CREATE TABLE b (id INT)", (), 0),
        ("BEGIN", (), 0),
        ("CREATE TABLE c (id INT); INSERT INTO c VALUES (1)", (), 1),
    ],
)
async def test_the_number_of_changed_rows_is_counted(
    connection: Connection, sql: str, arguments: tuple[Any, ...], count: int
) -> None:
    await connection.execute("CREATE TABLE a (id INT); INSERT INTO a VALUES (1), (2), (3)")
    assert await adapter.execute(connection, request(sql, *arguments)) == count


# ---------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("SELECT * FROM nowhere", {"kind": "TableDoesNotExist", "table": "nowhere"}),
        ("SELECT nope FROM child", {"kind": "ColumnNotFound", "column": "nope"}),
        ("INSERT INTO parent VALUES (1, 'x')", {"kind": "UniqueConstraintViolation", "constraint": {"fields": ["id"]}}),
        ("INSERT INTO parent VALUES (2)", {"kind": "NullConstraintViolation", "constraint": {"fields": ["name"]}}),
        ("INSERT INTO child VALUES (9)", {"kind": "ForeignKeyConstraintViolation", "constraint": {"index": "fk"}}),
        ("INSERT INTO parent VALUES (3, 'too long')", {"kind": "LengthMismatch"}),
        ("SELECT 32768::int2", {"kind": "ValueOutOfRange", "cause": "smallint out of range"}),
        ("SELECT 'x'::int", {"kind": "InvalidInputValue"}),
        ("CREATE DATABASE postgres", {"kind": "DatabaseAlreadyExists", "db": "postgres"}),
        ("SELEC", {"kind": "postgres", "code": "42601", "severity": "ERROR"}),
        (
            "DO $$ BEGIN RAISE 'no' USING DETAIL = 'd', HINT = 'h', ERRCODE = 'AB123'; END $$",
            {"kind": "postgres", "code": "AB123", "message": "no", "detail": "d", "hint": "h"},
        ),
        ("DO $$ BEGIN RAISE 'x' USING ERRCODE = '40001'; END $$", {"kind": "TransactionWriteConflict"}),
        ("DO $$ BEGIN RAISE 'x' USING ERRCODE = '53300'; END $$", {"kind": "TooManyConnections", "cause": "x"}),
        ("DO $$ BEGIN RAISE 'x' USING ERRCODE = '57P01'; END $$", {"kind": "ConnectionClosed"}),
        (
            "DO $$ BEGIN RAISE 'of \"me\"' USING ERRCODE = '28P01'; END $$",
            {"kind": "AuthenticationFailed", "user": "me"},
        ),
        ("DO $$ BEGIN RAISE 'to \"db\"' USING ERRCODE = '28000'; END $$", {"kind": "DatabaseAccessDenied", "db": "db"}),
        ("DO $$ BEGIN RAISE '\"db\"' USING ERRCODE = '3D000'; END $$", {"kind": "DatabaseDoesNotExist", "db": "db"}),
    ],
)
async def test_an_error_of_the_server_is_told_by_its_kind(
    connection: Connection, sql: str, told: dict[str, Any]
) -> None:
    await connection.execute(
        """
        CREATE TABLE parent (id INT PRIMARY KEY, name VARCHAR(3) NOT NULL);
        INSERT INTO parent VALUES (1, 'one');
        CREATE TABLE child (parent INT, CONSTRAINT fk FOREIGN KEY (parent) REFERENCES parent);
        """
    )
    with pytest.raises(asyncpg.PostgresError) as caught:
        await adapter.execute(connection, request(sql))
    description = describe(caught.value)
    assert description.items() >= told.items()
    assert description["originalCode"] == caught.value.sqlstate
    assert description["originalMessage"]


async def test_an_error_before_the_server_answers_is_told_by_its_kind() -> None:
    assert describe(DatabaseUnreachableError("no", code="P1001"))["kind"] == "DatabaseNotReachable"
    assert describe(TlsConnectionError("no", code="P1011")) == {"kind": "TlsConnectionError", "reason": "no"}
    assert describe(TimeoutError())["kind"] == "SocketTimeout"
    assert describe(ConnectionResetError())["kind"] == "ConnectionClosed"
    assert describe(RuntimeError("odd")) == {
        "kind": "postgres",
        "code": "N/A",
        "severity": "ERROR",
        "message": "RuntimeError: odd",
    }


# ---------------------------------------------------------------- scripts


@pytest.mark.parametrize("script", ["", " \n;", "-- This is an empty migration.\n", "/* nothing\n */ -- at all"])
async def test_a_script_may_hold_no_statement(connection: Connection, script: str) -> None:
    await adapter.execute_script(connection, script)
    assert await connection.fetchval("SELECT 1") == 1


async def test_a_script_leaves_no_transaction_and_no_search_path(connection: Connection) -> None:
    await adapter.execute_script(connection, "SET search_path = ''; CREATE TABLE public.a (id INT)")
    assert str(await connection.fetchval("SHOW search_path")).strip('"') == "public"
    with pytest.raises(MigrationError, match="does not end it"):
        await adapter.execute_script(connection, "BEGIN; CREATE TABLE public.b (id INT)")
    with pytest.raises(asyncpg.PostgresError):
        await adapter.execute_script(connection, "BEGIN; SELECT 1 / 0")
    assert not connection.is_in_transaction()
    assert await connection.fetchval("SELECT to_regclass('public.b')") is None


# ---------------------------------------------------------------- what the engine sees


@pytest.fixture
async def driver(database_url: DatabaseUrl) -> AsyncIterator[Any]:
    """Opens connections as the engine does."""
    instance = Instance(load("migrate"))
    bridge = Bridge(instance)
    made = adapter.Adapter(bridge, database_url, ShadowDatabase(database_url))
    factory = made.factory()

    yield lambda: value(factory["connect"]())
    await made.close()
    instance.close()


async def answer(promise: Promise) -> dict[str, Any]:
    """What a function of the adapter answers."""
    while promise.state == "pending":
        await asyncio.sleep(0.001)
    assert isinstance(promise.value, dict)
    return promise.value


async def value(promise: Promise) -> Any:
    """The result that a function of the adapter answers with."""
    answered = await answer(promise)
    assert answered["ok"], answered
    return answered["value"]


async def count(queryable: dict[str, Any]) -> int:
    return int((await value(queryable["queryRaw"](request("SELECT count(*)::int4 FROM a"))))["rows"][0][0])


@pytest.mark.parametrize(("end", "left"), [("commit", 2), ("rollback", 0)])
async def test_a_transaction_ends_as_it_is_told(driver: Any, end: str, left: int) -> None:
    queryable = await driver()
    await value(queryable["executeScript"]("CREATE TABLE a (id INT)"))
    transaction = await value(queryable["startTransaction"]("SERIALIZABLE"))
    level = await value(transaction["queryRaw"](request("SHOW transaction_isolation")))
    assert level["rows"] == [["serializable"]]
    assert await value(transaction["executeRaw"](request("INSERT INTO a VALUES ($1), ($2)", 1, 2))) == 2
    assert await count(transaction) == 2
    await value(transaction[end]())
    assert await count(queryable) == left


async def test_a_savepoint_takes_back_what_came_after_it(driver: Any) -> None:
    queryable = await driver()
    await value(queryable["executeScript"]("CREATE TABLE a (id INT)"))
    transaction = await value(queryable["startTransaction"](UNDEFINED))
    await value(transaction["executeRaw"](request("INSERT INTO a VALUES (1)")))
    await value(transaction["createSavepoint"]('the "point"'))
    refused = await answer(transaction["executeRaw"](request("INSERT INTO nowhere VALUES (1)")))
    assert (refused["ok"], refused["error"]["kind"]) == (False, "TableDoesNotExist")
    await value(transaction["rollbackToSavepoint"]('the "point"'))
    await value(transaction["releaseSavepoint"]('the "point"'))
    await value(transaction["commit"]())
    assert await count(queryable) == 1


async def test_a_connection_tells_its_schema_and_can_be_disposed_of(driver: Any) -> None:
    queryable = await driver()
    information = queryable["getConnectionInfo"]()
    assert information == {"ok": True, "value": {"schemaName": "public", "supportsRelationJoins": True}}
    await value(queryable["dispose"]())
    gone = await answer(queryable["queryRaw"](request("SELECT 1")))
    assert (gone["ok"], gone["error"]["kind"]) == (False, "ConnectionClosed")
