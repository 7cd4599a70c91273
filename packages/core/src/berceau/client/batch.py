"""Batches: changes collected first, then carried out in order as one transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from berceau.client.prisma import Prisma

BATCHED = frozenset({"create", "create_many", "update", "update_many", "upsert", "delete", "delete_many"})

Step = Callable[["Prisma"], Awaitable[Any]]


class Batch:
    """What `db.batch_()` returns: the operations of each model without results, carried out by `commit`."""

    def __init__(self, client: Prisma) -> None:
        self._client = client
        self._steps: list[Step] = []

    def __getattr__(self, name: str) -> BatchActions:
        actions = BatchActions(self._steps, name)
        getattr(self._client, name)  # An unknown model is an AttributeError here already.
        return actions

    def execute_raw(self, query: str, *args: Any) -> None:
        """Add a statement of the user's own SQL."""
        self._steps.append(lambda client: client.execute_raw(query, *args))

    async def commit(self) -> None:
        """Carry out what was collected, as one transaction, and forget it."""
        steps, self._steps[:] = list(self._steps), []
        if not steps:
            return
        async with self._client.tx() as tx:
            for step in steps:
                await step(tx)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            await self.commit()


class BatchActions:
    """The operations of one model in a batch."""

    def __init__(self, steps: list[Step], model: str) -> None:
        self._steps = steps
        self._model = model

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name not in BATCHED:
            raise AttributeError(f"a batch has no operation {name!r}; it has {', '.join(sorted(BATCHED))}")

        def add(*args: Any, **kwargs: Any) -> None:
            self._steps.append(lambda client: getattr(getattr(client, self._model), name)(*args, **kwargs))

        return add
