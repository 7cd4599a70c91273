"""The data file of a generated client: everything the run time must know of the schema, read piece by piece.

Line 1 is a JSON header: format, version of the generator, schema hash, models, enums, which component each model is of,
and for each section its offset and length in bytes after the header.
Each further line is one section in JSON: `datamodel` (the composed schema as text), `shared` (input types and enums
of no model in particular) and one section for each model. A client reads the header and then only the sections of
the models it uses, so that start-up does not grow with the schema.

An input field is `[flags, type, …]`; flags: 1 required, 2 nullable, 4 may be a placeholder. Types are text:
`String` (scalar), `=SortOrder` (enum), `&StringFieldRefInput` (field reference), `DemoPost:DemoPostWhereInput` (input
object in the section before the colon, `shared` if empty); a trailing `[]` means a list.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

from berceau.generator.dmmf_names import named_as_models

FORMAT = 1
GENERATOR = version("berceau")
REQUIRED, NULLABLE, PLACEHOLDER = 1, 2, 4

JsonObject = dict[str, Any]

ORDER_BY_SUM = re.compile(r"(Avg|Sum)OrderByAggregateInput$")


def render_data(
    files: Sequence[tuple[str, str]],
    dmmf: Mapping[str, Any],
    schema_hash: str,
    components: Mapping[str, str] | None = None,
) -> bytes:
    """The whole data file for a composed schema and its DMMF; `components` says which model is of which component."""
    dmmf = named_as_models(dmmf)
    sections: dict[str, Any] = {
        "datamodel": "\n".join(content for _, content in files),
        **schema_sections(dmmf),
    }
    lines, places, offset = [], {}, 0
    for name, section in sections.items():
        line = json.dumps(section, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
        places[name] = [offset, len(line)]
        lines.append(line)
        offset += len(line)
    header = {
        "format": FORMAT,
        "generator": GENERATOR,
        "hash": schema_hash,
        "models": [model["name"] for model in dmmf["datamodel"]["models"]],
        "enums": {enum["name"]: enum_values(enum) for enum in dmmf["datamodel"]["enums"]},
        "components": dict(components or {}),
        "sections": places,
    }
    return b"".join([json.dumps(header, separators=(",", ":")).encode(), b"\n", *lines])


def enum_values(enum: Mapping[str, Any]) -> dict[str, str]:
    """An enum's names in the schema → its values in the database."""
    return {value["name"]: value["dbName"] or value["name"] for value in enum["values"]}


def group_of(input_type: Mapping[str, Any], models: Collection[str]) -> str:
    """The section that an input type belongs to: its model's, or the shared one (empty)."""
    group = (input_type.get("meta") or {}).get("grouping")
    return str(group) if group in models else ""


def group_inputs(dmmf: Mapping[str, Any], groups: Groups) -> dict[str, JsonObject]:
    """All input types by name, by section."""
    grouped: defaultdict[str, JsonObject] = defaultdict(dict)
    lists = {
        model["name"]: {field["name"] for field in model["fields"] if field["isList"]}
        for model in dmmf["datamodel"]["models"]
    }
    for item in dmmf["schema"]["inputObjectTypes"]["prisma"]:
        # Prisma orders by the sum of a list, too, which PostgreSQL cannot compute.
        summed = ORDER_BY_SUM.search(item["name"])
        left_out = lists[groups.of[item["name"]]] if summed else ()
        fields = {
            field["name"]: input_field(field, groups) for field in item["fields"] if field["name"] not in left_out
        }
        grouped[groups.of[item["name"]]][item["name"]] = fields
    return grouped


@dataclass(frozen=True)
class Groups:
    """The section of each input type, and the references written so far."""

    of: Mapping[str, str]
    texts: dict[tuple[str, str, bool], str] = field(default_factory=dict)

    @classmethod
    def read(cls, dmmf: Mapping[str, Any]) -> Groups:
        """From Prisma's DMMF."""
        models = {model["name"] for model in dmmf["datamodel"]["models"]}
        return cls({item["name"]: group_of(item, models) for item in dmmf["schema"]["inputObjectTypes"]["prisma"]})


NO_PLACEHOLDER = {False: frozenset({"lt", "lte", "gt", "gte"}), True: frozenset({"equals"})}
"""Fields that take JSON, alone or in a list, but no placeholder: the compiler crashes on one in comparisons of JSON
values, and takes one for a list of documents as one document."""


def input_field(field: Mapping[str, Any], groups: Groups) -> list[Any]:
    """One field of an input type, or one argument."""
    entry: list[Any] = [0]
    placeholder = field.get("isParameterizable")
    for item in field["inputTypes"]:
        name, is_list = item["type"], item["isList"]
        if name == "Null":
            continue
        if name == "Json" and field["name"] in NO_PLACEHOLDER[is_list]:
            placeholder = False
        key = (name, item["location"], is_list)
        text = groups.texts.get(key)
        if text is None:
            text = groups.texts[key] = type_text(*key, groups)
        entry.append(text)
    entry[0] = (
        (REQUIRED if field["isRequired"] else 0)
        | (NULLABLE if field["isNullable"] else 0)
        | (PLACEHOLDER if placeholder else 0)
    )
    return entry


def type_text(name: str, location: str, is_list: bool, groups: Groups) -> str:
    """An input type's reference in the data file's notation."""
    suffix = "[]" if is_list else ""
    match location:
        case "scalar":
            return f"{name}{suffix}"
        case "enumTypes":
            return f"={name}{suffix}"
        case "fieldRefTypes":
            return f"&{name}{suffix}"
        case _:
            return f"{groups.of[name]}:{name}{suffix}"


def schema_sections(dmmf: Mapping[str, Any]) -> dict[str, JsonObject]:
    """The section `shared`, and one for each model: its fields, its input types, the arguments of its operations."""
    groups = Groups.read(dmmf)
    inputs = group_inputs(dmmf, groups)
    enums = {enum["name"]: enum["values"] for enum in dmmf["schema"]["enumTypes"]["prisma"]}
    roots = root_arguments(dmmf, groups)
    counts = countable_relations(dmmf)
    sections: dict[str, JsonObject] = {"shared": {"inputs": inputs[""], "enums": enums}}
    for model in dmmf["datamodel"]["models"]:
        name = model["name"]
        field_enum = f"{name}ScalarFieldEnum"
        sections[name] = {
            "model": model_description(model),
            "inputs": inputs[name],
            "enums": {field_enum: enums.pop(field_enum)} if field_enum in enums else {},
            "actions": roots[name],
            "counts": counts.get(f"{name}CountOutputType", []),
        }
    return sections


def model_description(model: Mapping[str, Any]) -> JsonObject:
    """What the run time must know of a model and its fields."""
    return {
        "name": model["name"],
        "documentation": model.get("documentation"),
        "fields": [
            {
                "name": field["name"],
                "kind": field["kind"],
                "type": field["type"],
                "list": field["isList"],
                "required": field["isRequired"],
                "documentation": field.get("documentation"),
            }
            for field in model["fields"]
        ],
    }


def root_arguments(dmmf: Mapping[str, Any], groups: Groups) -> dict[str, JsonObject]:
    """For each model its operations under the names of the JSON protocol, each with its arguments."""
    outputs = {item["name"]: item for item in dmmf["schema"]["outputObjectTypes"]["prisma"]}
    fields = {
        field["name"]: {argument["name"]: input_field(argument, groups) for argument in field["args"]}
        for root in ("Query", "Mutation")
        if root in outputs
        for field in outputs[root]["fields"]
    }
    renamed = {"create": "createOne", "update": "updateOne", "delete": "deleteOne", "upsert": "upsertOne"}
    return {
        operations["model"]: {
            renamed.get(action, action): fields[field]
            for action, field in operations.items()
            if action not in ("model", "plural") and field in fields
        }
        for operations in dmmf["mappings"]["modelOperations"]
    }


def countable_relations(dmmf: Mapping[str, Any]) -> dict[str, list[str]]:
    """The names of the relations that can be counted, by output type."""
    return {
        item["name"]: [field["name"] for field in item["fields"]]
        for item in dmmf["schema"]["outputObjectTypes"]["prisma"]
        if item["name"].endswith("CountOutputType")
    }
