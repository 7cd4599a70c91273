"""Transactions: kept or undone as a whole, nested ones as savepoints, ended in time and for good."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from berceau.client import BoundSchema
from berceau.client.errors import (
    PoolTimeoutError,
    TransactionError,
    TransactionExpiredError,
    TransactionNotStartedError,
)


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
    await tx.author.create(data={"name": "late"})
    await asyncio.sleep(0.7)
    idle = await db._engine().acquire()
    states = await idle.fetch(
        "SELECT state FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' AND datname = current_database()"
    )
    await db._engine().release(idle)
    assert states == []
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
        connection = tx._runner._session.connection
        assert await connection.fetchval("SHOW transaction_isolation") == "serializable"


async def test_tasks_that_share_a_transaction_take_turns(db: Any) -> None:
    async with db.tx() as tx:
        await asyncio.gather(*[tx.author.create(data={"name": str(number)}) for number in range(20)])
    assert await db.author.count() == 20
