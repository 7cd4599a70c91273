"""The client that tests get: it looks like any other, and its queries run on the worker's one connected client.

Each test has one of its own, so that it may disconnect it; the pool, the prepared statements and the compiled plans
behind it live as long as the worker.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol

from berceau.client.errors import ClientNotConnectedError
from berceau.client.prisma import NotConnected, Prisma
from berceau.client.transactions import TransactionManager
from berceau.testing.where import Place, caller

if TYPE_CHECKING:
    from berceau.client.engine import Runner
    from berceau.testing.background import Background


class Opened(Protocol):
    """Hears of transactions: when one is begun, and when it is over."""

    def begun(self, transaction: object, place: Place) -> None:
        """A transaction has been begun at a place of the test's code."""
        ...

    def ended(self, transaction: object) -> None:
        """It is over."""
        ...


class LentRunner:
    """Has work done where the connections live."""

    def __init__(self, runner: Callable[[], Runner], background: Background) -> None:
        self._runner = runner
        self._background = background

    async def run(self, work: Any) -> Any:
        """Do some work on a session."""
        return await self._background.do(self._runner().run(work))


class LentClient(Prisma):
    """A stand-in for a connected client; made by `lend`."""

    _real: Prisma
    _background: Background
    _opened: Opened

    def tx(self, **options: Any) -> Any:
        """As that of any client."""
        if not self.is_connected():
            raise ClientNotConnectedError
        return LentTransaction(self, self._real.tx(**options))

    async def connect(self, timeout: Any = None) -> None:
        """Use the worker's client again."""
        self._connected = self._real._connected
        self._runner = LentRunner(lambda: self._real._runner, self._background)

    async def disconnect(self, timeout: Any = None) -> None:
        """Use it no more; it stays connected for the tests to come."""
        self._connected = None
        self._runner = NotConnected()

    def is_transaction(self) -> bool:
        """Whether this client is the one of a transaction."""
        return self._real.is_transaction()

    def _stand_for(self, real: Prisma) -> LentClient:
        client = type(self).__new__(type(self))
        client.__dict__.update({name: value for name, value in self.__dict__.items() if name.startswith("_")})
        client._real = real
        client._runner = LentRunner(lambda: real._runner, self._background)
        return client


def lend(real: Prisma, background: Background, opened: Opened) -> LentClient:
    """A client that stands for `real`, which is connected in the background."""
    made = type("Prisma", (LentClient, type(real)), {"__module__": type(real).__module__})
    client: LentClient = made.__new__(made)  # type: ignore[call-overload]
    client.__dict__.update({name: value for name, value in real.__dict__.items() if name.startswith("_")})
    client._real, client._background, client._opened = real, background, opened
    client._runner = LentRunner(lambda: real._runner, background)
    return client


class LentTransaction:
    """What `tx()` returns: the real one, begun and ended where the connections live."""

    def __init__(self, client: LentClient, real: TransactionManager[Any]) -> None:
        self._client = client
        self._manager = real

    async def start(self) -> Any:
        """Begin, and return the client to use inside."""
        place = caller()
        inner = await self._do(self._manager.start())
        self._client._opened.begun(self._manager, place)
        return self._client._stand_for(inner)

    async def commit(self) -> None:
        """Keep what was done."""
        await self._end(self._manager.commit())

    async def rollback(self) -> None:
        """Undo what was done."""
        await self._end(self._manager.rollback())

    async def __aenter__(self) -> Any:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._end(self._manager.__aexit__(kind, error, trace))

    async def _end(self, work: Coroutine[Any, Any, None]) -> None:
        self._client._opened.ended(self._manager)
        await self._do(work)

    async def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return await self._client._background.do(work)
