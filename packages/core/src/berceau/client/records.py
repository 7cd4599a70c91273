"""A user's own class of records: which fields of its model it holds, and so what its queries load."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, get_args

from berceau.client.names import model_attribute

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

    from berceau.client.schema import ModelInfo

Chosen = tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]


def held_by(record: type[BaseModel], model: ModelInfo) -> dict[str, tuple[str, FieldInfo]]:
    """The fields of a model that a class holds → the keys under which it takes their values, and its own fields."""
    attributes = {model_attribute(name): name for name in model.fields}
    held = {}
    for attribute, field in record.model_fields.items():
        alias = field.alias or attribute
        name = alias if alias in model.fields or alias == "_count" else attributes.get(attribute)
        if name is not None:
            held[name] = (alias, field)
    return held


def chosen_by(
    record: type[BaseModel], model: ModelInfo, include: Mapping[str, Any], above: tuple[type, ...] = ()
) -> Chosen:
    """`include` and `select` that load what a class holds, and what is to be included beside.

    A relation that the class cannot do without is loaded without being asked for.
    """
    held = held_by(record, model)
    above = (*above, record)
    wanted: dict[str, Any] = {
        name: loaded
        for name in model.relations
        if name in held and held[name][1].is_required() and (loaded := loaded_with(held[name][1], above))
    }
    wanted |= include
    scalars = [name for name, field in model.fields.items() if field.kind not in ("object", "unsupported")]
    if all(name in held for name in scalars):
        return wanted or None, None
    return None, {name: True for name in scalars if name in held} | wanted


def loaded_with(field: FieldInfo, above: tuple[type, ...]) -> Any:
    """What `include` says of a relation whose records are of the class in a field; None where it leads in a circle."""
    target = next((found for part in (field.annotation, *field.metadata) for found in classes_in(part)), None)
    if target is None:
        return True
    if target in above:
        return None
    model = target.__prisma_bound__.schema.model(target.__prisma_model__)
    include, select = chosen_by(target, model, {}, above)
    return {"select": select} if select else {"include": include} if include else True


def classes_in(annotation: Any) -> Iterator[Any]:
    """The classes of records in an annotation, also in unions and lists."""
    if hasattr(annotation, "__prisma_model__"):
        yield annotation
    for part in get_args(annotation):
        yield from classes_in(part)
