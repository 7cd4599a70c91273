"""Transactions: kept or undone as a whole, nested ones as savepoints, ended in time and for good."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from berceau.client import BoundSchema
from berceau.client.errors import (
    ConnectionClosedError,
    ForeignKeyViolationError,
    InvalidValueError,
    PoolTimeoutError,
    TransactionError,
    TransactionExpiredError,
    TransactionNotStartedError,
    ValueOutOfRangeError,
    WriteConflictError,
    WrongTypeError,
)
from berceau_engine.postgres import connect

NARROW = "connection_limit=1&pool_timeout=60"


class UndoError(Exception):
    pass


async def test_a_block_that_ends_is_committed_and_one_that_raises_is_undone(db: Any) -> None:
    async with db.tx() as tx:
        assert tx.is_transaction()
        await tx.author.create(data={"name": "kept"})
        assert await db.author.count() == 0
    with pytest.raises(UndoError):
        async with db.tx() as tx:
            await tx.author.create(data={"name": "undone"})
            raise UndoError
    assert [author.name for author in await db.author.find_many()] == ["kept"]


async def test_a_nested_transaction_is_a_savepoint(db: Any) -> None:
    async with db.tx() as tx:
        await tx.author.create(data={"name": "outer"})
        with pytest.raises(UndoError):
            async with tx.tx() as inner:
                await inner.author.create(data={"name": "undone"})
                raise UndoError
        async with tx.tx() as inner:
            await inner.author.create(data={"name": "inner"})
    assert sorted(author.name for author in await db.author.find_many()) == ["inner", "outer"]


async def test_a_query_that_fails_undoes_only_its_savepoint(db: Any) -> None:
    from berceau.client.errors import UniqueViolationError

    async with db.tx() as tx:
        await tx.author.create(data={"name": "Ada"})
        with pytest.raises(UniqueViolationError):
            async with tx.tx() as inner:
                await inner.author.create(data={"name": "Ada"})
        await tx.author.create(data={"name": "Bob"})
    assert await db.author.count() == 2


async def test_an_error_swallowed_inside_does_not_pass_for_a_commit(db: Any) -> None:
    async with db.tx() as outer:
        await outer.author.create(data={"name": "Ada"})
    with pytest.raises(TransactionError, match="rolled back instead of committed"):
        async with db.tx() as tx:
            await tx.author.create(data={"name": "Bob"})
            with pytest.raises(Exception, match="Unique"):
                await tx.author.create(data={"name": "Ada"})
    assert await db.author.count() == 1


async def test_its_time_being_up_rolls_back_and_gives_the_connection_back(db: Any) -> None:
    await db.author.create(data={"name": "before"})
    with pytest.raises(TransactionExpiredError, match=r"timeout of 0\.5 s"):
        async with db.tx(timeout=500) as tx:
            await tx.author.create(data={"name": "late"})
            await asyncio.sleep(0.7)
            await tx.author.count()
    assert await db.author.count() == 1


async def test_it_expires_even_if_nothing_is_asked_of_it(db: Any) -> None:
    await db.author.create(data={"name": "before"})
    manager = db.tx(timeout=500)
    tx = await manager.start()
    with suppress(TransactionExpiredError):  # on a slow machine even before this
        await tx.author.create(data={"name": "late"})
    await asyncio.sleep(0.7)
    idle = await db._engine().acquire()
    open_ones = (
        "SELECT state FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' AND datname = current_database()"
    )
    async with asyncio.timeout(60):
        while await idle.fetch(open_ones):
            await asyncio.sleep(0.02)
    await db._engine().release(idle)
    with pytest.raises(TransactionExpiredError):
        await manager.commit()


async def test_use_after_the_end_is_a_clear_error(db: Any) -> None:
    async with db.tx() as tx:
        pass
    with pytest.raises(TransactionNotStartedError, match="is over"):
        await tx.author.count()


async def test_a_cancelled_task_leaves_no_open_transaction(bound: BoundSchema, url: str) -> None:
    async with bound.client_class()(datasource={"url": f"{url}&connection_limit=1"}) as db:
        entered = asyncio.Event()

        async def work() -> None:
            async with db.tx() as tx:
                await tx.author.create(data={"name": "cancelled"})
                entered.set()
                await asyncio.sleep(60)

        task = asyncio.create_task(work())
        await entered.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await db.author.count() == 0


async def test_waiting_for_a_connection_ends_after_max_wait(bound: BoundSchema, url: str) -> None:
    async with bound.client_class()(datasource={"url": f"{url}&connection_limit=1"}) as db, db.tx():
        with pytest.raises(PoolTimeoutError, match=r"within 0\.05 s \(connection_limit: 1\)"):
            async with db.tx(max_wait=50):
                pass


async def test_isolation_level_reaches_the_server(db: Any) -> None:
    async with db.tx(isolation_level="Serializable") as tx:
        connection = tx._runner.transaction._session.connection
        assert await connection.fetchval("SHOW transaction_isolation") == "serializable"


async def test_tasks_that_share_a_transaction_take_turns(db: Any) -> None:
    async with db.tx() as tx:
        await asyncio.gather(*[tx.author.create(data={"name": str(number)}) for number in range(20)])
    assert await db.author.count() == 20


@pytest.fixture
async def unhandled() -> list[dict[str, Any]]:
    """What the event loop is told because nobody handles it."""
    contexts: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: contexts.append(context))
    return contexts


@pytest.fixture
async def narrow(bound: BoundSchema, url: str) -> AsyncIterator[Any]:
    """A client with a single connection: one that is not given back is missed at once."""
    async with bound.client_class()(datasource={"url": f"{url}&{NARROW}"}) as client:
        yield client


@pytest.fixture
async def own_narrow(bound: BoundSchema, own_url: str) -> AsyncIterator[Any]:
    """As `narrow`, on a database whose tables a test may change."""
    async with bound.client_class()(datasource={"url": f"{own_url}&{NARROW}"}) as client:
        yield client


async def test_a_beginning_that_is_cancelled_at_any_step_leaves_the_connection_clean(
    narrow: Any, unhandled: list[Any]
) -> None:
    for step in range(30):
        manager = narrow.tx()
        beginning = asyncio.create_task(manager.start())
        for _ in range(step):
            await asyncio.sleep(0)
        beginning.cancel()
        await asyncio.wait({beginning})
        if not beginning.cancelled():
            await manager.rollback()
            break
        connection = await narrow._engine().acquire()
        assert not connection.is_in_transaction()
        await narrow._engine().release(connection)
    assert step > 3
    assert unhandled == []


async def test_an_end_that_is_cancelled_while_another_task_asks_rolls_back(narrow: Any, url: str) -> None:
    outside = await connect(url)
    await outside.execute("SELECT pg_advisory_lock(1)")
    manager = narrow.tx(timeout=600_000)
    tx = await manager.start()
    await tx.author.create(data={"name": "undone"})
    other = asyncio.create_task(tx.query_first("SELECT pg_advisory_lock(1)::text, 1 AS one"))
    await asyncio.sleep(0.05)
    ending = asyncio.create_task(manager.commit())
    await asyncio.sleep(0.05)
    ending.cancel()
    await outside.close()
    with pytest.raises(asyncio.CancelledError):
        await ending
    assert (await other)["one"] == 1
    with pytest.raises(TransactionNotStartedError):
        await tx.author.count()
    assert await narrow.author.count() == 0


async def test_a_block_that_runs_out_of_time_inside_a_nested_transaction_undoes_that_one_alone(narrow: Any) -> None:
    async with narrow.tx() as tx:
        await tx.author.create(data={"name": "kept"})
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05), tx.tx() as inner:
                await inner.author.create(data={"name": "undone"})
                await inner.query_raw("SELECT pg_sleep(5)")
        await tx.author.create(data={"name": "kept, too"})
    assert [author.name for author in await narrow.author.find_many(order={"name": "asc"})] == ["kept", "kept, too"]


@pytest.mark.parametrize("expires", [False, True])
async def test_a_connection_that_is_lost_ends_the_transaction(
    narrow: Any, url: str, unhandled: list[Any], expires: bool
) -> None:
    outside = await connect(url)
    manager = narrow.tx(timeout=2000 if expires else 60_000)
    tx = await manager.start()
    pid = (await tx.query_first("SELECT pg_backend_pid() AS pid"))["pid"]
    await outside.execute("SELECT pg_terminate_backend($1)", pid)
    if expires:
        await asyncio.sleep(2.2)
    else:
        with pytest.raises(ConnectionClosedError):
            await tx.author.count()
    with pytest.raises(TransactionExpiredError if expires else ConnectionClosedError):
        await manager.commit()
    assert await narrow.author.count() == 0
    await outside.close()
    assert unhandled == []


async def test_a_statement_that_was_prepared_and_not_run_leaves_no_transaction_open(
    own_narrow: Any, own_url: str
) -> None:
    with pytest.raises(InvalidValueError):
        await own_narrow.query_raw('SELECT * FROM "Author" WHERE score = $1', "no number")
    outside = await connect(own_url)
    states = "SELECT state FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    assert {state for (state,) in await outside.fetch(states)} == {"idle"}
    await outside.execute('ALTER TABLE "Author" ADD COLUMN added INT')  # waits for those who hold a lock
    await outside.close()


async def test_a_commit_that_the_database_refuses_gives_the_connection_back(own_narrow: Any) -> None:
    await own_narrow.execute_raw(
        'ALTER TABLE "Book" ALTER CONSTRAINT "Book_authorId_fkey" DEFERRABLE INITIALLY DEFERRED'
    )
    pid = (await own_narrow.query_first("SELECT pg_backend_pid() AS pid"))["pid"]
    nobody = "00000000-0000-0000-0000-000000000000"
    with pytest.raises(ForeignKeyViolationError):
        async with own_narrow.tx() as tx:
            await tx.execute_raw('INSERT INTO "Book" (title, "authorId") VALUES ($1, $2)', "lost", nobody)
    assert await own_narrow.book.count() == 0
    assert (await own_narrow.query_first("SELECT pg_backend_pid() AS pid"))["pid"] == pid


async def test_a_serialization_failure_of_a_commit_is_a_write_conflict(db: Any) -> None:
    await db.author.create_many(data=[{"name": "Ada"}, {"name": "Bob"}])
    first, second = db.tx(isolation_level="Serializable"), db.tx(isolation_level="Serializable")
    one, other = await first.start(), await second.start()
    for tx, name in ((one, "Ada"), (other, "Bob")):
        total = (await tx.author.aggregate(sum={"score": True}))["_sum"]["score"]
        await tx.author.update(where={"name": name}, data={"score": total + 1})
    await first.commit()
    with pytest.raises(WriteConflictError):
        await second.commit()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"timeout": "5"}, WrongTypeError, "timeout: expected milliseconds as int, or a timedelta, found str '5'"),
        ({"timeout": 0.5}, WrongTypeError, "timeout: expected milliseconds"),
        ({"max_wait": True}, WrongTypeError, "max_wait: expected milliseconds"),
        ({"max_wait": -1}, InvalidValueError, "max_wait: must be more than 0, found -1"),
        ({"timeout": timedelta()}, InvalidValueError, "timeout: must be more than 0"),
        ({"timeout": 0}, InvalidValueError, "timeout: must be more than 0, found 0"),
        ({"timeout": timedelta(seconds=-1)}, InvalidValueError, "timeout: must be more than 0"),
        ({"timeout": float("nan")}, WrongTypeError, "timeout: expected milliseconds .*, found float nan"),
        ({"max_wait": 10**400}, ValueOutOfRangeError, "max_wait: is a number beyond all times"),
        ({"isolation_level": "read_committed"}, InvalidValueError, "did you mean 'ReadCommitted'"),
        ({"isolation_level": "REPEATABLE READ"}, InvalidValueError, "did you mean 'RepeatableRead'"),
        ({"isolation_level": "serializable"}, InvalidValueError, "did you mean 'Serializable'"),
        ({"isolation_level": ["Serializable"]}, WrongTypeError, "isolation_level: expected one of ReadUncommitted"),
    ],
)
def test_arguments_are_checked_at_once(
    bound: BoundSchema, arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        bound.client_class()().tx(**arguments)


@pytest.mark.parametrize("arguments", [{"timeout": 1000}, {"max_wait": 2000}, {"isolation_level": "Serializable"}])
async def test_a_nested_one_takes_no_arguments(db: Any, arguments: dict[str, Any]) -> None:
    async with db.tx() as tx:
        with pytest.raises(TransactionError, match=f"{next(iter(arguments))}: .* outermost"):
            tx.tx(**arguments)


async def test_each_is_begun_once(db: Any) -> None:
    manager = db.tx()
    await manager.start()
    with pytest.raises(TransactionError, match="started already"):
        await manager.start()
    await manager.rollback()
    with pytest.raises(TransactionError, match="started already"):
        await manager.start()


async def test_its_client_neither_connects_nor_disconnects(db: Any) -> None:
    async with db.tx() as tx:
        for use in (tx.connect, tx.disconnect, tx.__aenter__):
            with pytest.raises(TransactionError, match="client of a transaction"):
                await use()
    assert db.is_connected()


@pytest.mark.parametrize(
    ("options", "without"), [("", True), ("&options=-c default_transaction_isolation=serializable", False)]
)
async def test_writes_go_without_a_transaction_only_where_it_would_do_the_same(
    bound: BoundSchema, url: str, options: str, without: bool
) -> None:
    inside: list[bool] = []
    client: Any = bound.client_class()(
        f"{url}{options}", on_query=lambda _: inside.append(connection.is_in_transaction())
    )
    await client.connect()
    connection = await client._engine().acquire()
    await client._engine().release(connection)
    author = await client.author.create(data={"name": "ada"})
    inside.clear()
    await client.book.create(data={"title": "x", "author": {"connect": {"id": author.id}}})
    assert inside == [not without] * 2
    await client.disconnect()


async def test_a_nested_write_that_is_cancelled_at_any_step_leaves_the_connection_clean(narrow: Any) -> None:
    def nested(name: str) -> Any:
        return narrow.author.create(data={"name": name, "books": {"create": [{"title": "x"}]}})

    await nested("first")
    for step in range(60):
        writing = asyncio.ensure_future(nested(f"cancelled {step}"))
        for _ in range(step):
            await asyncio.sleep(0)
        writing.cancel()
        await asyncio.wait({writing})
        await nested(f"after {step}")
    assert await narrow.author.count(where={"name": {"startswith": "after"}}) == 60
