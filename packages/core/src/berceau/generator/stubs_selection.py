"""What to load with a record: include, select, omit, and the arguments of each relation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from berceau.generator.stubs_annotations import Annotations, model_module, word_name
from berceau.generator.stubs_graph import alternatives
from berceau.generator.stubs_text import StubModule

Entries = dict[str, tuple[str, bool]]


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
        lists = {
            field["outputType"]["type"]: field["args"] for field in relations if field["outputType"]["isList"]
        }
        return cls(outputs, countable, frozenset(conditional), frozenset(counted), lists)


def _fields(item: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {field["name"]: field for field in item["fields"]}


def is_relation(field: Mapping[str, Any]) -> bool:
    """Whether a field of a result leads to another model."""
    return field["outputType"]["location"] == "outputObjectTypes" and field["outputType"]["namespace"] == "model"


@dataclass(frozen=True)
class SelectionWriter:
    """Writes one model's include, select and omit, and the arguments of relations that lead to it."""

    module: StubModule
    annotations: Annotations
    selections: Selections
    name: str

    def write(self) -> None:
        """All of them."""
        fields = self.selections.outputs[self.name]
        relations = {key: field for key, field in fields.items() if is_relation(field)}
        keys = self.keys()
        self._include(relations)
        self._select(fields, relations)
        self._returning({key: field for key, field in relations.items() if not field["outputType"]["isList"]}, keys)
        self.module.alias(f"{self.name}Omit", f"_Mapping[{keys}, bool]")
        self._arguments(bool(relations))

    def keys(self) -> str:
        """The names of the own fields."""
        fields = self.selections.outputs[self.name].values()
        own = (item["name"] for item in fields if not is_relation(item) and item["name"] != "_count")
        return self.module.keys(word_name(f"{self.name}ScalarFieldEnum"), own)

    def _include(self, relations: Mapping[str, Mapping[str, Any]]) -> None:
        name = f"{self.name}Include"
        if not relations:
            self.module.alias(name, "_Never")
            return
        entries = self._relations(relations)
        countable = self.selections.countable.get(self.name)
        if countable:
            self._count(countable)
            entries["_count"] = (f"bool | {self.name}CountArgs", False)
        self.module.typed_dict(name, entries, doc=f"Relations to load with a {self.name} record.")
        self.module.related(f"Related{name}", name, dict.fromkeys(entries, ("_Any", False)))

    def _select(self, fields: Mapping[str, Any], relations: Mapping[str, Any]) -> None:
        name = f"{self.name}Select"
        entries: Entries = {key: ("bool", False) for key in fields if key not in relations and key != "_count"}
        if relations:
            self.module.typed_dict(name, entries, bases=(f"{self.name}Include",))
            self.module.related(f"Related{name}", name, entries, (f"Related{self.name}Include",))
        else:
            self.module.alias(name, f"_Mapping[{word_name(f'{self.name}ScalarFieldEnum')}, bool]")

    def _returning(self, relations: Mapping[str, Mapping[str, Any]], keys: str) -> None:
        """What `create_many_and_return` and `update_many_and_return` can load: no lists, no counts."""
        name, own = f"{self.name}Returning", self.selections.outputs[self.name]
        if not relations:
            self.module.alias(f"{name}Include", "_Never")
            self.module.alias(f"{name}Select", f"_Mapping[{keys}, bool]")
        elif sum(map(is_relation, own.values())) == len(relations):
            self.module.alias(f"{name}Include", f"{self.name}Include")
            self.module.alias(f"{name}Select", f"{self.name}Select")
        else:
            self.module.typed_dict(f"{name}Include", self._relations(relations))
            own_fields = {key: ("bool", False) for key, field in own.items() if not is_relation(field) and key != "_count"}
            self.module.typed_dict(f"{name}Select", own_fields, bases=(f"{name}Include",))

    def _relations(self, relations: Mapping[str, Mapping[str, Any]]) -> Entries:
        return {key: (f"bool | {self._argument_type(field)}", False) for key, field in relations.items()}

    def _argument_type(self, field: Mapping[str, Any]) -> str:
        target = field["outputType"]["type"]
        if field["outputType"]["isList"]:
            name = f"FindMany{target}Args"
        else:
            name = f"Optional{target}Args" if field["args"] else f"{target}Args"
        return self.module.need(model_module(target), name)

    def _count(self, countable: Mapping[str, Mapping[str, Any]]) -> None:
        own = self.selections.outputs[self.name]
        entries: Entries = {}
        for key in countable:
            target = own[key]["outputType"]["type"]
            condition = self.module.need(model_module(target), f"{target}CountWhere")
            entries[key] = (f"bool | {condition}", False)
        self.module.typed_dict(f"{self.name}CountSelect", entries)
        self.module.typed_dict(
            f"{self.name}CountArgs", {"select": (f"{self.name}CountSelect", True)}, doc="Relations to count."
        )

    def _arguments(self, has_relations: bool) -> None:
        """The arguments of relations that lead here, from whichever model."""
        name = self.name
        load: Entries = {"include": (f"Related{name}Include", False)} if has_relations else {}
        load |= {"select": (f"{'Related' if has_relations else ''}{name}Select", False), "omit": (f"{name}Omit", False)}
        self.module.typed_dict(f"{name}Args", load, doc=f"What to load of a related {name} record.")
        if name in self.selections.conditional:
            self.module.typed_dict(f"Optional{name}Args", {"where": (f"Related{name}WhereInput", False)}, bases=(f"{name}Args",))
        if name in self.selections.counted:
            self.module.typed_dict(f"{name}CountWhere", {"where": (f"Related{name}WhereInput", False)})
        if name in self.selections.lists:
            doc = f"Which related {name} records to load, and what of them."
            entries = self._entries(self.selections.lists[name])
            self.module.typed_dict(f"FindMany{name}Args", entries, bases=(f"{name}Args",), doc=doc)

    def _entries(self, arguments: Iterable[Mapping[str, Any]]) -> Entries:
        found: Entries = {}
        for argument in arguments:
            text = self.annotations.accepted(self.module, alternatives(argument["inputTypes"]))
            names = ("order", "order_by") if argument["name"] == "orderBy" else (argument["name"],)
            found |= dict.fromkeys(names, (text, argument["isRequired"]))
        return found
