"""The limit: asyncpg itself, running the very statements that our client sends, on a pool with the same settings.

Our client does each operation some times on one connection while its statements are written down with their
parameters; from then on they are sent again as they are. Rows become dictionaries, nothing is done to their values.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

import asyncpg
from operations import CONNECTIONS
from ours import Ours

from berceau_engine.driver import take_timestamps_as_instants
from berceau_engine.plan import QueryEvent
from berceau_engine.postgres import DatabaseUrl

VARIANTS = 50
"""So many runs of each operation are written down."""

AUTHOR = ("id", "email", "name", "role", "active", "score", "createdAt")


@dataclass
class Recording:
    """The statements of one run, and whether they were sent inside a transaction."""

    statements: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)
    in_transaction: bool = False


class Recorder:
    """Writes down what our client sends."""

    def __init__(self) -> None:
        self.now = Recording()
        self.connection: asyncpg.Connection[Any] | None = None

    def __call__(self, event: QueryEvent) -> None:
        assert self.connection is not None
        self.now.statements.append((event.sql, event.parameters))
        self.now.in_transaction |= self.connection.is_in_transaction()

    async def record(self, url: str, operations: list[str]) -> dict[str, list[Recording]]:
        """All operations' statements."""
        ours, found = Ours(title=lambda number: f"captured {number}"), {}
        await ours.start(str(DatabaseUrl.parse(url).with_parameter("connection_limit", "1")), self)
        engine = ours.db._engine()
        connection = await engine.acquire()
        self.connection = connection
        await engine.release(connection)
        for operation in operations:
            run: Callable[[int], Any] = getattr(ours, operation)
            found[operation] = [await self._one(run, number) for number in range(VARIANTS)]
        await ours.stop()
        return found

    async def _one(self, run: Callable[[int], Any], number: int) -> Recording:
        self.now = Recording()
        await run(number)
        assert self.now.statements, "nothing was recorded"
        return self.now


async def as_ours(connection: Any) -> None:
    """Timestamps are taken as our statements send them."""
    take_timestamps_as_instants(connection)


async def no_reset(connection: Any) -> None:
    """Between two uses nothing is undone, as in our pool."""


class Limit:
    """Operations as asyncpg does them."""

    version = f"asyncpg {version('asyncpg')}"

    async def start(self, url: str) -> None:
        """Record, and open the pool."""
        self.recordings = await Recorder().record(url, ["unique", "rows", "include", "create"])
        self.pool = await asyncpg.create_pool(
            min_size=1,
            max_size=CONNECTIONS,
            init=as_ours,
            reset=no_reset,
            **DatabaseUrl.parse(url).connect_arguments(),
        )

    async def stop(self) -> None:
        """Close the pool."""
        await self.pool.close()

    async def unique(self, number: int) -> Any:
        """One user by its id."""
        return (await self.replay("unique", number))[0]

    async def rows(self, number: int) -> Any:
        """A hundred posts."""
        return await self.replay("rows", number)

    async def include(self, number: int) -> Any:
        """A hundred posts; the columns of their authors stay beside theirs."""
        return await self.replay("include", number)

    async def create(self, number: int) -> Any:
        """A new post of a user."""
        return (await self.replay("create", number))[0]

    async def replay(self, operation: str, number: int) -> Any:
        """Send the statements of a run again; the last one's rows as dictionaries."""
        recording = self.recordings[operation][number % VARIANTS]
        async with self.pool.acquire() as connection:
            if not recording.in_transaction:
                return await self.send(connection, recording)
            async with connection.transaction():
                return await self.send(connection, recording)

    async def send(self, connection: Any, recording: Recording) -> list[dict[str, Any]]:
        """The statements one after the other."""
        rows: list[dict[str, Any]] = []
        for sql, parameters in recording.statements:
            rows = [dict(row) for row in await connection.fetch(sql, *parameters)]
        return rows

    def plain(self, result: Any) -> Any:
        """The dictionaries, with the columns of an author as a dictionary inside."""
        return [with_author(row) for row in result] if isinstance(result, list) else result


def with_author(row: dict[str, Any]) -> dict[str, Any]:
    """A row whose columns from the first that our plan adds (that there is an author) are those of the author."""
    names = list(row)
    own = names.index("__1") if "__1" in names else len(names)
    author = dict(zip(AUTHOR, [row[name] for name in names[own + 1 :]], strict=True)) if own < len(names) else None
    return {name: row[name] for name in names[:own]} | ({"author": author} if author else {})


PEER = Limit()
