"""What the caller of a factory asks for: values of fields, records for relations, and how many related ones."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from berceau.client.bases import PrismaModel
from berceau.client.names import model_attribute
from berceau.testing.datamodel import Model, Relation
from berceau.testing.factories.errors import FactoryError


@dataclass
class Asked:
    """The overrides of one call, sorted.

    Attributes:
        values: fields → values, or functions of the record's number in its batch.
        keys: relations whose key is here → the key's fields with the values of the record that was given; None where
            there shall be no record.
        parents: relations whose key is here → the overrides for the record to be made.
        related: relations whose key is elsewhere → records, or overrides of those to be made.
    """

    values: dict[str, Any] = field(default_factory=dict)
    keys: dict[str, dict[str, Any] | None] = field(default_factory=dict)
    parents: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    related: dict[str, list[Any]] = field(default_factory=dict)


def read(model: Model, overrides: Mapping[str, Any]) -> Asked:
    """The overrides of a call. Raises `FactoryError` for unknown names and for what cannot be meant."""
    asked = Asked()
    for given, value in overrides.items():
        name = schema_name(model, given)
        relation = model.relations.get(name)
        if relation is None:
            asked.values[name] = value
        elif not relation.holds_key:
            asked.related[name] = related(relation, value)
        elif value is None:
            if relation.required:
                raise FactoryError(f"{model.name}.{name} is required and cannot be None")
            asked.keys[name] = None
        elif isinstance(value, Mapping):
            asked.parents[name] = value
        else:
            record = record_of(relation, value, "a record, a dictionary of its fields")
            asked.keys[name] = key_of(relation, record)
    check_agreement(model, asked)
    return asked


def schema_name(model: Model, given: str) -> str:
    """The field that a keyword stands for: `class_` for `class`. Raises `FactoryError` with the nearest name."""
    known = [*model.fields, *model.relations]
    if given in known:
        return given
    name = next((name for name in known if model_attribute(name) == given), None)
    if name is None:
        near = difflib.get_close_matches(given, known, n=1)
        hint = f"Did you mean {near[0]!r}?" if near else f"It has {', '.join(sorted(known))}."
        raise FactoryError(f"{model.name} has no field {given!r}", hint=hint)
    return name


def record_of(relation: Relation, value: Any, expected: str) -> PrismaModel:
    """A record of the relation's target. Raises `FactoryError` for anything else."""
    if isinstance(value, PrismaModel) and value.__prisma_model__ == relation.target:
        return value
    found = value.__prisma_model__ if isinstance(value, PrismaModel) else type(value).__name__
    raise FactoryError(f"{relation.model}.{relation.field} takes {expected} of {relation.target}, found {found}")


def key_of(relation: Relation, record: PrismaModel) -> dict[str, Any]:
    """The values that a reference to a record has."""
    return {
        mine: getattr(record, model_attribute(of))
        for mine, of in zip(relation.fields, relation.references, strict=True)
    }


def related(relation: Relation, value: Any) -> list[Any]:
    """Related records, those to be made as overrides; a number stands for so many without any."""
    if isinstance(value, int) and not isinstance(value, bool) and relation.many:
        return [{} for _ in range(value)]
    items = value if isinstance(value, (list, tuple)) and relation.many else [value]
    expected = "a number, or a list of records and dictionaries" if relation.many else "a record or a dictionary"
    return [item if isinstance(item, Mapping) else record_of(relation, item, expected) for item in items]


def check_agreement(model: Model, asked: Asked) -> None:
    """Raise `FactoryError` where two overrides give one field two values."""
    sources = {name: (name, value) for name, value in asked.values.items()}
    for relation, key in asked.keys.items():
        own = key or {name: None for name in model.relations[relation].fields if not model.fields[name].required}
        for name, value in own.items():
            other, known = sources.get(name, (relation, value))
            if known != value:
                raise FactoryError(
                    f"{model.name}.{name} cannot be {known!r} by {other}= and {value!r} by {relation}=",
                    hint="Give one of the two, or values that agree.",
                )
            sources[name] = (relation, value)
