"""Batches: changes collected first, then carried out in order as one transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from berceau.client.errors import RecordNotFoundError

if TYPE_CHECKING:
    from berceau.client.prisma import Prisma

Arguments = Mapping[str, Any]
Step = Callable[["Prisma"], Awaitable[Any]]


class Batch:
    """What `db.batch_()` returns: the operations of each model without results, carried out by `commit`."""

    def __init__(self, client: Prisma) -> None:
        self._client = client
        self._steps: list[Step] = []

    def __getattr__(self, name: str) -> BatchActions:
        model = None if name.startswith("_") else self._client._schema.accessors.get(name)
        if model is None or not self._client._schema.model(model).is_writable:
            raise AttributeError(
                f"the schema has no model that can be changed whose attribute would be {name!r}", name=name, obj=self
            )
        return self._client._bound.actions.batch(model)(self._steps, name)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._client._schema.accessors]

    def execute_raw(self, query: str, *args: Any) -> None:
        """Add a statement of the user's own SQL."""
        self._steps.append(lambda client: client.execute_raw(query, *args))

    async def commit(self) -> None:
        """Carry out what was collected, as one transaction, and forget it.

        Raises `RecordNotFoundError` where there is no record to be changed or deleted by `update` or `delete`.
        """
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
    """The operations of one model in a batch; the generated stubs have the exact types."""

    __slots__ = ("_attribute", "_steps")

    def __init__(self, steps: list[Step], attribute: str) -> None:
        self._steps = steps
        self._attribute = attribute

    def create(self, data: Arguments, include: Arguments | None = None) -> None:
        """Create a record."""
        self._add("create", data=data, include=include)

    def create_many(self, data: Any, *, skip_duplicates: bool | None = None) -> None:
        """Create records."""
        self._add("create_many", data=data, skip_duplicates=skip_duplicates)

    def update(self, data: Arguments, where: Arguments, include: Arguments | None = None) -> None:
        """Change the record that `where` identifies."""
        self._add("update", data=data, where=where, include=include)

    def update_many(self, data: Arguments, where: Arguments | None = None, *, limit: int | None = None) -> None:
        """Change all records that fit."""
        self._add("update_many", data=data, where=where, limit=limit)

    def upsert(self, where: Arguments, data: Arguments, include: Arguments | None = None) -> None:
        """Change the record that `where` identifies, or create it."""
        self._add("upsert", where=where, data=data, include=include)

    def delete(self, where: Arguments, include: Arguments | None = None) -> None:
        """Delete the record that `where` identifies."""
        self._add("delete", where=where, include=include)

    def delete_many(self, where: Arguments | None = None, *, limit: int | None = None) -> None:
        """Delete all records that fit."""
        self._add("delete_many", where=where, limit=limit)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"a batch has no operation {name!r}, only changes", name=name, obj=self)

    def _add(self, operation: str, **arguments: Any) -> None:
        attribute = self._attribute

        async def step(client: Prisma) -> None:
            if await getattr(getattr(client, attribute), operation)(**arguments) is None:
                where = dict(arguments["where"])
                message = f"No record was found for `{attribute}.{operation}` of a batch, where={where!r}."
                raise RecordNotFoundError(message, code="P2025", meta={"where": where})

        self._steps.append(step)
