"""What the client knows of the schema at run time, read from the data file when it is first needed.

The format of the file is described in `berceau.generator.data`.
"""

from __future__ import annotations

import json
import mmap
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from berceau.client.arguments import Accept, accepted
from berceau.client.names import client_attribute, python_name, type_name

REQUIRED, NULLABLE, PLACEHOLDER = 1, 2, 4
SHARED = "shared"
NUMBERS = frozenset({"Int", "BigInt", "Float", "Decimal"})


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """A field of a model: `kind` is scalar, enum, object or unsupported, `type` a scalar's, enum's or model's name."""

    name: str
    kind: str
    type: str
    is_list: bool
    required: bool
    documentation: str | None


@dataclass(frozen=True)
class ModelInfo:
    """A model: its fields, the arguments of each of its operations, and the relations that can be counted."""

    name: str
    documentation: str | None
    fields: Mapping[str, FieldInfo]
    actions: Mapping[str, InputType]
    counts: frozenset[str]

    @property
    def is_writable(self) -> bool:
        """Whether records can be changed; those of a view cannot."""
        return "createOne" in self.actions

    @cached_property
    def relations(self) -> dict[str, FieldInfo]:
        """The fields that lead to other models."""
        return {name: info for name, info in self.fields.items() if info.kind == "object"}

    @cached_property
    def numbers(self) -> frozenset[str]:
        """The fields that hold one number each, which can be added up."""
        return frozenset(name for name, info in self.fields.items() if info.type in NUMBERS and not info.is_list)


class InputType:
    """An input object: its fields by their Python names, made when first asked for.

    `definitions` are the data file's entries; where an argument accepts several objects theirs are merged. Names in
    `kept`, those of the model's own fields, are not translated.
    """

    __slots__ = ("_definitions", "_fields", "_schema", "name")

    def __init__(
        self, schema: Schema, name: str, definitions: Mapping[str, list[Any]], kept: Collection[str] = ()
    ) -> None:
        self.name = name
        self._schema = schema
        self._definitions = {
            key if key in kept else python_name(key): (key, entry) for key, entry in definitions.items()
        }
        self._fields: dict[str, InputField] = {}

    def names(self) -> list[str]:
        """The Python names of the fields."""
        return list(self._definitions)

    def python_name(self, prisma_name: str) -> str:
        """The Python name of a field by its name in Prisma; that itself where there is no such field."""
        return next((name for name, (own, _) in self._definitions.items() if own == prisma_name), prisma_name)

    def get(self, name: str) -> InputField | None:
        """The field of that Python name, None if there is none."""
        known = self._fields.get(name)
        if known is None:
            if name == "order_by" and "order" in self._definitions:
                return self.get("order")
            found = self._definitions.get(name)
            if found is None:
                return None
            prisma_name, entry = found
            known = self._fields[name] = InputField.read(self._schema, prisma_name, entry)
        return known


@dataclass(slots=True)
class InputField:
    """A field of an input object, or an argument: what it takes.

    Attributes:
        name: Prisma's name.
        flags: required, nullable, placeholder (see the data file).
        scalars: scalar types taken as single values; `list_scalars` those taken as lists.
        accepts: the Python types taken as single values; `list_accepts` those taken as elements of a list.
        enum: name of the enum taken; `enum_single` as single value, `enum_list` as list.
        object: input object taken as single value; `list_object` the one taken in lists.
        references: whether a reference to another field is taken.
    """

    name: str
    flags: int
    scalars: frozenset[str]
    list_scalars: frozenset[str]
    enum: str | None
    enum_single: bool
    enum_list: bool
    enum_values: Mapping[str, str] | None
    object: InputType | None
    list_object: InputType | None
    references: bool
    accepts: Mapping[type, Accept] = field(init=False)
    list_accepts: Mapping[type, Accept] = field(init=False)

    def __post_init__(self) -> None:
        self.accepts = accepted(self.scalars, plain_json=self.object is None)
        self.list_accepts = accepted(self.list_scalars, plain_json=True)

    @classmethod
    def read(cls, schema: Schema, name: str, entry: list[Any]) -> InputField:
        """From the data file's entry."""
        scalars: list[str] = []
        list_scalars: list[str] = []
        objects: list[str] = []
        list_objects: list[str] = []
        enum, enum_single, enum_list, references = None, False, False, False
        for text in entry[1:]:
            is_list = text.endswith("[]")
            type_name = text.removesuffix("[]")
            if type_name.startswith("&"):
                references = True
            elif type_name.startswith("="):
                enum, enum_single, enum_list = type_name[1:], enum_single or not is_list, enum_list or is_list
            elif ":" in type_name:
                (list_objects if is_list else objects).append(type_name)
            else:
                (list_scalars if is_list else scalars).append(type_name)
        return cls(
            name=name,
            flags=entry[0],
            scalars=frozenset(scalars),
            list_scalars=frozenset(list_scalars),
            enum=enum,
            enum_single=enum_single,
            enum_list=enum_list,
            enum_values=schema.enum_values(enum) if enum else None,
            object=schema.input(objects),
            list_object=schema.input(list_objects),
            references=references,
        )


class Schema:
    """The data file of one generated client.

    Raises `OSError` when the file cannot be read, `ValueError` when it is not one of ours.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._inputs: dict[tuple[str, ...], InputType] = {}
        self._models: dict[str, ModelInfo] = {}
        self._sections: dict[str, Any] = {}

    @cached_property
    def _file(self) -> mmap.mmap:
        with self.path.open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    @cached_property
    def _header(self) -> dict[str, Any]:
        end = self._file.find(b"\n")
        header: dict[str, Any] = json.loads(self._file[:end])
        header["start"] = end + 1
        return header

    @property
    def hash(self) -> str:
        """The hash of the composed schema that the client was generated from."""
        return str(self._header["hash"])

    @property
    def model_names(self) -> list[str]:
        """The names of all models, in the order of the schema."""
        return list(self._header["models"])

    @property
    def enums(self) -> dict[str, dict[str, str]]:
        """The schema's enums: name → names of the values → values in the database."""
        enums: dict[str, dict[str, str]] = self._header["enums"]
        return enums

    @property
    def components(self) -> dict[str, str]:
        """The component of each model, where it has one: model → component."""
        components: dict[str, str] = self._header["components"]
        return components

    @property
    def datamodel(self) -> str:
        """The composed schema, for the query compiler."""
        return str(self.section("datamodel"))

    @cached_property
    def accessors(self) -> dict[str, str]:
        """The attribute of the client for each model (`demopost`) → the model's name."""
        return {client_attribute(name): name for name in self._header["models"]}

    def section(self, name: str) -> Any:
        """One section of the file, parsed once."""
        found = self._sections.get(name)
        if found is None:
            offset, length = self._header["sections"][name]
            start = self._header["start"] + offset
            found = self._sections[name] = json.loads(self._file[start : start + length])
        return found

    def model(self, name: str) -> ModelInfo:
        """A model by its name. Raises KeyError if there is none."""
        known = self._models.get(name)
        if known is None:
            section = self.section(name)
            description = section["model"]
            fields = {
                item["name"]: FieldInfo(
                    item["name"], item["kind"], item["type"], item["list"], item["required"], item["documentation"]
                )
                for item in description["fields"]
            }
            known = self._models[name] = ModelInfo(
                name=name,
                documentation=description["documentation"],
                fields=fields,
                actions={
                    action: InputType(self, f"{name}.{action}", arguments)
                    for action, arguments in section["actions"].items()
                },
                counts=frozenset(section["counts"]),
            )
        return known

    def enum_values(self, name: str) -> Mapping[str, str]:
        """The names an enum's values go by in queries → what they are in the database."""
        if name in self.enums:
            return self.enums[name]
        owner = name.removesuffix("ScalarFieldEnum")
        source = owner if owner != name and owner in self._header["sections"] else SHARED
        return {value: value for value in self.section(source)["enums"][name]}

    def input(self, references: list[str]) -> InputType | None:
        """The input object for the data file's references; the fields of several are merged into one."""
        if not references:
            return None
        key = tuple(references)
        known = self._inputs.get(key)
        if known is None:
            merged: dict[str, list[Any]] = {}
            kept: set[str] = set()
            names = dict.fromkeys(type_name(reference.partition(":")[2]) for reference in references)
            for reference in references:
                group, _, name = reference.partition(":")
                kept |= self.model(group).fields.keys() if group else set()
                for field_name, entry in self.section(group or SHARED)["inputs"][name].items():
                    merged[field_name] = merge(merged[field_name], entry) if field_name in merged else entry
            known = self._inputs[key] = InputType(self, " or ".join(names), merged, kept)
        return known


def merge(left: list[Any], right: list[Any]) -> list[Any]:
    """One entry that takes what either of two takes; required only where both are."""
    if left == right:
        return left
    flags = (left[0] & right[0] & (REQUIRED | PLACEHOLDER)) | ((left[0] | right[0]) & NULLABLE)
    return [flags, *dict.fromkeys([*left[1:], *right[1:]])]
