"""Writing rows in memory: a record with what is nested in its data, in the order in which Prisma does it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from berceau.testing.datamodel import Field, Model
from berceau.testing.fake.errors import database_error
from berceau.testing.fake.nested import Nested
from berceau.testing.fake.reading import find, unique
from berceau.testing.fake.store import Row, Tables
from berceau.testing.fake.values import NUMBERS, in_range, now_for, stored

Data = Mapping[str, Any]


class Writer:
    """Carries out writes on one state."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self._nested = Nested(self)

    def model(self, name: str) -> Model:
        """A model by its name."""
        return self.tables.models.models[name]

    def row(self, model: Model, number: int) -> Row:
        """A row by its number."""
        return self.tables.rows(model.name)[number]

    def missing(self, model: Model, data: Data) -> Exception | None:
        """The error for a record that is not there, if others are nested in its data."""
        return self._nested.missing_parent(model, data)

    def create(self, model: Model, data: Data, key: Data | None = None) -> int:
        """A new record; `key` are values that a relation gives it."""
        values = {name: set_value(value) for name, value in data.items() if name in model.fields}
        values |= self._nested.before(model, data)
        number = self.tables.insert(model, values | dict(key or {}))
        assert number is not None
        self._nested.after(model, number, data)
        return number

    def create_many(self, model: Model, data: Any, *, skip_duplicates: bool, key: Data | None = None) -> list[int]:
        """New records without nested ones; those that were not passed over."""
        rows = data if isinstance(data, list) else [data]
        made = []
        for item in rows:
            values = {name: set_value(value) for name, value in item.items()}
            values |= dict(key or {})
            made.append(self.tables.insert(model, values, skip_duplicates=skip_duplicates, checked=False))
        numbers = [number for number in made if number is not None]
        for number in numbers:
            self.tables.check_references(model, self.row(model, number))
        return numbers

    def update(self, model: Model, number: int, data: Data) -> None:
        """Change a record and what is nested below it."""
        relations = self._nested.before(model, data, number)
        self.change(model, [number], data, relations)
        self._nested.after(model, number, data)

    def change(self, model: Model, numbers: list[int], data: Data, key: Data | None = None) -> None:
        """Set the fields of records, each from what it holds."""
        names = [name for name in data if name in model.fields]
        if not names and not key:
            return
        times = now_for(self.tables.models, [field for field in model.fields.values() if field.updated_at])
        rows = self.tables.rows(model.name)
        changes = {
            number: times
            | {name: self._changed(model.fields[name], rows[number], data[name]) for name in names}
            | dict(key or {})
            for number in numbers
        }
        self.tables.update(model, numbers, changes)

    def _changed(self, field: Field, row: Row, change: Any) -> Any:
        """The new value of a field: what is given, or what an operator makes of the old one."""
        if not isinstance(change, dict):
            return change
        ((name, operand),) = change.items()
        old = row[field.name]
        if name == "set":
            return operand
        if name == "push":
            added = operand if isinstance(operand, list) else [operand]
            return [*(old or []), *(stored(self.tables.models, field, added) or [])]
        if old is None or operand is None:
            return None
        return computed(field, name, old, operand)

    def upsert(self, model: Model, where: Data, create: Data, update: Data) -> int:
        """Change the record, or create it."""
        number = unique(self.tables, model, where)
        if number is None:
            return self.create(model, create)
        self.update(model, number, update)
        return number

    def update_many(self, model: Model, where: Data, data: Data, limit: int | None) -> list[int]:
        """Change all that fit, at most so many."""
        numbers = find(self.tables, model, {"where": where})[:limit]
        self.change(model, numbers, data)
        return numbers


def set_value(value: Any) -> Any:
    """The value of a field in the data of a new record; lists may come as `{"set": […]}`."""
    return value["set"] if isinstance(value, dict) else value


def computed(field: Field, name: str, old: Any, operand: Any) -> Any:
    """What the database makes of a number."""
    if field.type in NUMBERS:
        operand = NUMBERS[field.type](operand)
    match name:
        case "increment":
            result = old + operand
        case "decrement":
            result = old - operand
        case "multiply":
            result = old * operand
        case _:
            result = divided(field, old, operand)
    return in_range(field, result) if field.type in ("Int", "BigInt") else result


def divided(field: Field, old: Any, operand: Any) -> Any:
    """A quotient; of whole numbers it is cut towards zero, as PostgreSQL does."""
    if operand == 0:
        raise database_error("P2039", "Database error. Code: `22012`. Message: `division by zero`", "22012")
    if field.type in ("Int", "BigInt"):
        quotient = abs(old) // abs(operand)
        return quotient if (old < 0) is (operand < 0) else -quotient
    return old / operand
