"""Lets a module that speaks in promises work with asyncio: its promises are awaited, our coroutines become promises."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any

from berceau_engine.errors import EngineError
from berceau_engine.javascript import JavaScriptError
from berceau_engine.promise import Promise

if TYPE_CHECKING:
    from berceau_engine.wasm import Instance


class RejectedError(Exception):
    """A promise was rejected with `reason`."""

    def __init__(self, reason: Any) -> None:
        self.reason = reason
        super().__init__(reason.message if isinstance(reason, JavaScriptError) else str(reason))


class Bridge:
    """Connects one instance with the running event loop."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._tasks: set[asyncio.Task[Any]] = set()
        self._waiters: set[asyncio.Future[Any]] = set()
        instance.queue.wake = self._pump

    def function(self, coroutine: Callable[..., Coroutine[Any, Any, Any]]) -> Callable[..., Promise]:
        """A function for the module: it starts the coroutine and returns the promise of its result."""

        def call(*arguments: Any) -> Promise:
            promise = Promise(self._instance.queue)
            task = asyncio.get_running_loop().create_task(coroutine(*arguments))
            self._tasks.add(task)
            task.add_done_callback(partial(self._finished, promise))
            return promise

        return call

    async def call(self, export: str, *arguments: Any) -> Any:
        """Call an exported function that returns a promise, and wait for it.

        Raises RejectedError when the promise is rejected, EngineError when the module fails or waits for what can
        never come.
        """
        promise = self._instance.call(export, *arguments)
        waiter: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiters.add(waiter)
        try:
            promise.then(partial(settle, waiter), lambda reason: fail(waiter, RejectedError(reason)))
            self._pump()
            return await waiter
        finally:
            self._waiters.discard(waiter)

    async def stop(self) -> None:
        """Cancel the coroutines that are running for the module and wait until they have ended."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _finished(self, promise: Promise, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            self._fail(EngineError("The work that Prisma's engine has asked for was cancelled."))
        elif error := task.exception():
            self._fail(error)
        else:
            promise.resolve(task.result())
            self._pump()

    def _pump(self) -> None:
        try:
            self._instance.drain()
        except Exception as error:
            self._fail(error)
        waiting = any(not waiter.done() for waiter in self._waiters)
        if waiting and not self._tasks and not self._instance.queue.timers:
            self._fail(EngineError("Prisma's engine waits for something that can never come."))

    def _fail(self, error: BaseException) -> None:
        for waiter in self._waiters:
            fail(waiter, error)


def settle(waiter: asyncio.Future[Any], value: Any) -> None:
    """Give the result to whoever waits, unless they have gone."""
    if not waiter.done():
        waiter.set_result(value)


def fail(waiter: asyncio.Future[Any], error: BaseException) -> None:
    """Give the error to whoever waits, unless they have gone."""
    if not waiter.done():
        waiter.set_exception(error)
