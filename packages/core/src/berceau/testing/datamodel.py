"""The models of a generated client as tests need them: keys, defaults, relations and the columns' own types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

from berceau.client.schema import Schema
from berceau_engine.schema import SchemaTools

Key = tuple[str, ...]


@dataclass(frozen=True)
class Generated:
    """A default that is made anew for each record: `autoincrement()`, `uuid(7)`, `dbgenerated("…")`."""

    name: str
    arguments: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Relation:
    """A relation as seen from one of its two fields.

    Attributes:
        name: the relation's, which both its fields have.
        model, field: the field that it is seen from.
        target: the model that it leads to.
        opposite: the field of the target that leads back.
        fields: the scalar fields of the model that hold the key, where it is this side that holds it.
        references: the fields of the target that they stand for.
        many: whether it leads to any number of records.
        required: whether there must be one.
        on_delete, on_update: what happens to this side's records when the target's are deleted or change their key.
    """

    name: str
    model: str
    field: str
    target: str
    opposite: str
    fields: Key
    references: Key
    many: bool
    required: bool
    on_delete: str
    on_update: str

    @property
    def holds_key(self) -> bool:
        """Whether this side's records hold the key."""
        return bool(self.fields)


@dataclass(frozen=True, eq=False)
class Field:
    """A field that has a column. `native` and `arguments` are those of `@db.VarChar(20)`."""

    model: str
    name: str
    column: str
    kind: str
    type: str
    is_list: bool
    required: bool
    default: Any
    has_default: bool
    updated_at: bool
    native: str | None
    arguments: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.model}.{self.name}"


@dataclass(frozen=True, eq=False)
class Model:
    """A model or a view: its columns, its relations, its unique keys (the identifier first)."""

    name: str
    table: str
    fields: Mapping[str, Field]
    relations: Mapping[str, Relation]
    unique_keys: tuple[Key, ...]
    key_names: Mapping[str, Key]
    """The names under which composite keys go in `where` → their fields."""

    @property
    def identifier(self) -> Key:
        """The fields of the identifier; of the first unique key where there is none."""
        return self.unique_keys[0]


class DataModel:
    """All models of one client."""

    def __init__(self, dmmf: Mapping[str, Any]) -> None:
        described = dmmf["datamodel"]["models"]
        self.models = {item["name"]: read_model(item, described) for item in described}
        self.enums = {item["name"]: [value["name"] for value in item["values"]] for item in dmmf["datamodel"]["enums"]}
        self.stored_enums = {
            item["name"]: {value["dbName"] or value["name"]: value["name"] for value in item["values"]}
            for item in dmmf["datamodel"]["enums"]
        }

    @cached_property
    def references(self) -> dict[str, list[Relation]]:
        """For each model the relations of others whose keys refer to it."""
        found: dict[str, list[Relation]] = {name: [] for name in self.models}
        for model in self.models.values():
            for relation in model.relations.values():
                if relation.holds_key:
                    found[relation.target].append(relation)
        return found

    def opposite(self, relation: Relation) -> Relation:
        """The same relation seen from its other end."""
        return self.models[relation.target].relations[relation.opposite]

    def is_many_to_many(self, relation: Relation) -> bool:
        """Whether the relation has a table of its own."""
        return relation.many and self.opposite(relation).many


_read: WeakKeyDictionary[Schema, DataModel] = WeakKeyDictionary()


def data_model(schema: Schema) -> DataModel:
    """The models of a client's schema, read once."""
    known = _read.get(schema)
    if known is None:
        known = _read[schema] = DataModel(SchemaTools().dmmf([("schema.prisma", schema.datamodel)]))
    return known


def read_model(item: Mapping[str, Any], models: list[Mapping[str, Any]]) -> Model:
    """One model of the DMMF."""
    keys = [(field["name"],) for field in item["fields"] if field["isId"]]
    primary = item["primaryKey"]
    names = {}
    if primary:
        keys.append(tuple(primary["fields"]))
        names[primary["name"] or "_".join(primary["fields"])] = tuple(primary["fields"])
    keys += [(field["name"],) for field in item["fields"] if field["isUnique"]]
    for index in item["uniqueIndexes"]:
        fields = tuple(index["fields"])
        keys.append(fields)
        names[index["name"] or "_".join(fields)] = fields
    return Model(
        name=item["name"],
        table=item["dbName"] or item["name"],
        fields={
            field["name"]: read_field(item["name"], field) for field in item["fields"] if field["kind"] != "object"
        },
        relations={
            field["name"]: read_relation(item["name"], field, models)
            for field in item["fields"]
            if field["kind"] == "object"
        },
        unique_keys=tuple(dict.fromkeys(keys)),
        key_names={name: fields for name, fields in names.items() if len(fields) > 1},
    )


def read_field(model: str, item: Mapping[str, Any]) -> Field:
    """One field with a column."""
    native, arguments = item.get("nativeType") or (None, [])
    default = item.get("default")
    if isinstance(default, Mapping):
        default = Generated(default["name"], tuple(default["args"]))
    return Field(
        model=model,
        name=item["name"],
        column=item.get("dbName") or item["name"],
        kind=item["kind"],
        type=item["type"],
        is_list=item["isList"],
        required=item["isRequired"],
        default=default,
        has_default=item["hasDefaultValue"],
        updated_at=bool(item.get("isUpdatedAt")),
        native=native,
        arguments=tuple(int(argument) for argument in arguments),
    )


def read_relation(model: str, item: Mapping[str, Any], models: list[Mapping[str, Any]]) -> Relation:
    """One field that leads to another model."""
    target = next(other for other in models if other["name"] == item["type"])
    opposite = next(
        field["name"]
        for field in target["fields"]
        if field.get("relationName") == item["relationName"]
        and (target["name"] != model or field["name"] != item["name"] or is_alone(item, target))
    )
    return Relation(
        name=item["relationName"],
        model=model,
        field=item["name"],
        target=item["type"],
        opposite=opposite,
        fields=tuple(item["relationFromFields"]),
        references=tuple(item["relationToFields"]),
        many=item["isList"],
        required=item["isRequired"] and not item["isList"],
        on_delete=item.get("relationOnDelete") or ("Restrict" if item["isRequired"] else "SetNull"),
        on_update=item.get("relationOnUpdate") or "Cascade",
    )


def is_alone(item: Mapping[str, Any], target: Mapping[str, Any]) -> bool:
    """Whether a relation to its own model has one field only."""
    return [field["name"] for field in target["fields"] if field.get("relationName") == item["relationName"]] == [
        item["name"]
    ]
