"""The TypedDicts of a model's arguments: filters, order, data, nested writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from berceau.client.names import PYTHON_NAMES, python_name
from berceau.generator.stubs_annotations import ORDER_BY_COUNT, Annotations, related
from berceau.generator.stubs_graph import Shape
from berceau.generator.stubs_text import StubModule

Entries = dict[str, tuple[str, bool]]

_BASE_SIZE = 3
"""Fields that several types share are written once, as a base, if there are at least so many."""


@dataclass(frozen=True)
class InputWriter:
    """Writes the input types of one model into its module."""

    module: StubModule
    annotations: Annotations
    model: Mapping[str, Any]

    def write(self) -> None:
        """All of them that some argument leads to."""
        waiting = dict.fromkeys(self._own_types())
        for write in (self._filters, self._data, self._orders, self._others):
            waiting = dict.fromkeys(write(list(waiting)))
        self._pairs()

    def _own_types(self) -> Iterable[str]:
        annotations, name = self.annotations, self.model["name"]
        for item in annotations.graph.types_of(name):
            if annotations.homes[annotations.names[item]] == self.module.here:
                yield item

    def entries(self, item: str) -> Entries:
        """The keys of a DMMF input type."""
        shape = self.annotations.graph.shapes[item]
        found = {
            key: (self.annotations.accepted(self.module, accepted), required)
            for key, (required, accepted) in shape.items()
        }
        return translated(found) if shape.keys() & PYTHON_NAMES.keys() and not self._is_record(shape) else found

    def ended(self, entries: Entries) -> Entries:
        """Entries whose relations lead no further for mypy."""
        return {
            key: (self.module.deep(f"_Deep{text.split(' ')[0]}", text) if key in self._relations else text, required)
            for key, (text, required) in entries.items()
        }

    @property
    def _relations(self) -> set[str]:
        return {item["name"] for item in self.model["fields"] if item["kind"] == "object"}

    def _is_record(self, shape: Shape) -> bool:
        """Whether the keys are fields of the model, which keep their names, and not Prisma's operators."""
        return shape.keys() <= self._field_names

    @property
    def _field_names(self) -> set[str]:
        return {"AND", "OR", "NOT", *(item["name"] for item in self.model["fields"])}

    def typed_dict(self, item: str, entries: Entries, bases: tuple[str, ...] = (), doc: str | None = None) -> None:
        """Define the TypedDict of a DMMF input type."""
        self.module.typed_dict(self.annotations.names[item], entries, bases=bases, doc=doc)

    def shared(self, base: str, members: Mapping[str, Entries], *, on: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Write what all members have in common as a base class and take it out of them; returns the bases."""
        common = set.intersection(*(set(entries.items()) for entries in members.values()))
        if len(members) < 2 or len(common) < _BASE_SIZE:
            return on
        keys = [key for key, entry in next(iter(members.values())).items() if (key, entry) in common]
        first = next(iter(members.values()))
        self.module.typed_dict(base, {key: first[key] for key in keys}, bases=on)
        for entries in members.values():
            for key in keys:
                del entries[key]
        return (base,)

    # ------------------------------------------------------------ filters

    def _filters(self, types: list[str]) -> Iterable[str]:
        name = self.model["name"]
        where, unique, scalar = f"{name}WhereInput", f"{name}WhereUniqueInput", f"{name}ScalarWhereInput"
        family = {item: self.entries(item) for item in (where, unique, scalar) if item in types}
        keys = self.annotations.graph.unique_keys.get(name, ())
        identity = {key: family[unique].pop(key) for key in keys}
        bases = self.shared(f"_{name}ScalarFilters", family)
        own = {key: (text.replace(related(where), where), required) for key, (text, required) in family[where].items()}
        self.typed_dict(where, own, bases, f"Conditions on {name} records.")
        brief = {key: ("_Any" if key in self._relations else text, False) for key, (text, _) in family[where].items()}
        self.module.related(related(where), where, brief, bases)
        if scalar in family:
            self.typed_dict(scalar, family[scalar], bases, f"Conditions on the own fields of {name} records.")
        self._unique(unique, self.ended(family[unique]), bases, identity)
        return (item for item in types if item not in family)

    def _unique(self, name: str, entries: Entries, bases: tuple[str, ...], identity: Entries) -> None:
        """A record's identity, of which one unique key at least must be given.

        One type for each key, in which it is required; of the other keys, those that come later may be given too.
        """
        doc = f"What identifies one {self.model['name']} record: {' or '.join(identity)}, and further conditions."
        if not identity:
            self.module.alias(name, "_Never", "Nothing identifies one record.")
            return
        if len(identity) == 1:
            self.module.typed_dict(name, entries | _required(identity), bases=bases, doc=doc)
            return
        if entries:
            self.module.typed_dict(f"_{name}", entries, bases=bases)
            bases = (f"_{name}",)
        variants: list[str] = []
        for key, (text, _) in reversed(identity.items()):
            variants.insert(0, f"{name.removesuffix('Input')}By{key[0].upper()}{key[1:]}")
            self.module.typed_dict(variants[0], {key: (text, True)}, bases=bases)
            if len(variants) < len(identity):
                self.module.typed_dict(f"_{variants[0]}", {key: (text, False)}, bases=bases)
                bases = (f"_{variants[0]}",)
        self.module.alias(name, " | ".join(variants), doc)

    # ------------------------------------------------------------ data

    def _data(self, types: list[str]) -> Iterable[str]:
        name, graph = self.model["name"], self.annotations.graph
        written = set()
        for operation in ("Create", "Update"):
            prefixes = (f"{name}{operation}", f"{name}Unchecked{operation}")
            family = {
                item: self.entries(item)
                for item in types
                if item.startswith(prefixes) and self._is_record(graph.shapes[item])
            }
            written |= family.keys()
            bases = self.shared(f"_{name}{operation}Fields", family) if family else ()
            for item, entries in family.items():
                self.typed_dict(item, self.ended(entries) if "Without" in item else entries, bases)
        return (item for item in types if item not in written)

    # ------------------------------------------------------------ order and the rest

    def _orders(self, types: list[str]) -> Iterable[str]:
        name = self.model["name"]
        family = {
            item: self.entries(item)
            for item in types
            if item in (f"{name}OrderByWithRelationInput", f"{name}OrderByWithAggregationInput")
        }
        bases = self.shared(f"_{name}OrderByFields", family)
        for item, entries in family.items():
            stub = self.annotations.names[item]
            self.module.typed_dict(stub, entries, bases=bases)
            if related(stub) != stub:
                brief = {key: ("_Any" if key in self._relations else text, False) for key, (text, _) in entries.items()}
                self.module.related(related(stub), stub, brief, bases)
        return (item for item in types if item not in family)

    def _others(self, types: list[str]) -> Iterable[str]:
        for item in types:
            if item.endswith("OrderByAggregateInput"):
                self._order_by_aggregate(item)
            elif not item.endswith(ORDER_BY_COUNT):
                self.typed_dict(item, self.entries(item))
        return ()

    def _pairs(self) -> None:
        annotations = self.annotations
        for item in annotations.graph.types_of(self.model["name"]):
            checked = annotations.graph.checked_name(item)
            if checked in annotations.pairs:
                self.module.alias(annotations.pairs[checked], f"{annotations.names[checked]} | {annotations.names[item]}")

    def _order_by_aggregate(self, item: str) -> None:
        kind = item.removesuffix("OrderByAggregateInput")
        keys = self.module.keys(f"{kind}Keys", self.annotations.graph.shapes[item])
        order = self.annotations.use(self.module, "SortOrder")
        self.module.alias(self.annotations.names[item], f"_Mapping[{keys}, {order}]")


def translated(entries: Entries) -> Entries:
    """Entries whose keys are Prisma's operators, in Python's words."""
    return {python_name(key): entry for key, entry in entries.items()}


def _required(entries: Entries) -> Entries:
    return {key: (text, True) for key, (text, _) in entries.items()}
