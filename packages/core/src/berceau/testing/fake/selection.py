"""Rows in memory as results: the fields that were selected, related records, counts, in the client's own classes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from berceau.testing.datamodel import Field, Model
from berceau.testing.fake.reading import find
from berceau.testing.fake.store import Tables
from berceau.testing.fake.values import Document
from berceau_engine.plan import RecordType, ResultTypes

Path = tuple[str, ...]


class Results:
    """Makes the results of one query; `types` are those that the client asks for."""

    def __init__(self, tables: Tables, types: ResultTypes) -> None:
        self._tables = tables
        self._types = types

    def records(self, model: Model, numbers: list[int], selection: Mapping[str, Any], path: Path = ()) -> list[Any]:
        """Several rows as records."""
        return [self.record(model, number, selection, path) for number in numbers]

    def record(self, model: Model, number: int, selection: Mapping[str, Any], path: Path = ()) -> Any:
        """One row as a record."""
        row = self._tables.rows(model.name)[number]
        names = selected(model, selection)
        values: dict[str, Any] = {}
        for name in names:
            if name in model.fields:
                values[name] = self._value(model.fields[name], row[name])
            elif name == "_count":
                values[name] = self._counts(model, row, selection[name], (*path, name))
            else:
                values[name] = self._related(model, name, row, selection[name], (*path, name))
        return build(self._types.record(path, names), values)

    def _related(self, model: Model, name: str, row: Mapping[str, Any], wanted: Any, path: Path) -> Any:
        relation = model.relations[name]
        target = self._tables.models.models[relation.target]
        arguments, selection = arguments_of(wanted)
        numbers = find(self._tables, target, arguments, self._tables.related(relation, dict(row)))
        if relation.many:
            return self.records(target, numbers, selection, path)
        return self.record(target, numbers[0], selection, path) if numbers else None

    def _counts(self, model: Model, row: Mapping[str, Any], wanted: Any, path: Path) -> Any:
        _, selection = arguments_of(wanted)
        values = {}
        for name, how in selection.items():
            relation = model.relations[name]
            arguments, _ = arguments_of(how)
            related = self._tables.related(relation, dict(row))
            values[name] = len(find(self._tables, self._tables.models.models[relation.target], arguments, related))
        return build(self._types.record(path, tuple(values)), values)

    def _value(self, field: Field, value: Any) -> Any:
        if field.is_list:
            return [self._single(field, item) for item in value or []]
        return None if value is None else self._single(field, value)

    def _single(self, field: Field, value: Any) -> Any:
        if field.kind == "enum":
            stored = self._tables.models.stored_enums[field.type]
            members = self._types.enum(field.type, stored)
            return next(members[name] for name, prisma in stored.items() if prisma == value)
        if isinstance(value, bytes):
            return self._types.binary(value)
        return value.data if isinstance(value, Document) else value


def selected(model: Model, selection: Mapping[str, Any]) -> tuple[str, ...]:
    """The names that a selection asks for."""
    names = [
        name
        for name, field in model.fields.items()
        if "$scalars" in selection and selection.get(name) is not False and field.kind != "unsupported"
    ]
    names += [name for name, wanted in selection.items() if not name.startswith("$") and wanted is not False]
    return tuple(dict.fromkeys(names))


def arguments_of(wanted: Any) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The arguments and the selection of what was selected."""
    if wanted is True:
        return {}, {"$scalars": True}
    return wanted.get("arguments") or {}, wanted.get("selection") or {}


def build(type_: RecordType, values: Mapping[str, Any]) -> Any:
    """One object of the result."""
    content = {type_.names.get(name, name): value for name, value in values.items()}
    for name, constant in type_.constants.items():
        content.setdefault(name, constant)
    return content if type_.make_all is None else type_.make_all([content])[0]
