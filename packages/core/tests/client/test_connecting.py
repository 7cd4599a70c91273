"""Connecting: one pool for all who ask, in the event loop and the process where it was opened."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

import pytest

from berceau.client import BoundSchema
from berceau.client.errors import (
    ClientNotConnectedError,
    DatabaseUnreachableError,
    InvalidValueError,
    WrongEventLoopError,
)
from berceau_engine.postgres import connect

COUNT = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'together' AND datname = current_database()"


async def test_tasks_that_connect_at_once_share_one_pool(bound: BoundSchema, url: str) -> None:
    client = bound.client_class()(f"{url}&application_name=together")
    outside = await connect(url)

    async def use() -> int:
        await client.connect()
        return int(await client.author.count())

    assert await asyncio.gather(*(client.connect() for _ in range(5))) == [None] * 5
    assert await outside.fetchval(COUNT) == 1
    assert await asyncio.gather(*(use() for _ in range(5))) == [0] * 5
    await client.disconnect()
    for _ in range(1200):
        if not await outside.fetchval(COUNT):
            break
        await asyncio.sleep(0.05)
    assert await outside.fetchval(COUNT) == 0
    await outside.close()


async def test_one_that_cannot_connect_lets_the_next_one_try(bound: BoundSchema, url: str) -> None:
    client = bound.client_class()("postgresql://ada@127.0.0.1:1/blog?sslmode=disable")
    failures = await asyncio.gather(*(client.connect() for _ in range(3)), return_exceptions=True)
    assert [type(failure) for failure in failures] == [DatabaseUnreachableError] * 3
    client._url = url
    await client.connect()
    assert await client.author.count() == 0
    await client.disconnect()


def in_a_loop_of_its_own(work: Callable[[], Coroutine[Any, Any, Any]]) -> list[Any]:
    """What some work gives, or raises, in another thread's event loop."""
    results: list[Any] = []

    def run() -> None:
        try:
            results.append(asyncio.run(work()))
        except Exception as error:
            results.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(60)
    return results


async def test_use_in_another_event_loop_is_refused(db: Any) -> None:
    manager = db.tx()
    tx = await manager.start()
    for use in (db.author.count, db.connect, db.disconnect, db.tx().start, tx.author.count):
        (error,) = await asyncio.to_thread(in_a_loop_of_its_own, use)
        assert isinstance(error, WrongEventLoopError)
        assert "another event loop" in str(error)
    assert db.is_connected()
    await manager.rollback()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # what nobody can close any more
def test_a_client_whose_loop_has_ended_can_be_disconnected_and_connected_anew(bound: BoundSchema, url: str) -> None:
    client: Any = bound.client_class()(url)
    asyncio.run(client.connect())

    async def again() -> int:
        with pytest.raises(WrongEventLoopError):
            await client.author.count()
        await client.disconnect()
        with pytest.raises(ClientNotConnectedError):
            await client.author.count()
        async with client:
            return int(await client.author.count())

    assert asyncio.run(again()) == 0
    gc.collect()


async def test_use_after_a_fork_is_refused(db: Any) -> None:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            asyncio.run(db.author.count())
            message = "no error"
        except BaseException as error:
            message = f"{type(error).__name__}: {error}"
        os.write(writing, message.encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 1000).decode().startswith("WrongEventLoopError: The client was connected before this pro")
    os.close(reading)
    os.close(writing)
    assert await db.author.count() == 0


@pytest.mark.parametrize("timeout", [0.2, timedelta(milliseconds=200)])
def test_a_timeout_below_a_second_reaches_the_driver_as_it_is(bound: BoundSchema, timeout: Any) -> None:
    client = bound.client_class()("postgresql://ada@localhost/blog", connect_timeout=timeout)
    assert client._address(None).connect_arguments()["timeout"] == 0.2
    assert client._address(0.35).connect_arguments()["timeout"] == 0.35


@pytest.mark.parametrize("timeout", ["1", True, -1, float("inf")])
async def test_a_timeout_that_is_none_is_refused(bound: BoundSchema, timeout: Any) -> None:
    with pytest.raises(InvalidValueError, match=r"^timeout: .* seconds .*, found"):
        await bound.client_class()("postgresql://ada@localhost/blog").connect(timeout)
