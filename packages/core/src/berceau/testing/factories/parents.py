"""The relations of a record to be made: in which order they are seen to, what is known of their keys, and cycles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from berceau.testing.datamodel import Model, Relation
from berceau.testing.factories.errors import FactoryError
from berceau.testing.factories.overrides import Asked

Stack = tuple[Relation, ...]
"""The relations that have led here without having been asked for."""


def in_order(model: Model) -> list[Relation]:
    """The relations whose key is here, the shortest keys first: longer ones may share their fields."""
    return sorted((each for each in model.relations.values() if each.holds_key), key=lambda each: len(each.fields))


def needs_parent(relation: Relation, asked: Asked, row: Mapping[str, Any]) -> bool:
    """Whether a record must be made for the relation."""
    if relation.field in asked.keys:
        return False
    if relation.field in asked.parents:
        return True
    return relation.required and not all(name in row for name in relation.fields)


def parent_overrides(relation: Relation, asked: Asked, row: Mapping[str, Any]) -> dict[str, Any]:
    """What the record to be made must hold: what was asked for, and the fields of its key that are known already."""
    wanted = dict(asked.parents.get(relation.field, {}))
    for mine, of in zip(relation.fields, relation.references, strict=True):
        if mine not in row:
            continue
        if wanted.setdefault(of, row[mine]) != row[mine]:
            raise FactoryError(
                f"{relation.model}.{mine} is {row[mine]!r}, and {relation.field}= asks for {of}={wanted[of]!r}",
                hint="Both are one value in the database: give it once, or values that agree.",
            )
    return wanted


def deeper(stack: Stack, relation: Relation, asked: Asked) -> Stack:
    """The way to a parent. Raises `FactoryError` where models require each other in a circle."""
    if relation.field in asked.parents:
        return ()
    for place, earlier in enumerate(stack):
        if earlier.model == relation.model:
            raise circle(stack[place:])
    return (*stack, relation)


def circle(stack: Stack) -> FactoryError:
    """The error for records of which none can be the first."""
    steps = ", ".join(f"{each.model}.{each.field} requires a {each.target}" for each in stack)
    first = stack[0]
    return FactoryError(
        f"{steps}: each needs the other first, so that none can be made",
        hint=f"Insert one with raw SQL and give it: make.{first.model.lower()}({first.field}=record), "
        "or make one of the relations optional in the schema.",
    )
