"""The operations of a client in memory, each from its query in Prisma's JSON protocol."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from berceau.testing.datamodel import Model
from berceau.testing.fake.errors import not_faked
from berceau.testing.fake.reading import find, unique
from berceau.testing.fake.selection import Results, arguments_of
from berceau.testing.fake.store import Tables
from berceau.testing.fake.values import plain
from berceau.testing.fake.writing import Writer
from berceau_engine.plan import ResultTypes
from berceau_engine.plan.rules import violation

Values = Mapping[str, Any]


class Operation:
    """One call: its model, its arguments without placeholders, and what is to be returned."""

    def __init__(self, tables: Tables, query: Values, values: Values, types: ResultTypes) -> None:
        self.tables = tables
        self.model: Model = tables.models.models[query["modelName"]]
        self.arguments: dict[str, Any] = plain(query["query"]["arguments"], values)
        self.selection: dict[str, Any] = plain(query["query"]["selection"], values)
        self.results = Results(tables, types)
        self.writer = Writer(tables)

    def record(self, number: int | None) -> Any:
        """A record of the result."""
        return None if number is None else self.results.record(self.model, number, self.selection)

    def records(self, numbers: list[int]) -> list[Any]:
        """Several records of the result."""
        return self.results.records(self.model, numbers, self.selection)

    def unique(self, operation: str) -> int:
        """The record that `where` identifies. Raises P2025 if there is none."""
        number = unique(self.tables, self.model, self.arguments["where"])
        if number is None:
            nested = self.writer.missing(self.model, self.arguments.get("data") or {})
            raise nested or violation("MISSING_RECORD", {"operation": operation}, None)
        return number


def run(tables: Tables, query: Values, values: Values, types: ResultTypes) -> Any:
    """The result of a query."""
    action = query["action"]
    if action not in ACTIONS:
        not_faked(f"{action} (of {query['modelName']})")
    return ACTIONS[action](Operation(tables, query, values, types))


def find_unique(call: Operation) -> Any:
    """The record with these unique values."""
    return call.record(unique(call.tables, call.model, call.arguments["where"]))


def find_first(call: Operation) -> Any:
    """The first record that fits."""
    arguments = dict(call.arguments)
    backwards = (arguments.get("take") or 1) < 0
    numbers = find(call.tables, call.model, arguments | {"take": -1 if backwards else 1})
    return call.record(numbers[0] if numbers else None)


def find_many(call: Operation) -> Any:
    """All records that fit."""
    return call.records(find(call.tables, call.model, call.arguments))


def count(call: Operation) -> Any:
    """How many records fit, and how many of these have each field."""
    if call.selection.keys() != {"_count"}:
        not_faked(f"aggregate with {', '.join(name[1:] for name in call.selection if name != '_count')}")
    _, wanted = arguments_of(call.selection["_count"])
    rows = call.tables.rows(call.model.name)
    numbers = find(call.tables, call.model, call.arguments)
    return {
        "_count": {name: sum(name == "_all" or rows[number][name] is not None for number in numbers) for name in wanted}
    }


def create_one(call: Operation) -> Any:
    """A new record."""
    return call.record(call.writer.create(call.model, call.arguments.get("data") or {}))


def create_many(call: Operation) -> Any:
    """How many records were made."""
    return {"count": len(created(call))}


def create_many_and_return(call: Operation) -> Any:
    """The records that were made."""
    return call.records(created(call))


def created(call: Operation) -> list[int]:
    """Several new records."""
    skip = bool(call.arguments.get("skipDuplicates"))
    return call.writer.create_many(call.model, call.arguments["data"], skip_duplicates=skip)


def update_one(call: Operation) -> Any:
    """A record, changed."""
    number = call.unique("an update")
    call.writer.update(call.model, number, call.arguments["data"])
    return call.record(number)


def update_many(call: Operation) -> Any:
    """How many records were changed."""
    return {"count": len(updated(call))}


def update_many_and_return(call: Operation) -> Any:
    """The records that were changed."""
    return call.records(updated(call))


def updated(call: Operation) -> list[int]:
    """Several records, changed."""
    where, limit = call.arguments.get("where") or {}, call.arguments.get("limit")
    return call.writer.update_many(call.model, where, call.arguments["data"], limit)


def upsert_one(call: Operation) -> Any:
    """A record, changed or made."""
    given = call.arguments
    return call.record(call.writer.upsert(call.model, given["where"], given["create"], given["update"]))


def delete_one(call: Operation) -> Any:
    """A record that is gone now."""
    number = call.unique("a delete")
    record = call.record(number)
    call.tables.delete(call.model, [number])
    return record


def delete_many(call: Operation) -> Any:
    """How many records are gone now."""
    numbers = find(call.tables, call.model, {"where": call.arguments.get("where") or {}})
    numbers = numbers[: call.arguments.get("limit")]
    call.tables.delete(call.model, numbers)
    return {"count": len(numbers)}


ACTIONS: dict[str, Callable[[Operation], Any]] = {
    "findUnique": find_unique,
    "findFirst": find_first,
    "findMany": find_many,
    "aggregate": count,
    "createOne": create_one,
    "createMany": create_many,
    "createManyAndReturn": create_many_and_return,
    "updateOne": update_one,
    "updateMany": update_many,
    "updateManyAndReturn": update_many_and_return,
    "upsertOne": upsert_one,
    "deleteOne": delete_one,
    "deleteMany": delete_many,
}
