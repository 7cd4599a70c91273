"""What to load with a record: include, select and omit, and the arguments that relations take."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from berceau.generator.stubs_annotations import Annotations, word_name
from berceau.generator.stubs_shapes import Alternative, alternatives
from berceau.generator.stubs_text import Entries, StubModule


@dataclass(frozen=True)
class Selections:
    """Which relations of which models take which arguments, for one schema.

    Attributes:
        outputs: model → its fields in the DMMF's result types.
        countable: model → its relations that can be counted.
        conditional: models to which a relation leads that may find none, and so takes a condition.
        counted: models to which a relation leads that can be counted.
        lists: models to which a list relation leads → the arguments of such a relation.
    """

    outputs: Mapping[str, Mapping[str, Mapping[str, Any]]]
    countable: Mapping[str, Mapping[str, Mapping[str, Any]]]
    conditional: frozenset[str]
    counted: frozenset[str]
    lists: Mapping[str, Iterable[Mapping[str, Any]]]

    @classmethod
    def read(cls, dmmf: Mapping[str, Any]) -> Selections:
        """From Prisma's DMMF."""
        results = dmmf["schema"]["outputObjectTypes"]
        models = {model["name"] for model in dmmf["datamodel"]["models"]}
        outputs = {item["name"]: _fields(item) for item in results["model"] if item["name"] in models}
        countable = {
            item["name"].removesuffix("CountOutputType"): _fields(item)
            for item in results["prisma"]
            if item["name"].endswith("CountOutputType") and item["name"].removesuffix("CountOutputType") in models
        }
        relations = [field for fields in outputs.values() for field in fields.values() if is_relation(field)]
        conditional = {
            field["outputType"]["type"] for field in relations if field["args"] and not field["outputType"]["isList"]
        }
        counted = {outputs[model][name]["outputType"]["type"] for model, names in countable.items() for name in names}
        lists = {field["outputType"]["type"]: field["args"] for field in relations if field["outputType"]["isList"]}
        return cls(outputs, countable, frozenset(conditional), frozenset(counted), lists)


def _fields(item: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {field["name"]: field for field in item["fields"]}


def is_relation(field: Mapping[str, Any]) -> bool:
    """Whether a field of a result leads to another model."""
    kind = field["outputType"]
    return bool(kind["location"] == "outputObjectTypes" and kind["namespace"] == "model")


@dataclass(frozen=True)
class SelectionWriter:
    """Writes one model's include, select and omit."""

    module: StubModule
    annotations: Annotations
    selections: Selections
    name: str

    def write(self) -> None:
        """All of them."""
        fields = self.selections.outputs[self.name]
        relations = {key: field for key, field in fields.items() if is_relation(field)}
        keys = self.keys()
        self._select(f"{self.name}Select", keys, self._include(relations))
        self._returning({key: field for key, field in relations.items() if not field["outputType"]["isList"]}, keys)
        self.module.alias(f"{self.name}Omit", f"_Mapping[{keys}, bool]")

    def keys(self) -> str:
        """The names of the own fields."""
        fields = self.selections.outputs[self.name].values()
        own = (item["name"] for item in fields if not is_relation(item) and item["name"] != "_count")
        return self.module.keys(word_name(f"{self.name}ScalarFieldEnum"), own)

    def _include(self, relations: Mapping[str, Mapping[str, Any]]) -> Entries:
        name = f"{self.name}Include"
        if not relations:
            self.module.alias(name, "_Never")
            return {}
        entries = self._relations(relations)
        countable = self.selections.countable.get(self.name)
        if countable:
            count = self.annotations.use(self.module, f"{self.name}CountOutputTypeArgs")
            entries["_count"] = (f"bool | {count}", False)
        self.module.typed_dict(name, entries, doc=f"Relations to load with a {self.name} record.")
        return entries

    def _select(self, name: str, keys: str, relations: Entries) -> None:
        if not relations:
            self.module.alias(name, f"_Mapping[{keys}, bool]")
            return
        fields = self.selections.outputs[self.name]
        own: Entries = {key: ("bool", False) for key in fields if not is_relation(fields[key]) and key != "_count"}
        self.module.typed_dict(name, own | relations, doc=f"Fields and relations to load of a {self.name} record.")

    def _returning(self, relations: Mapping[str, Mapping[str, Any]], keys: str) -> None:
        """What `create_many_and_return` and `update_many_and_return` can load: no lists, no counts."""
        name, all_fields = f"{self.name}Returning", self.selections.outputs[self.name].values()
        if not relations:
            self.module.alias(f"{name}Include", "_Never")
            self.module.alias(f"{name}Select", f"_Mapping[{keys}, bool]")
        elif sum(map(is_relation, all_fields)) == len(relations):
            self.module.alias(f"{name}Include", f"{self.name}Include")
            self.module.alias(f"{name}Select", f"{self.name}Select")
        else:
            entries = self._relations(relations)
            self.module.typed_dict(f"{name}Include", entries)
            self._select(f"{name}Select", keys, entries)

    def _relations(self, relations: Mapping[str, Mapping[str, Any]]) -> Entries:
        return {key: (f"bool | {self._argument_type(field)}", False) for key, field in relations.items()}

    def _argument_type(self, field: Mapping[str, Any]) -> str:
        target = field["outputType"]["type"]
        if field["outputType"]["isList"]:
            name = f"FindMany{target}Args"
        else:
            name = f"Optional{target}Args" if field["args"] else f"{target}Args"
        return self.annotations.use(self.module, name)


def argument_entries(
    arguments: Iterable[Mapping[str, Any]], accepted: Callable[[tuple[Alternative, ...]], str]
) -> Entries:
    """Arguments of a relation as keys; `accepted` gives the annotation for what one accepts."""
    found: Entries = {}
    for argument in arguments:
        text = accepted(alternatives(argument["inputTypes"]))
        names = ("order", "order_by") if argument["name"] == "orderBy" else (argument["name"],)
        found |= dict.fromkeys(names, (text, argument["isRequired"]))
    return found
