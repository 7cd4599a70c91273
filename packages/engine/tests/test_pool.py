"""The pool: who waits is served in turn, what is lost is replaced, nothing is kept that nobody uses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial

import pytest
from asyncpg.exceptions import InterfaceError

from berceau_engine.pool import Pool
from berceau_engine.postgres import Connection, DatabaseUrl, connect_for_plans, open_pool


@pytest.fixture
async def pool(database_url: DatabaseUrl) -> AsyncIterator[Pool]:
    """A pool of two."""
    made = await open_pool(database_url, connection_limit=2)
    yield made
    made.terminate()


async def waiting(pool: Pool) -> asyncio.Task[Connection]:
    """A task that waits for a connection, in the queue behind those before it."""
    task = asyncio.create_task(pool.acquire())
    await asyncio.sleep(0)
    assert not task.done()
    return task


async def test_the_connection_used_last_is_taken_first(pool: Pool) -> None:
    one, other = await pool.acquire(), await pool.acquire()
    pool.release(other)
    pool.release(one)
    assert pool.take() is one
    assert pool.take() is other
    assert pool.take() is None


async def test_those_who_wait_are_served_in_turn(pool: Pool) -> None:
    taken = [await pool.acquire() for _ in range(2)]
    queue = [await waiting(pool) for _ in range(4)]
    served = []
    for number, task in enumerate(queue):
        pool.release(taken[number % 2])
        served.append(await task)
    assert served == [taken[0], taken[1], taken[0], taken[1]]


async def test_who_stops_waiting_takes_nothing_with_him(pool: Pool) -> None:
    one, other = await pool.acquire(), await pool.acquire()
    early, late, last = [await waiting(pool) for _ in range(3)]
    early.cancel()
    pool.release(one)  # in the moment of the cancellation
    assert await late is one
    pool.release(other)
    last.cancel()  # in the moment in which it is served
    await asyncio.wait([early, last])
    assert last.cancelled()
    assert pool.take() is other


async def test_a_lost_connection_makes_room_for_another(pool: Pool) -> None:
    one, other = await pool.acquire(), await pool.acquire()
    task = await waiting(pool)
    one.terminate()
    pool.release(one)
    assert await (await task).fetchval("SELECT 1") == 1
    other.terminate()
    pool.release(other)
    assert await (await pool.acquire()).fetchval("SELECT 1") == 1


async def test_when_no_connection_can_be_opened_the_next_in_turn_tries(database_url: DatabaseUrl) -> None:
    attempts = []

    async def connect() -> Connection:
        attempts.append(1)
        if len(attempts) == 1:
            await asyncio.sleep(0)
            raise OSError("no server")
        return await connect_for_plans(database_url)

    pool = Pool(connect, limit=1, idle_lifetime=0)
    first = asyncio.create_task(pool.acquire())
    second = asyncio.create_task(pool.acquire())
    with pytest.raises(OSError, match="no server"):
        await first
    assert await (await second).fetchval("SELECT 1") == 1
    pool.terminate()


async def test_what_nobody_uses_is_closed_but_for_one(database_url: DatabaseUrl) -> None:
    pool = Pool(partial(connect_for_plans, database_url), limit=3, idle_lifetime=0.05)
    connections = [await pool.acquire() for _ in range(3)]
    for connection in connections:
        pool.release(connection)
    async with asyncio.timeout(30):
        while sum(connection.is_closed() for connection in connections) < 2:
            await asyncio.sleep(0.01)
    assert pool.take() is connections[2]
    pool.terminate()


async def test_closing_waits_for_those_who_are_at_work(pool: Pool) -> None:
    taken = [await pool.acquire() for _ in range(2)]
    queued = await waiting(pool)
    closing = asyncio.create_task(pool.close())
    await asyncio.sleep(0)
    with pytest.raises(InterfaceError, match="closing"):
        await pool.acquire()
    pool.release(taken[0])
    pool.release(await queued)
    assert not closing.done()
    pool.release(taken[1])
    await closing
    assert all(connection.is_closed() for connection in taken)


async def test_a_table_that_changes_changes_what_prepared_statements_return(database_url: DatabaseUrl) -> None:
    from berceau_engine.driver import fetch

    pool = await open_pool(database_url)
    connection = await pool.acquire()
    await connection.execute("CREATE TABLE changing (a int); INSERT INTO changing VALUES (1)")
    for _ in range(2):
        assert [dict(row) for row in await fetch(connection, "SELECT * FROM changing", [])] == [{"a": 1}]
    await connection.execute("ALTER TABLE changing ADD b int DEFAULT 2")
    for _ in range(2):
        assert [dict(row) for row in await fetch(connection, "SELECT * FROM changing", [])] == [{"a": 1, "b": 2}]
    pool.terminate()
