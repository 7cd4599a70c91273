"""Nested transactions that several tasks use: they take turns, undo only their own, and never wait for themselves."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from berceau.client.errors import TransactionError, TransactionExpiredError, TransactionNotStartedError

LONG = {"max_wait": 60_000, "timeout": 60_000}


class UndoError(Exception):
    pass


async def names(db: Any) -> list[str]:
    return [author.name for author in await db.author.find_many(order={"name": "asc"})]


async def test_those_of_several_tasks_take_turns_and_lose_nothing(db: Any) -> None:
    async def nested(tx: Any, number: int) -> None:
        async with tx.tx() as inner:
            await inner.author.create(data={"name": f"{number:02}"})
            await asyncio.sleep(0)
            if number % 2:
                raise UndoError

    async with db.tx(**LONG) as tx:
        ends = await asyncio.gather(*(nested(tx, number) for number in range(12)), return_exceptions=True)
    assert [isinstance(end, UndoError) for end in ends] == [False, True] * 6
    assert await names(db) == ["00", "02", "04", "06", "08", "10"]


async def test_a_query_of_another_task_waits_until_the_nested_one_has_ended(db: Any) -> None:
    async with db.tx(**LONG) as tx:
        begun, go_on = asyncio.Event(), asyncio.Event()

        async def nested() -> None:
            async with tx.tx() as inner:
                await inner.author.create(data={"name": "undone"})
                begun.set()
                await go_on.wait()
                raise UndoError

        undone = asyncio.create_task(nested())
        await begun.wait()
        kept = asyncio.create_task(tx.author.create(data={"name": "kept"}))
        await asyncio.wait({kept}, timeout=0.05)
        assert not kept.done()
        go_on.set()
        with pytest.raises(UndoError):
            await undone
        await kept
    assert await names(db) == ["kept"]


async def test_a_task_that_would_wait_for_itself_is_told(db: Any) -> None:
    async with db.tx(**LONG) as tx, tx.tx() as inner, inner.tx() as innermost:
        for outer in (tx, inner):
            with pytest.raises(TransactionError, match="nested transaction is open in this task"):
                await outer.author.count()
            with pytest.raises(TransactionError, match="nested transaction is open in this task"):
                await outer.tx().start()
            with pytest.raises(TransactionError, match="nested transaction is open in this task"):
                await asyncio.create_task(outer.author.count())
        assert await innermost.author.count() == 0


async def test_a_transaction_in_which_a_nested_one_was_left_open_is_rolled_back(db: Any) -> None:
    with pytest.raises(TransactionError, match="nested in it had not been ended"):
        async with db.tx() as tx:
            inner = await tx.tx().start()
            await inner.author.create(data={"name": "undone"})
    with pytest.raises(TransactionNotStartedError):
        await inner.author.count()
    assert await names(db) == []


async def test_use_of_a_nested_client_after_its_end_is_a_clear_error(db: Any) -> None:
    async with db.tx() as tx:
        manager = tx.tx()
        inner = await manager.start()
        await manager.commit()
        for use in (inner.author.count, manager.commit, manager.rollback, inner.tx().start):
            with pytest.raises(TransactionNotStartedError, match="nested transaction is over"):
                await use()
        assert await tx.author.count() == 0


async def test_a_rollback_ends_all_that_other_tasks_have_nested_in_it(db: Any) -> None:
    manager = db.tx(**LONG)
    tx = await manager.start()
    begun = asyncio.Event()

    async def nested() -> None:
        async with tx.tx() as inner:
            begun.set()
            await asyncio.Event().wait()
            await inner.author.count()

    inside = asyncio.create_task(nested())
    await begun.wait()
    waiting = asyncio.create_task(tx.author.count())
    await asyncio.sleep(0)
    await manager.rollback()
    with pytest.raises(TransactionNotStartedError):
        await waiting
    inside.cancel()
    with pytest.raises(asyncio.CancelledError):
        await inside


async def test_waiting_for_one_that_never_ends_ends_with_the_transaction(db: Any) -> None:
    manager = db.tx(timeout=2000)
    tx = await manager.start()
    await asyncio.create_task(tx.tx().start())  # begun by a task that is gone
    with pytest.raises(TransactionExpiredError):
        await tx.author.count()
    with pytest.raises(TransactionExpiredError):
        await manager.commit()


async def test_a_failure_that_was_swallowed_in_a_nested_one_undoes_that_one_and_is_told(db: Any) -> None:
    async with db.tx() as tx:
        await tx.author.create(data={"name": "Ada"})
        with pytest.raises(TransactionError, match="rolled back instead of committed"):
            async with tx.tx() as inner:
                await inner.author.create(data={"name": "Bob"})
                with pytest.raises(Exception, match="Unique"):
                    await inner.author.create(data={"name": "Ada"})
        await tx.author.create(data={"name": "Cy"})
    assert await names(db) == ["Ada", "Cy"]


async def test_a_nested_one_that_is_cancelled_at_any_step_leaves_the_turn_to_others(db: Any) -> None:
    async def nested(tx: Any, name: str) -> None:
        async with tx.tx() as inner:
            await inner.author.create(data={"name": name})

    kept = []
    async with db.tx(**LONG) as tx:
        for step in range(60):
            task = asyncio.create_task(nested(tx, f"{step:02}"))
            for _ in range(step):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait({task})
            if not task.cancelled():
                kept.append(f"{step:02}")
            await tx.author.count()
    assert set(kept) <= set(await names(db))
