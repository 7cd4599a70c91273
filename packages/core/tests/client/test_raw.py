"""Raw SQL: parameters of every type, rows as the tables are now, mapped enums, no transactions by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel

from berceau.client import Base64, BoundSchema, Json
from berceau.client.errors import RawQueryError, TransactionError
from berceau_engine.postgres import connect

NOON = datetime(2026, 1, 2, 12, 0, 0, 5, tzinfo=UTC)
ID = "00000000-0000-0000-0000-000000000001"


@pytest.fixture
async def client(bound: BoundSchema, own_url: str) -> AsyncIterator[Any]:
    """A client on a database whose tables a test may change."""
    async with bound.client_class()(own_url) as client:
        yield client


class Colour(Enum):
    RED = "red"


@pytest.mark.parametrize(
    ("type_", "value", "expected"),
    [
        ("numeric", Decimal("0.10"), Decimal("0.10")),
        ("numeric", 0.1, Decimal("0.1")),
        ("int", 5, 5),
        ("bigint", 2**62, 2**62),
        ("float8", 1.5, 1.5),
        ("bool", True, True),
        ("text", "ü", "ü"),
        ("timestamptz", NOON, NOON),
        ("timestamp", NOON, NOON),
        ("timestamptz", NOON.replace(tzinfo=None), NOON),
        ("timestamptz", datetime.max.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)),
        ("date", date(2026, 1, 2), datetime(2026, 1, 2, tzinfo=UTC)),
        ("date", NOON, datetime(2026, 1, 2, tzinfo=UTC)),
        ("time", time(12, 30), datetime(1970, 1, 1, 12, 30, tzinfo=UTC)),
        ("uuid", UUID(ID), ID),
        ("text", UUID(ID), ID),
        ("int[]", [1, None], [1, None]),
        ("text[]", ("a", "b"), ["a", "b"]),
        ("uuid[]", [UUID(ID)], [ID]),
        ("numeric[]", [Decimal("1.5")], [Decimal("1.5")]),
        ("timestamptz[]", [NOON], [NOON]),
        ("jsonb", Json([1, {"a": None}]), [1, {"a": None}]),
        ("jsonb", {"at": NOON, "n": Decimal(1)}, {"at": NOON.isoformat(), "n": "1"}),
        ("json", Json(None), None),
        ("jsonb[]", [Json([1]), {"a": 1}], [[1], {"a": 1}]),
        ("bytea", Base64.encode(b"\0\1"), Base64.encode(b"\0\1")),
        ("bytea", b"\0", Base64.encode(b"\0")),
        ("bytea[]", [b"a", Base64.encode(b"b")], [Base64.encode(b"a"), Base64.encode(b"b")]),
        ("int", None, None),
        ("jsonb", None, None),
        ("text", Colour.RED, "red"),
    ],
)
async def test_parameters_of_every_type_come_back_as_they_went(db: Any, type_: str, value: Any, expected: Any) -> None:
    row = await db.query_first(f"SELECT $1::{type_} AS value", value)
    assert row["value"] == expected
    assert type(row["value"]) is type(expected)


async def test_members_of_mapped_enums_are_sent_and_read_by_their_names_in_the_database(
    db: Any, bound: BoundSchema
) -> None:
    status: Any = bound.enums.get("Status")
    author = await db.author.create(data={"name": "Ada"})
    insert = 'INSERT INTO "Book" (title, status, "authorId") VALUES ($1, $2, $3)'
    assert await db.execute_raw(insert, "one", status.PUBLISHED, author.id) == 1
    assert await db.execute_raw(insert, "two", status.DRAFT, author.id) == 1

    class Line(BaseModel):
        status: status
        before: status | None = None
        all: list[status]

    where = 'SELECT * FROM "Book" WHERE status = ANY($1) ORDER BY id'
    books = await db.book.query_raw(where, [status.PUBLISHED, status.DRAFT])
    assert [book.status for book in books] == [status.PUBLISHED, status.DRAFT]
    lines = 'SELECT status, status::text AS before, ARRAY[status] AS all FROM "Book" WHERE status = $1'
    assert await db.query_raw(lines, status.PUBLISHED, model=Line) == [
        Line(status=status.PUBLISHED, before=status.PUBLISHED, all=[status.PUBLISHED])
    ]
    assert await db.query_raw('SELECT status FROM "Book" ORDER BY id') == [
        {"status": "published_in_db"},
        {"status": "DRAFT"},
    ]


async def test_a_table_that_changes_under_a_running_client_is_read_as_it_is(client: Any, own_url: str) -> None:
    outside = await connect(own_url)
    await outside.execute("CREATE TABLE t (a int, b timestamp); INSERT INTO t VALUES (1, '2026-01-02')")
    sql = "SELECT * FROM t"
    assert await client.query_raw(sql) == [{"a": 1, "b": datetime(2026, 1, 2, tzinfo=UTC)}]
    await outside.execute("ALTER TABLE t ADD COLUMN c jsonb DEFAULT '[1]'")
    assert await client.query_raw(sql) == [{"a": 1, "b": datetime(2026, 1, 2, tzinfo=UTC), "c": [1]}]
    await outside.execute("ALTER TABLE t DROP COLUMN b")
    assert await client.query_raw(sql) == [{"a": 1, "c": [1]}]
    await outside.execute("ALTER TABLE t ALTER COLUMN c DROP DEFAULT")
    await outside.execute("ALTER TABLE t ALTER COLUMN c TYPE bytea USING '\\x00'::bytea")
    assert await client.query_raw(sql) == [{"a": 1, "c": Base64.encode(b"\0")}]
    await outside.execute("ALTER TABLE t ALTER COLUMN a TYPE numeric")
    assert await client.query_raw("SELECT a FROM t WHERE a = $1", 1) == [{"a": Decimal(1)}]
    await outside.execute("ALTER TABLE t ALTER COLUMN a TYPE text")
    assert await client.query_raw("SELECT a FROM t WHERE a = $1", "1") == [{"a": "1"}]
    assert await client.execute_raw("UPDATE t SET a = $1", "x") == 1
    await outside.execute("ALTER TABLE t ALTER COLUMN a TYPE int USING 7")
    assert await client.execute_raw("UPDATE t SET a = $1", 8) == 1
    await outside.close()


async def test_a_table_that_changes_inside_a_transaction_fails_that_one_alone(client: Any, own_url: str) -> None:
    outside = await connect(own_url)
    await outside.execute("CREATE TABLE t (a int)")
    sql = "SELECT * FROM t"
    await client.query_raw(sql)
    await outside.execute("ALTER TABLE t ADD COLUMN b int")
    with pytest.raises(RawQueryError, match="cached plan"):
        async with client.tx() as tx:
            await tx.query_raw(sql)
    async with client.tx() as tx:
        assert await tx.query_raw(sql) == []
    await outside.close()


async def test_an_enum_that_is_dropped_and_made_anew_is_found(client: Any, own_url: str) -> None:
    outside = await connect(own_url)
    author = await client.author.create(data={"name": "Ada", "books": {"create": [{"title": "one"}]}})
    sql = 'SELECT status FROM "Book" WHERE status = $1'
    insert = 'INSERT INTO "Book" (title, status, "authorId") VALUES (\'x\', $1, $2) RETURNING status'

    async def use() -> None:
        assert await client.query_raw(sql, "DRAFT") == [{"status": "DRAFT"}]
        assert await client.query_raw(insert, "published_in_db", author.id) == [{"status": "published_in_db"}]
        assert await client.book.count(where={"status": "DRAFT"}) == 1
        assert (await client.book.find_first(where={"status": "PUBLISHED"})).title == "x"
        assert await client.book.delete_many(where={"status": "PUBLISHED"}) == 1

    await use()
    await outside.execute(
        """
        ALTER TABLE "Book" ALTER COLUMN status DROP DEFAULT;
        ALTER TABLE "Book" ALTER COLUMN status TYPE text;
        ALTER TABLE "Sample" DROP COLUMN status, DROP COLUMN statuses;
        DROP TYPE "Status";
        CREATE TYPE "Status" AS ENUM ('published_in_db', 'DRAFT', 'NEW');
        ALTER TABLE "Book" ALTER COLUMN status TYPE "Status" USING status::"Status";
        """
    )
    await use()
    await use()
    await outside.close()


@pytest.mark.parametrize(
    "sql",
    [
        "BEGIN",
        "begin isolation level serializable",
        "START  TRANSACTION",
        "COMMIT",
        "END",
        "ROLLBACK",
        "ABORT;",
        "SAVEPOINT a",
        "RELEASE a",
        "ROLLBACK TO a",
        "PREPARE TRANSACTION 'a'",
        " -- now\n /* really */ BEGIN",
        "/* a /* nested */ comment */ BEGIN",
    ],
)
async def test_transactions_by_hand_are_refused_and_leave_no_connection_in_one(db: Any, sql: str) -> None:
    for use in (db.execute_raw, db.query_raw, db.query_first):
        with pytest.raises(TransactionError, match=r"db\.tx\(\)"):
            await use(sql)
    engine = db._engine()
    connection = await engine.acquire()
    assert not connection.is_in_transaction()
    await engine.release(connection)


async def test_inside_a_transaction_savepoints_by_hand_are_possible_and_its_end_is_not(db: Any) -> None:
    async with db.tx() as tx:
        await tx.author.create(data={"name": "kept"})
        await tx.execute_raw("SAVEPOINT mine")
        await tx.author.create(data={"name": "undone"})
        await tx.execute_raw("ROLLBACK TO SAVEPOINT mine")
        await tx.execute_raw("RELEASE mine")
        for sql in ("COMMIT", "ROLLBACK", "BEGIN", "END"):
            with pytest.raises(TransactionError, match=sql):
                await tx.execute_raw(sql)
    assert [author.name for author in await db.author.find_many()] == ["kept"]


async def test_documents_come_as_what_is_in_them_from_models_and_from_raw_sql(db: Any) -> None:
    document = {"a": [1, 2.5, None, True], "b": {"c": "x"}}
    made = await db.author.create(data={"name": "Ada", "notes": Json(document)})
    assert made.notes == document
    [row] = await db.query_raw('SELECT notes FROM "Author"')
    assert row["notes"] == document
    assert (await db.author.query_first('SELECT * FROM "Author"')).notes == document


async def test_a_duration_is_no_parameter_that_postgresql_takes_for_a_number(db: Any) -> None:
    with pytest.raises(Exception, match="timedelta"):
        await db.query_raw("SELECT $1::int AS n", timedelta(seconds=1))
