"""The DMMF with names that begin as the model's does: Prisma says `UsersScalarFieldEnum` for a model `users`.

It does so for some types, and says `usersWhereInput` for others. `db pull` makes models with such names of most
databases.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_ENDINGS = """
    ScalarFieldEnum ListRelationFilter ScalarRelationFilter NullableScalarRelationFilter CountOutputType
    GroupByOutputType CountAggregateOutputType AvgAggregateOutputType SumAggregateOutputType MinAggregateOutputType
    MaxAggregateOutputType
""".split()  # noqa: SIM905 - a list of words is easier to read than a list of strings
"""What follows the model's name where Prisma's query schema begins it with a capital letter."""

Item = Mapping[str, Any]


def named_as_models(dmmf: Item) -> Item:
    """A DMMF with each model's types by the model's own name; the one that is given stays as it is."""
    models = [model["name"] for model in dmmf["datamodel"]["models"] if model["name"][0].islower()]
    if not models:
        return dmmf
    names = {f"{name[0].upper()}{name[1:]}{ending}": f"{name}{ending}" for name in models for ending in _ENDINGS}
    renamed = {
        kind: {group: [_renamed(item, names) for item in items] for group, items in dmmf["schema"][kind].items()}
        for kind in ("inputObjectTypes", "outputObjectTypes", "enumTypes")
    }
    return {**dmmf, "schema": {**dmmf["schema"], **renamed}}


def _renamed(item: Item, names: Mapping[str, str]) -> Item:
    changed: dict[str, Any] = {"name": names.get(item["name"], item["name"])}
    if "fields" in item:
        changed["fields"] = [_field(field, names) for field in item["fields"]]
    return {**item, **changed}


def _field(field: Item, names: Mapping[str, str]) -> Item:
    """A field of an input type, a field of a result with its arguments, or an argument; most need no change."""
    changed: dict[str, Any] = {}
    if any(item["type"] in names for item in field.get("inputTypes", ())):
        changed["inputTypes"] = [_type(item, names) for item in field["inputTypes"]]
    if "outputType" in field:
        changed["outputType"] = _type(field["outputType"], names)
        changed["args"] = [_field(argument, names) for argument in field["args"]]
    return {**field, **changed} if changed else field


def _type(item: Item, names: Mapping[str, str]) -> Item:
    return {**item, "type": names[item["type"]]} if item["type"] in names else item
