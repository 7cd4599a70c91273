"""The operations of one model: `db.demopost.find_many(…)`, and here those that change records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from berceau.client.errors import InputError, MissingRequiredValueError, RecordNotFoundError
from berceau.client.read_actions import Arguments, ReadActions
from berceau.client.wrong_use import unknown, within, wrong_type


class ModelActions(ReadActions):
    """The operations of one model on one client; the generated stubs have the exact types."""

    __slots__ = ()

    async def create(
        self,
        data: Arguments,
        include: Arguments | None = None,
        *,
        select: Arguments | None = None,
        omit: Arguments | None = None,
        relation_load_strategy: str | None = None,
    ) -> Any:
        """Create a record, with related ones where `data` says so, and return it."""
        arguments = {"data": data, "relation_load_strategy": relation_load_strategy}
        return await self._records("createOne", arguments, include, select, omit)

    async def create_many(self, data: Any, *, skip_duplicates: bool | None = None) -> int:
        """Create records; returns how many. `skip_duplicates` passes over those that break a unique constraint."""
        arguments = {"data": listed(data), "skip_duplicates": skip_duplicates}
        return int((await self._plain("createMany", arguments, {"count": True}))["count"])

    async def create_many_and_return(
        self,
        data: Any,
        *,
        skip_duplicates: bool | None = None,
        include: Arguments | None = None,
        select: Arguments | None = None,
        omit: Arguments | None = None,
    ) -> Any:
        """Create records and return them."""
        arguments = {"data": listed(data), "skip_duplicates": skip_duplicates}
        return await self._records("createManyAndReturn", arguments, include, select, omit)

    async def update(
        self,
        data: Arguments,
        where: Arguments,
        include: Arguments | None = None,
        *,
        select: Arguments | None = None,
        omit: Arguments | None = None,
        relation_load_strategy: str | None = None,
    ) -> Any:
        """Change the record with these unique values and return it; None if there is none."""
        arguments = {"data": data, "where": where, "relation_load_strategy": relation_load_strategy}
        try:
            return await self._records("updateOne", arguments, include, select, omit)
        except RecordNotFoundError as error:
            if error.meta.get("operation") == "an update":
                return None
            raise

    async def update_many(self, data: Arguments, where: Arguments | None = None, *, limit: int | None = None) -> int:
        """Change all records that match; returns how many."""
        arguments = {"data": data, "where": where, "limit": limit}
        return int((await self._plain("updateMany", arguments, {"count": True}))["count"])

    async def update_many_and_return(
        self,
        data: Arguments,
        where: Arguments | None = None,
        *,
        limit: int | None = None,
        include: Arguments | None = None,
        select: Arguments | None = None,
        omit: Arguments | None = None,
    ) -> Any:
        """Change all records that match and return them."""
        arguments = {"data": data, "where": where, "limit": limit}
        return await self._records("updateManyAndReturn", arguments, include, select, omit)

    async def upsert(
        self,
        where: Arguments,
        data: Arguments,
        include: Arguments | None = None,
        *,
        select: Arguments | None = None,
        omit: Arguments | None = None,
        relation_load_strategy: str | None = None,
    ) -> Any:
        """Change the record with these unique values by `data["update"]`, or create it from `data["create"]`."""
        arguments = {"where": where, **upsert_data(data), "relation_load_strategy": relation_load_strategy}
        try:
            return await self._records("upsertOne", arguments, include, select, omit)
        except InputError as error:
            raise within("data", error) if error.path[:1] in (("create",), ("update",)) else error from None

    async def delete(
        self,
        where: Arguments,
        include: Arguments | None = None,
        *,
        select: Arguments | None = None,
        omit: Arguments | None = None,
        relation_load_strategy: str | None = None,
    ) -> Any:
        """Delete the record with these unique values and return it; None if there is none."""
        arguments = {"where": where, "relation_load_strategy": relation_load_strategy}
        try:
            return await self._records("deleteOne", arguments, include, select, omit)
        except RecordNotFoundError as error:
            if error.meta.get("operation") == "a delete":
                return None
            raise

    async def delete_many(self, where: Arguments | None = None, *, limit: int | None = None) -> int:
        """Delete all records that match; returns how many."""
        return int((await self._plain("deleteMany", {"where": where, "limit": limit}, {"count": True}))["count"])


def listed(data: Any) -> list[Any]:
    """Several records' data; that of a single one counts as a list of one."""
    if isinstance(data, Mapping):
        return [data]
    if isinstance(data, str) or not isinstance(data, Iterable):
        raise within("data", wrong_type("a list of dictionaries", data))
    return list(data)


def upsert_data(data: Any) -> dict[str, Any]:
    """`create` and `update` of an upsert's data. Raises an `InputError` unless they are there, and nothing else."""
    if not isinstance(data, Mapping):
        raise within("data", wrong_type("a dictionary with `create` and `update`", data))
    for name in data:
        if name not in ("create", "update"):
            raise within("data", unknown(name, ("create", "update"), "an upsert"))
    for name in ("create", "update"):
        if data.get(name) is None:
            error = MissingRequiredValueError("must be given: an upsert takes `create` and `update`", code="P2012")
            raise within("data", within(name, error))
    return dict(data)
