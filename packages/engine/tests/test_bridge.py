"""Promises of a module awaited by asyncio, and our coroutines as promises for the module."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from berceau_engine.bridge import Bridge, RejectedError
from berceau_engine.errors import EngineError
from berceau_engine.javascript import UNDEFINED
from berceau_engine.promise import Promise
from berceau_engine.wasm import Instance, load

SCHEMA = 'datasource db {\n  provider = "postgresql"\n}\n'
OPTIONS = {"datamodels": [["schema.prisma", SCHEMA]]}


@pytest.fixture
def instance() -> Iterator[Instance]:
    instance = Instance(load("migrate"))
    yield instance
    instance.close()


def factory(connect: Any) -> dict[str, Any]:
    return {"adapterName": "test", "provider": "postgres", "connect": connect, "connectToShadowDb": connect}


async def test_what_a_coroutine_answers_reaches_the_module_and_its_rejection_comes_back(instance: Instance) -> None:
    bridge = Bridge(instance)
    asked = asyncio.Event()

    async def connect(*_: Any) -> dict[str, Any]:
        asked.set()
        await asyncio.sleep(0)
        return {"ok": False, "error": {"kind": "AuthenticationFailed", "user": "ada"}}

    with pytest.raises(RejectedError, match="ada"):
        await bridge.call("schemaengine_new", OPTIONS, lambda *_: UNDEFINED, factory(bridge.function(connect)))
    assert asked.is_set()


async def test_an_error_in_a_coroutine_is_raised_where_the_call_is_awaited(instance: Instance) -> None:
    bridge = Bridge(instance)

    async def connect(*_: Any) -> dict[str, Any]:
        raise LookupError("a mistake of ours")

    with pytest.raises(LookupError, match="a mistake of ours"):
        await bridge.call("schemaengine_new", OPTIONS, lambda *_: UNDEFINED, factory(bridge.function(connect)))


async def test_a_module_that_waits_for_what_can_never_come_is_not_waited_for(instance: Instance) -> None:
    bridge = Bridge(instance)
    never = factory(lambda *_: Promise(instance.queue))
    with pytest.raises(EngineError, match="waits for something that can never come"):
        await asyncio.wait_for(bridge.call("schemaengine_new", OPTIONS, lambda *_: UNDEFINED, never), 60)


async def test_stopping_cancels_the_coroutines_and_fails_who_waits(instance: Instance) -> None:
    bridge = Bridge(instance)
    started, cancelled = asyncio.Event(), asyncio.Event()

    async def connect(*_: Any) -> dict[str, Any]:
        started.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return {}

    call = asyncio.create_task(
        bridge.call("schemaengine_new", OPTIONS, lambda *_: UNDEFINED, factory(bridge.function(connect)))
    )
    await started.wait()
    await bridge.stop()
    assert cancelled.is_set()
    with pytest.raises(EngineError, match="was cancelled"):
        await call


async def test_a_crash_while_jobs_run_is_raised_where_the_call_is_awaited(instance: Instance) -> None:
    bridge = Bridge(instance)

    async def connect(*_: Any) -> int:
        return 42  # no answer that the engine can understand

    with pytest.raises(EngineError, match="migrate crashed"):
        await bridge.call("schemaengine_new", OPTIONS, lambda *_: UNDEFINED, factory(bridge.function(connect)))
