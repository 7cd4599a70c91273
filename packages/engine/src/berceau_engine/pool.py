"""The pool of connections: taking one that is free costs two list operations, and so does giving it back.

The driver's own pool makes a task, a proxy and two timers for each use, and resets what our plans never leave behind.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from asyncpg.exceptions import InterfaceError

if TYPE_CHECKING:
    from berceau_engine.postgres import Connection

FLOOR = 1
"""So many connections stay open however long nobody needs them."""


class Pool:
    """Connections that are opened as they are needed, up to a limit; who waits for one is served in turn.

    Args:
        connect: opens one.
        limit: how many there may be.
        idle_lifetime: seconds after which one that nobody has used is closed; 0: never.
    """

    def __init__(self, connect: Callable[[], Awaitable[Connection]], limit: int, idle_lifetime: float) -> None:
        self.limit = limit
        self._connect = connect
        self._idle_lifetime = idle_lifetime
        self._loop = asyncio.get_running_loop()
        self._idle: list[tuple[Connection, float]] = []
        self._open: set[Connection] = set()
        self._opening = 0
        self._waiting: deque[asyncio.Future[Connection | None]] = deque()
        self._closing = False
        self._all_idle: asyncio.Future[None] | None = None
        self._sweep: asyncio.TimerHandle | None = None

    # ------------------------------------------------------------ taking and giving back

    def take(self) -> Connection | None:
        """A connection that is free, the one used last; None where `acquire` is needed, or in another event loop."""
        if self._waiting or self._closing or asyncio.get_running_loop() is not self._loop:
            return None
        return self._pop()

    async def acquire(self, timeout: float | None = None) -> Connection:
        """A connection: a free one, a new one, or the next that is given back.

        Raises TimeoutError when that takes longer than `timeout` seconds, InterfaceError when the pool is closing, and
        what `connect` raises.
        """
        if self._closing:
            raise InterfaceError("pool is closing")
        connection = self.take()
        if connection is not None:
            return connection
        async with asyncio.timeout(timeout):
            while True:
                if not self._waiting and (connection := self._pop()) is not None:
                    return connection
                if len(self._open) + self._opening < self.limit:
                    return await self._open_one()
                given = await self._turn()
                if given is not None:
                    return given

    def release(self, connection: Connection) -> None:
        """Give a connection back; one that is closed makes room for another."""
        if connection.is_closed():
            self._lose(connection)
            return
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return
        self._idle.append((connection, self._loop.time()))
        if self._sweep is None and self._idle_lifetime:
            self._sweep = self._loop.call_later(self._idle_lifetime, self._close_unused)
        self._check_all_idle()

    def _pop(self) -> Connection | None:
        while self._idle:
            connection, _ = self._idle.pop()
            if not connection.is_closed():
                return connection
            self._lose(connection)
        return None

    async def _turn(self) -> Connection | None:
        """What is given to the next in the queue: a connection, or the right to open one."""
        waiter: asyncio.Future[Connection | None] = self._loop.create_future()
        self._waiting.append(waiter)
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.cancelled():
                with suppress(ValueError):
                    self._waiting.remove(waiter)
            elif (given := waiter.result()) is None:  # It was served in the moment of being cancelled.
                self._wake_one()
            else:
                self.release(given)
            raise

    async def _open_one(self) -> Connection:
        self._opening += 1
        try:
            connection = await self._connect()
        except BaseException:
            self._opening -= 1
            self._wake_one()
            self._check_all_idle()
            raise
        self._opening -= 1
        self._open.add(connection)
        return connection

    def _lose(self, connection: Connection) -> None:
        self._open.discard(connection)
        connection.terminate()  # It tidies up after a connection that the server has closed.
        self._wake_one()
        self._check_all_idle()

    def _wake_one(self) -> None:
        """Let the next in the queue look again, now that there is room for a connection."""
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return

    # ------------------------------------------------------------ closing

    def _close_unused(self) -> None:
        """Close what nobody has used for long; the list begins with those, since the one used last is taken first."""
        self._sweep = None
        now = self._loop.time()
        while len(self._open) > FLOOR and self._idle and now - self._idle[0][1] >= self._idle_lifetime:
            connection, _ = self._idle.pop(0)
            self._open.discard(connection)
            connection.terminate()
        if len(self._open) > FLOOR and self._idle:
            self._sweep = self._loop.call_at(self._idle[0][1] + self._idle_lifetime, self._close_unused)

    async def close(self) -> None:
        """Wait until all connections have been given back, then close them."""
        self._closing = True
        if self.in_use:
            self._all_idle = self._loop.create_future()
            await self._all_idle
        await asyncio.gather(*(connection.close() for connection, _ in self._idle))
        self._forget()

    def terminate(self) -> None:
        """Cut all connections at once."""
        self._closing = True
        for connection in self._open:
            connection.terminate()
        self._forget()

    def _forget(self) -> None:
        self._idle.clear()
        self._open.clear()
        if self._sweep is not None:
            self._sweep.cancel()

    @property
    def in_use(self) -> bool:
        """Whether a connection has been taken and not given back."""
        return len(self._open) + self._opening > len(self._idle) or bool(self._waiting)

    def _check_all_idle(self) -> None:
        if self._all_idle is not None and not self._all_idle.done() and not self.in_use:
            self._all_idle.set_result(None)
