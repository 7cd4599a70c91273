"""Through PgBouncer in transaction mode, where each transaction may get another connection of the server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager
from typing import Any, Protocol

import pytest
from pgbouncer import KEEPS_STATEMENTS, PROGRAM, bouncer, installed, version

from berceau.client import BoundSchema, Json
from berceau.client.errors import (
    DataError,
    InvalidUrlError,
    RawQueryError,
    TransactionExpiredError,
    UniqueViolationError,
)
from berceau_engine.postgres import DatabaseUrl, connect, quote_identifier

TASKS, SERVER_CONNECTIONS = 20, 3
KEEPING_NONE: dict[str, object] = (
    {"max_prepared_statements": 0} if PROGRAM is not None and version(PROGRAM) >= KEEPS_STATEMENTS else {}
)
"""Settings with which PgBouncer keeps no prepared statements; older versions never do, and know no such setting."""


class Bouncer(Protocol):
    """Starts PgBouncer in front of the test's database; its settings beside those that all tests have."""

    def __call__(self, **settings: object) -> AbstractContextManager[DatabaseUrl]: ...


@pytest.fixture
def url(own_url: str) -> str:
    """The address of a copy that raw SQL finds without a search path, which PgBouncer does not let a client set."""
    asyncio.run(let_tables_be_found(DatabaseUrl.parse(own_url)))
    return own_url


async def let_tables_be_found(url: DatabaseUrl) -> None:
    """The database's own search path is the schema of the address."""
    connection = await connect(url)
    name, schema = quote_identifier(url.database), quote_identifier(url.schema)
    await connection.execute(f"ALTER DATABASE {name} SET search_path = {schema}")
    await connection.close()


@pytest.fixture
def through(url: str) -> Bouncer:
    """PgBouncer in front of the test's database."""
    program = installed()

    def start(**settings: object) -> AbstractContextManager[DatabaseUrl]:
        return bouncer(program, DatabaseUrl.parse(url), **settings)

    return start


@pytest.fixture(params=["0", "default"])
def kept(request: pytest.FixtureRequest) -> dict[str, object]:
    """Settings with which PgBouncer keeps no prepared statements of its clients, or as many as it likes."""
    return KEEPING_NONE if request.param == "0" else {}


@pytest.fixture
def pooled(through: Bouncer, kept: dict[str, object]) -> Iterator[str]:
    """The address through PgBouncer, as a user writes it; it has fewer connections than the client."""
    with through(default_pool_size=SERVER_CONNECTIONS, **kept) as address:
        yield f"{address}&pgbouncer=true&connection_limit={TASKS}&pool_timeout=60&application_name=app"


@pytest.fixture
async def db(bound: BoundSchema, pooled: str) -> AsyncIterator[Any]:
    """A client that is connected through PgBouncer."""
    async with bound.client_class()(pooled) as client:
        yield client


async def test_all_kinds_of_operations_work(db: Any) -> None:
    author = await db.author.create(
        data={
            "name": "Ada",
            "nicks": ["Countess"],
            "notes": Json({"a": 1}),
            "books": {"create": [{"title": "Notes", "status": "PUBLISHED"}, {"title": "Letters"}]},
            "rivals": {"connect_or_create": {"where": {"name": "Bob"}, "create": {"name": "Bob"}}},
        },
        include={"books": {"order": {"id": "asc"}}, "rivals": True},
    )
    assert [book.title for book in author.books] == ["Notes", "Letters"]
    assert [rival.name for rival in author.rivals] == ["Bob"]
    for strategy in ("join", "query"):
        found = await db.author.find_many(
            where={"books": {"some": {"status": "PUBLISHED"}}},
            include={"books": {"take": 1, "order": {"id": "desc"}}},
            relation_load_strategy=strategy,
        )
        assert [(one.name, [book.title for book in one.books]) for one in found] == [("Ada", ["Letters"])]
    upsert = {"create": {"name": "Cy"}, "update": {"score": {"increment": 1}}}
    scores = [(await db.author.upsert(where={"name": "Cy"}, data=upsert)).score for _ in range(3)]
    assert scores == [0, 1, 2]
    assert (await db.author.aggregate(sum={"score": True}, count=True)) == {"_count": {"_all": 3}, "_sum": {"score": 2}}
    assert await db.author.create_many([{"name": "Dee"}, {"name": "Eve"}]) == 2
    with pytest.raises(UniqueViolationError):
        await db.author.create(data={"name": "Dee"})
    assert await db.author.delete_many(where={"name": {"in": ["Cy", "Dee", "Eve"]}}) == 3


async def test_transactions_and_savepoints_stay_on_one_connection(db: Any) -> None:
    async with db.tx(isolation_level="Serializable") as tx:
        await tx.author.create(data={"name": "kept"})
        process = await tx.query_raw("SELECT pg_backend_pid() AS pid")
        with pytest.raises(UniqueViolationError):
            async with tx.tx() as inner:
                await inner.author.create(data={"name": "undone"})
                await inner.author.create(data={"name": "kept"})
        async with tx.tx() as inner:
            await inner.author.create(data={"name": "kept, too"})
            assert await inner.query_raw("SELECT pg_backend_pid() AS pid") == process
    with pytest.raises(ZeroDivisionError):
        async with db.tx() as tx:
            await tx.author.delete_many()
            raise ZeroDivisionError
    with pytest.raises(TransactionExpiredError):
        async with db.tx(timeout=200) as tx:
            await tx.author.delete_many()
            await tx.query_raw("SELECT pg_sleep(30)")
    assert {author.name for author in await db.author.find_many()} == {"kept", "kept, too"}


async def test_batches_and_raw_sql_work(db: Any) -> None:
    async with db.batch_() as batch:
        batch.author.create({"name": "Ada", "books": {"create": {"title": "Notes"}}})
        batch.author.create_many([{"name": "Bob"}, {"name": "Cy"}])
        batch.author.update_many({"score": 3}, where={"name": {"not": "Cy"}})
        batch.execute_raw('UPDATE "Author" SET nicks = $1 WHERE score = $2', ["x", "y"], 3)
    with pytest.raises(UniqueViolationError):
        async with db.batch_() as batch:
            batch.author.delete_many()
            batch.author.create_many([{"name": "Bob"}, {"name": "Bob"}])
    rows = await db.query_raw('SELECT name, nicks FROM "Author" WHERE score = $1 ORDER BY name', 3)
    assert rows == [{"name": "Ada", "nicks": ["x", "y"]}, {"name": "Bob", "nicks": ["x", "y"]}]
    book = await db.book.query_first('SELECT * FROM "Book" WHERE title = $1', "Notes")
    assert book.status == "DRAFT"
    assert await db.execute_raw('DELETE FROM "Author" WHERE name = $1', "Cy") == 1
    with pytest.raises(RawQueryError, match="division by zero"):
        await db.query_raw("SELECT 1 / $1::int", 0)


async def test_many_tasks_share_few_connections(db: Any) -> None:
    async def use(number: int) -> None:
        name = f"author {number}"
        for turn in range(5):
            await db.author.upsert(
                where={"name": name},
                data={
                    "create": {"name": name, "books": {"create": {"title": f"{name}, {turn}"}}},
                    "update": {"books": {"create": [{"title": f"{name}, {turn}"}]}},
                },
            )
            assert (await db.author.find_unique(where={"name": name})).name == name
            async with db.tx(max_wait=60_000, timeout=60_000) as tx:
                assert await tx.book.count(where={"author": {"name": name}}) == turn + 1
                async with tx.tx() as inner:
                    await inner.author.update(where={"name": name}, data={"score": {"increment": 1}})
            assert await db.query_raw("SELECT $1::int AS number", number) == [{"number": number}]

    await asyncio.gather(*(use(number) for number in range(TASKS)))
    assert [author.score for author in await db.author.find_many()] == [5] * TASKS
    processes = (
        "SELECT count(DISTINCT pid)::int AS n FROM pg_stat_activity "
        "WHERE application_name = 'app' AND datname = current_database()"
    )
    async with asyncio.timeout(60):  # one that PgBouncer has just closed may still be seen
        while (await db.query_first(processes))["n"] > SERVER_CONNECTIONS:
            await asyncio.sleep(0.05)


async def test_a_client_leaves_no_prepared_statement_to_the_next(bound: BoundSchema, through: Bouncer) -> None:
    with through(default_pool_size=1, **KEEPING_NONE) as address:
        for _ in range(2):
            async with bound.client_class()(f"{address}&pgbouncer=true") as db:
                assert await db.query_raw("SELECT name FROM pg_prepared_statements") == []
                await db.author.create_many([{"name": "Ada"}], skip_duplicates=True)
                assert len(await db.author.find_many(include={"books": True})) == 1
                await db.execute_raw('UPDATE "Author" SET score = $1', 1)


async def test_without_the_parameter_the_error_says_which_it_is(bound: BoundSchema, through: Bouncer) -> None:
    with through() as address:
        with pytest.raises(InvalidUrlError, match=r"PgBouncer.*pgbouncer=true"):
            await bound.client_class()(str(address)).connect()


async def test_without_the_parameter_a_lost_statement_says_which_it_is(bound: BoundSchema, through: Bouncer) -> None:
    """PgBouncer can be told to pass over settings; what fails then is the statement that is on another connection."""
    settings = {"ignore_startup_parameters": "search_path", **KEEPING_NONE}
    make = bound.client_class()
    with through(default_pool_size=2, **settings) as address:
        async with make(str(address)) as db, make(f"{address}&pgbouncer=true") as other:
            for query in (db.author.count, lambda: db.query_raw("SELECT 1 AS one")):
                await query()
                async with other.tx() as tx:  # now that connection of the server is taken
                    await tx.author.count()
                    with pytest.raises(DataError, match=r"PgBouncer.*pgbouncer=true"):
                        await query()
