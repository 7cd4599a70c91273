"""What the writers of filters and of data have in common: the keys of an input type, and what several types share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from berceau.client.names import PYTHON_NAMES, python_name
from berceau.generator.stubs_annotations import Annotations
from berceau.generator.stubs_behind import ANY_MAPPING, SHARED, Place, Seen, behind
from berceau.generator.stubs_text import Entries, StubModule

_FILTERS = (
    "WhereInput",
    "WhereUniqueInput",
    "ScalarWhereWithAggregatesInput",
    "RelationFilter",
    "CompoundUniqueInput",
)
LOGIC = ("AND", "OR", "NOT")
"""The keys of conditions that hold further conditions on the same records."""

_BASE_SIZE = 3
"""Keys that several types have in common are written once, as a base, if there are at least so many."""


@dataclass(frozen=True)
class RecordWriter:
    """Writes input types of one model into a module."""

    module: StubModule
    annotations: Annotations
    model: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The model's name."""
        return str(self.model["name"])

    def types(self, *, filters: bool) -> list[str]:
        """The input types that belong to the module: those that are conditions, or the others."""
        homes, names = self.annotations.homes, self.annotations.names
        return [
            item
            for item in self.annotations.graph.types_of(self.name)
            if item.endswith(_FILTERS) is filters and homes[names[item]] == self.module.here
        ]

    def entries(self, item: str, without: Set[str] = frozenset()) -> Entries:
        """The keys of a type, but for some."""
        shape, accepts = self.annotations.graph.shapes[item], self.annotations.accepted
        found = {
            key: (accepts(self.module, accepted), required)
            for key, (required, accepted) in shape.items()
            if key not in without
        }
        return translated(found) if shape.keys() & PYTHON_NAMES.keys() and not self.is_record(item) else found

    def is_record(self, item: str) -> bool:
        """Whether the keys of a type are fields of the model, which keep their names, and not Prisma's operators."""
        return self.annotations.graph.shapes[item].keys() <= self._record_keys

    @cached_property
    def _record_keys(self) -> frozenset[str]:
        return frozenset({*LOGIC, *(item["name"] for item in self.model["fields"])})

    def typed_dict(self, item: str, entries: Entries, bases: tuple[str, ...] = (), doc: str | None = None) -> None:
        """Write one type."""
        self.module.typed_dict(self.annotations.names[item], entries, bases=bases, doc=doc)

    def ended(self, item: str, entries: Entries) -> Entries:
        """Entries of a type that do not lead back to it: for mypy, or for any checker if it is through a relation."""
        name, here = self.annotations.names[item], self.module.here
        if not any(name in text for text, _ in entries.values()):
            return entries
        is_filter = name.endswith("WithAggregatesInput")
        seen = Seen(Place(SHARED, ANY_MAPPING), Place(here, name)) if is_filter else behind(here, name)
        return replaced(entries, name, self.module.see(f"_{name}", seen))

    def data(self, types: Iterable[str], operation: str) -> list[str]:
        """Those of the types that are data of an operation, and no wrappers of it."""
        prefixes = (f"{self.name}{operation}", f"{self.name}Unchecked{operation}")
        return [item for item in types if item.startswith(prefixes) and self.is_record(item)]

    def identity(self, entries: Entries) -> Entries:
        """The unique keys, taken out of the entries of a record's identity."""
        return {key: entries.pop(key) for key in self.annotations.graph.unique_keys.get(self.name, ())}

    def unique(self, name: str, entries: Entries, bases: tuple[str, ...], identity: Entries) -> None:
        """Write a record's identity, of which one unique key at least must be given.

        One type for each key, in which it is required; of the other keys, those that come later may be given too.
        """
        if not identity:
            self.module.alias(name, "_Never", "Nothing identifies one record.")
            return
        doc = f"What identifies one {self.name} record: {' or '.join(identity)}, and further conditions."
        if len(identity) == 1:
            required = {key: (text, True) for key, (text, _) in identity.items()}
            self.module.typed_dict(name, required | entries, bases=bases, doc=doc)
            return
        variants = []
        while identity:
            key, (text, _) = next(iter(identity.items()))
            variants.append(f"{name.removesuffix('Input')}By{key[0].upper()}{key[1:]}")
            self.module.typed_dict(variants[-1], identity | {key: (text, True)} | entries, bases=bases)
            del identity[key]
        self.module.alias(name, " | ".join(variants), doc)

    def family(self, base: str, items: Iterable[str]) -> None:
        """Write types, and before them what they have in common."""
        members = {item: self.entries(item) for item in items}
        bases = self.base(base, members)
        for item, entries in members.items():
            self.typed_dict(item, self.ended(item, entries), bases)

    def base(self, name: str, members: Mapping[str, Entries]) -> tuple[str, ...]:
        """Write what all members have in common as a base and take it out of them; returns the bases to build on.

        Relations stay where they are: a checker that comes back to a class while it is still at its base takes the
        class for unknown.
        """
        if len(members) < 2:
            return ()
        first, *others = members.values()
        common = {
            key: entry
            for key, entry in first.items()
            if key not in self._relations and all(other.get(key) == entry for other in others)
        }
        if len(common) < _BASE_SIZE:
            return ()
        self.module.typed_dict(name, common)
        for entries in members.values():
            for key in common:
                del entries[key]
        return (name,)

    @cached_property
    def _relations(self) -> frozenset[str]:
        names = (item["name"] for item in self.model["fields"] if item["kind"] == "object")
        return frozenset({*LOGIC, *names})


def replaced(entries: Entries, name: str, other: str) -> Entries:
    """Entries with one type in place of another."""
    word = re.compile(rf"\b{name}\b")
    return {key: (word.sub(other, text), required) for key, (text, required) in entries.items()}


def translated(entries: Entries) -> Entries:
    """Entries whose keys are Prisma's operators, in Python's words."""
    return {python_name(key): entry for key, entry in entries.items()}
