"""JavaScript's promises and job queue on top of asyncio, as far as the schema engine needs them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, Literal

from berceau_engine.javascript import UNDEFINED, JavaScriptError

Handler = Callable[[Any], Any]
Reaction = tuple[Handler | None, Handler | None, "Promise"]


class JobQueue:
    """Jobs that are to run after the code that asked for them has returned, in the order they were asked for.

    `wake` is called when a job was put into the queue by the clock, so that somebody drains it.
    """

    def __init__(self) -> None:
        self._jobs: deque[Callable[[], object]] = deque()
        self._draining = False
        self._timers: set[asyncio.TimerHandle] = set()
        self.wake: Callable[[], None] = self.drain

    def add(self, job: Callable[[], object]) -> None:
        """Put a job at the end of the queue."""
        self._jobs.append(job)

    def drain(self) -> None:
        """Run jobs until none is left, including those that jobs add. Raises what a job raises and drops the rest."""
        if self._draining:
            return
        self._draining = True
        try:
            while self._jobs:
                self._jobs.popleft()()
        except BaseException:
            self._jobs.clear()
            raise
        finally:
            self._draining = False

    def later(self, milliseconds: float, job: Callable[[], object]) -> None:
        """Put a job into the queue after a time. Needs a running event loop."""

        def due() -> None:
            self._timers.discard(timer)
            self.add(job)
            self.wake()

        timer = asyncio.get_running_loop().call_later(milliseconds / 1000, due)
        self._timers.add(timer)

    @property
    def timers(self) -> int:
        """How many jobs are still to come into the queue."""
        return len(self._timers)

    def clear(self) -> None:
        """Drop all jobs, also those still to come."""
        self._jobs.clear()
        while self._timers:
            self._timers.pop().cancel()


class Promise:
    """A value that comes later. `then` never calls a handler at once: that is what the job queue is for."""

    def __init__(self, queue: JobQueue) -> None:
        self._queue = queue
        self._state: Literal["pending", "fulfilled", "rejected"] = "pending"
        self._resolved = False
        self._reactions: list[Reaction] = []
        self.value: Any = UNDEFINED

    @property
    def state(self) -> Literal["pending", "fulfilled", "rejected"]:
        """Whether the value is there, and whether it is a result or a failure."""
        return self._state

    def resolve(self, value: Any = UNDEFINED) -> None:
        """Settle with a result; with another promise, as that one settles. Only the first call counts."""
        if self._resolved:
            return
        self._resolved = True
        if value is self:
            self._settle("rejected", TypeError("A promise cannot be resolved with itself."))
        elif isinstance(value, Promise):
            value.then(lambda result: self._settle("fulfilled", result), lambda error: self._settle("rejected", error))
        else:
            self._settle("fulfilled", value)

    def reject(self, reason: Any = UNDEFINED) -> None:
        """Settle with a failure. Only the first call of `resolve` or `reject` counts."""
        if not self._resolved:
            self._resolved = True
            self._settle("rejected", reason)

    def then(self, fulfilled: Handler | None = None, rejected: Handler | None = None) -> Promise:
        """A promise for what the handler returns. A handler that raises JavaScriptError rejects it; anything else that
        it raises is a failure of the engine and goes to whoever drains the queue."""
        following = Promise(self._queue)
        reaction = (fulfilled, rejected, following)
        if self._state == "pending":
            self._reactions.append(reaction)
        else:
            self._queue.add(lambda: self._react(reaction))
        return following

    def _settle(self, state: Literal["fulfilled", "rejected"], value: Any) -> None:
        self._state, self.value = state, value
        for reaction in self._reactions:
            self._queue.add(lambda reaction=reaction: self._react(reaction))  # type: ignore[misc]
        self._reactions.clear()

    def _react(self, reaction: Reaction) -> None:
        fulfilled, rejected, following = reaction
        handler = fulfilled if self._state == "fulfilled" else rejected
        if handler is not None:
            try:
                result = handler(self.value)
            except JavaScriptError as error:
                following.reject(error)
            else:
                following.resolve(result)
        elif self._state == "fulfilled":
            following.resolve(self.value)
        else:
            following.reject(self.value)
