"""The operations of one model: `db.demopost.find_many(…)`; each takes its call apart, finds the plan and runs it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from berceau.client.errors import InputError, RecordNotFoundError
from berceau.client.names import python_name
from berceau.client.results import DictionaryResults, ModelResults
from berceau.client.shape import Shape, query_of

if TYPE_CHECKING:
    from berceau.client.prisma import Prisma
    from berceau_engine.plan import ResultTypes

Arguments = Mapping[str, Any]
JsonObject = dict[str, Any]

UNCACHED = frozenset({"createMany", "createManyAndReturn"})
"""Their shape changes with the number of rows, so that a cache would only fill up."""


class ModelActions:
    """The operations of one model on one client; the generated stubs have the exact types."""

    __slots__ = ("_client", "_model", "_name")

    def __init__(self, client: Prisma, name: str) -> None:
        self._client = client
        self._name = name
        self._model = client._schema.model(name)

    # ------------------------------------------------------------ reading

    async def find_unique(
        self,
        where: Arguments,
        include: Arguments | None = None,
        *,
        select: Arguments | None = None,
        omit: Arguments | None = None,
        relation_load_strategy: str | None = None,
    ) -> Any:
        """The record with these unique values; None if there is none."""
        arguments = {"where": where, "relation_load_strategy": relation_load_strategy}
        return await self._records("findUnique", arguments, include, select, omit)

    async def find_first(
        self,
        skip: int | None = None,
        where: Arguments | None = None,
        cursor: Arguments | None = None,
        include: Arguments | None = None,
        order: Any = None,
        distinct: list[str] | None = None,
        *,
        take: int | None = None,
        select: Arguments | None = None,
        omit: Arguments | None = None,
        relation_load_strategy: str | None = None,
    ) -> Any:
        """The first record that matches; None if there is none."""
        arguments = {
            "where": where,
            "order": order,
            "cursor": cursor,
            "take": take,
            "skip": skip,
            "distinct": distinct,
            "relation_load_strategy": relation_load_strategy,
        }
        return await self._records("findFirst", arguments, include, select, omit)

    async def find_many(
        self,
        take: int | None = None,
        skip: int | None = None,
        where: Arguments | None = None,
        cursor: Arguments | None = None,
        include: Arguments | None = None,
        order: Any = None,
        distinct: list[str] | None = None,
        *,
        select: Arguments | None = None,
        omit: Arguments | None = None,
        relation_load_strategy: str | None = None,
    ) -> Any:
        """All records that match, in order; a negative `take` counts from the end."""
        arguments = {
            "where": where,
            "order": order,
            "cursor": cursor,
            "take": take,
            "skip": skip,
            "distinct": distinct,
            "relation_load_strategy": relation_load_strategy,
        }
        return await self._records("findMany", arguments, include, select, omit)

    async def count(
        self,
        select: Arguments | None = None,
        take: int | None = None,
        skip: int | None = None,
        where: Arguments | None = None,
        cursor: Arguments | None = None,
    ) -> Any:
        """The number of records that match; with `select`, the number of those that have each field."""
        arguments = {"where": where, "cursor": cursor, "take": take, "skip": skip}
        fields = {name: True for name, wanted in (select or {"_all": True}).items() if wanted}
        found = await self._plain("aggregate", arguments, {"_count": fields})
        counts = found["_count"]
        return counts["_all"] if select is None else counts

    # ------------------------------------------------------------ writing

    async def create(
        self,
        data: Arguments,
        include: Arguments | None = None,
        *,
        select: Arguments | None = None,
        omit: Arguments | None = None,
    ) -> Any:
        """Create a record, with related ones where `data` says so, and return it."""
        return await self._records("createOne", {"data": data}, include, select, omit)

    async def update(
        self,
        data: Arguments,
        where: Arguments,
        include: Arguments | None = None,
        *,
        select: Arguments | None = None,
        omit: Arguments | None = None,
    ) -> Any:
        """Change the record with these unique values and return it; None if there is none."""
        try:
            return await self._records("updateOne", {"data": data, "where": where}, include, select, omit)
        except RecordNotFoundError as error:
            if error.meta.get("operation") == "an update":
                return None
            raise

    async def upsert(
        self,
        where: Arguments,
        data: Arguments,
        include: Arguments | None = None,
        *,
        select: Arguments | None = None,
        omit: Arguments | None = None,
    ) -> Any:
        """Change the record with these unique values by `data["update"]`, or create it from `data["create"]`."""
        unknown = data.keys() - {"create", "update"}
        if unknown or len(data) < 2:
            raise InputError("`data` of an upsert takes exactly `create` and `update`", code="P2009")
        arguments = {"where": where, "create": data["create"], "update": data["update"]}
        return await self._records("upsertOne", arguments, include, select, omit)

    async def delete(
        self,
        where: Arguments,
        include: Arguments | None = None,
        *,
        select: Arguments | None = None,
        omit: Arguments | None = None,
    ) -> Any:
        """Delete the record with these unique values and return it; None if there is none."""
        try:
            return await self._records("deleteOne", {"where": where}, include, select, omit)
        except RecordNotFoundError as error:
            if error.meta.get("operation") == "a delete":
                return None
            raise

    async def delete_many(self, where: Arguments | None = None) -> int:
        """Delete all records that match; returns how many."""
        return int((await self._plain("deleteMany", {"where": where}, {"count": True}))["count"])

    # ------------------------------------------------------------ running

    async def _records(
        self,
        action: str,
        arguments: Arguments,
        include: Arguments | None,
        select: Arguments | None,
        omit: Arguments | None,
    ) -> Any:
        """Run an operation that returns records of the model."""
        shape = Shape(self._client._schema)
        shape.arguments(self._model.actions[action], arguments)
        shape.selection(self._model, include, select, omit)
        bound = self._client._bound
        return await self._run(action, shape, ModelResults(bound.schema, bound.models, bound.enums, self._name))

    async def _plain(self, action: str, arguments: Arguments, fields: Arguments) -> JsonObject:
        """Run an operation that returns counts and the like."""
        shape = Shape(self._client._schema)
        shape.arguments(self._model.actions[action], arguments)
        shape.fields(fields)
        result: JsonObject = await self._run(action, shape, DictionaryResults(self._client._bound.enums))
        return result

    async def _run(self, action: str, shape: Shape, types: ResultTypes) -> Any:
        client = self._client
        plans = client._engine().plans
        key = (self._name, action, *shape.tokens)
        plan = plans.find(key)
        if plan is None:
            arguments, selection = query_of(shape.tokens)
            query = {
                "modelName": self._name,
                "action": action,
                "query": {"arguments": arguments, "selection": selection},
            }
            try:
                plan = plans.compile(key, query, types, keep=action not in UNCACHED)
            except InputError as error:
                raise self._explained(error, action) from None
        return await client._runner.run(plan, shape.values)

    def _explained(self, error: InputError, action: str) -> InputError:
        """The compiler's error with the place in Python names."""
        error.path = tuple(python_name(name) for name in error.path)
        return error
