"""Building the input of a record without a database: required parents are nested in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from berceau.testing.datamodel import DataModel, Model, Relation
from berceau.testing.factories.errors import FactoryError
from berceau.testing.factories.filling import Filling
from berceau.testing.factories.overrides import read
from berceau.testing.factories.parents import Stack, deeper, in_order, needs_parent, parent_overrides


def build(
    models: DataModel,
    filling: Filling,
    model: Model,
    overrides: Mapping[str, Any],
    stack: Stack = (),
    inside: Relation | None = None,
) -> dict[str, Any]:
    """The data for `create`; `inside` is the relation of the record in whose data this one stands."""
    asked = read(model, overrides)
    row = dict(asked.values)
    nested: dict[str, Any] = {}
    unknown = set(inside.fields) if inside is not None else set()
    for relation in in_order(model):
        if relation is inside:
            continue
        key = asked.keys.get(relation.field)
        if key is not None:
            row |= key
        elif needs_parent(relation, asked, row):
            refuse_unknown(relation, unknown)
            further = deeper(stack, relation, asked)
            parent = models.models[relation.target]
            made = build(models, filling, parent, parent_overrides(relation, asked, row), further)
            nested[relation.field] = {"create": made}
            for mine, of in zip(relation.fields, relation.references, strict=True):
                if of in made:
                    row[mine] = made[of]
                else:
                    unknown.add(mine)
    row = filling.fill(model, row, filling.kept(model), unknown)
    for relation in in_order(model):
        if relation.field not in nested and all(row.get(name) is not None for name in relation.fields):
            nested[relation.field] = {"connect": unique_where(models.models[relation.target], relation, row)}
    held = {name for field in nested for name in model.relations[field].fields}
    data = {name: value for name, value in row.items() if name not in held} | nested
    return data | {name: below(models, filling, model.relations[name], items) for name, items in asked.related.items()}


def refuse_unknown(relation: Relation, unknown: set[str]) -> None:
    """Raise `FactoryError` where a key shares a field with another that only the database will give a value."""
    shared = [name for name in relation.fields if name in unknown]
    if shared:
        raise FactoryError(
            f"{relation.model}.{relation.field} shares {', '.join(shared)} with another relation, whose record must be "
            "saved first",
            hint=f"Make the records before: make.{relation.model.lower()}.build({relation.field}=record, …).",
        )


def unique_where(target: Model, relation: Relation, row: Mapping[str, Any]) -> dict[str, Any]:
    """The `where` of the record that a key leads to."""
    values = {of: row[mine] for mine, of in zip(relation.fields, relation.references, strict=True)}
    for name, fields in target.key_names.items():
        if set(fields) == values.keys():
            return {name: values}
    return values


def below(models: DataModel, filling: Filling, relation: Relation, items: list[Any]) -> dict[str, Any]:
    """Related records nested in the data: made, or connected."""
    target = models.models[relation.target]
    opposite = models.opposite(relation)
    made, connected = [], []
    for item in items:
        if isinstance(item, Mapping):
            made.append(build(models, filling, target, item, inside=opposite))
        else:
            connected.append({name: getattr(item, name) for name in target.identifier})
    found = {"create": made, "connect": connected}
    if not relation.many:
        return {name: each[0] for name, each in found.items() if each}
    return {name: each for name, each in found.items() if each}
