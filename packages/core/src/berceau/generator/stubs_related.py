"""The types behind relations: one relation deep they are exact, and there they end.

Fields have their types; what leads to a further relation takes any mapping. That is read-only, so that a value of the
type that leads everywhere is accepted where this one is expected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from berceau.generator.stubs_annotations import Annotations, related_module, word_name
from berceau.generator.stubs_behind import ANY_MAPPING
from berceau.generator.stubs_records import LOGIC, RecordWriter, replaced, translated
from berceau.generator.stubs_selection import Selections, argument_entries, is_relation
from berceau.generator.stubs_shapes import Alternative
from berceau.generator.stubs_text import Entries, StubModule, literal

PREAMBLE = """\
import builtins as _builtins
from collections.abc import Mapping as _Mapping, Sequence as _Sequence
from datetime import datetime as _datetime
from decimal import Decimal as _Decimal
from typing import Generic as _Generic, Literal as _Literal, Never as _Never, Required as _Required
from typing import TypeAlias as _TypeAlias, TypedDict as _TypedDict, TypeVar as _TypeVar
from typing_extensions import ReadOnly as _ReadOnly
from berceau.client.fields import Base64 as _Base64, Json as _Json
"""

LOADED = f"_ReadOnly[bool | {ANY_MAPPING}]"
"""What says how to load a relation behind a relation."""


def render_related(
    dmmf: Mapping[str, Any], annotations: Annotations, types: Set[str], wanted: Iterable[str]
) -> list[StubModule]:
    """A module for each model, with the types that are wanted and those that they are made of."""
    selections = Selections.read(dmmf)
    owners: dict[str, RelatedWriter] = {}
    modules = []
    for model in dmmf["datamodel"]["models"]:
        module = StubModule(related_module(model["name"]), types, PREAMBLE)
        modules.append(module)
        RelatedWriter(module, annotations, model, selections, owners).claim()
    for name in wanted:
        owners[name].use(name)
    return modules


@dataclass(frozen=True)
class RelatedWriter(RecordWriter):
    """Writes one model's types, each after those that it is made of.

    Attributes:
        selections: the arguments of relations.
        owners: type → the writer of its model.
    """

    selections: Selections
    owners: dict[str, RelatedWriter]
    _written: set[str] = field(default_factory=set)

    def claim(self) -> None:
        """Be the one who writes the model's types."""
        self.owners.update(dict.fromkeys((*self.inputs, *self.others), self))

    @cached_property
    def inputs(self) -> dict[str, str]:
        """Names of input types → what they are called in the DMMF."""
        return {self.annotations.names[item]: item for item in self.annotations.graph.types_of(self.name)}

    @cached_property
    def others(self) -> Mapping[str, Callable[[str], None]]:
        """Names of other types, and what writes them."""
        name, homes = self.name, self.annotations.graph.homes
        pairs = {pair for checked, pair in self.annotations.pairs.items() if homes[checked] == name}
        words = (f"{name}ScalarFieldEnum", f"{name}OrderByRelevanceFieldEnum")
        return (
            dict.fromkeys(sorted(pairs), self._pair)
            | dict.fromkeys(map(word_name, words), self._word)
            | {
                f"{name}Include": self._include,
                f"{name}Select": self._select,
                f"{name}Omit": self._omit,
                f"{name}Args": self._arguments,
                f"Optional{name}Args": self._arguments,
                f"FindMany{name}Args": self._arguments,
                f"{name}CountOutputTypeArgs": self._count_arguments,
                f"{name}CountOutputTypeSelect": self._count_select,
                f"{name}CountOutputTypeWhere": self._arguments,
            }
        )

    def use(self, name: str) -> str:
        """A type's name, and before it is used the type."""
        if name not in self._written:
            self._written.add(name)
            if name in self.others:
                self.others[name](name)
            else:
                self._input(name)
        return name

    def wrapper(self, name: str, operation: str, entries: Entries) -> None:
        """Write a type that is the same for all models but for the types in it, one for each `operation`."""
        self.module.typed_dict(name, entries)

    def wrapped(self, key: str, accepted: tuple[Alternative, ...]) -> str:
        """The annotation of a wrapper's key."""
        return self.exact(accepted)

    def where_unique(self, item: str) -> None:
        """Write a record's identity."""
        entries = self.entries(item)
        identity = self.identity(entries)
        base = f"_{self.name}Conditions"
        self.module.typed_dict(base, entries)
        self.unique(item, {}, (base,), identity)

    def where(self, item: str) -> None:
        """Write the conditions on records.

        Those inside `AND`, `OR` and `NOT` are exact, too, and what is inside them ends there: whether the type that
        leads everywhere fits one that leads back to itself would take pyright minutes.
        """
        name, entries = self.annotations.names[item], self.entries(item)
        logic = {key: entries.pop(key) for key in LOGIC}
        base, inner = f"_{name}Fields", f"_{name}Inner"
        self.module.typed_dict(base, entries)
        self.module.typed_dict(inner, logic, bases=(base,))
        self.module.typed_dict(name, replaced(logic, ANY_MAPPING, inner), bases=(base,))

    def entries(self, item: str, without: Set[str] = frozenset()) -> Entries:
        """The keys of a type, but for some, and before them the types that they need."""
        shape = {key: value for key, value in self.annotations.graph.shapes[item].items() if key not in without}
        if self.is_record(item):
            return {key: (self._ended(accepted), required) for key, (required, accepted) in shape.items()}
        return translated({key: (self.wrapped(key, accepted), required) for key, (required, accepted) in shape.items()})

    def exact(self, accepted: tuple[Alternative, ...]) -> str:
        """An annotation, with the types that are in it."""
        made = self.annotations.of_alternatives(accepted)
        for name in made.names:
            self.need(name)
        return made.text

    def brief(self, accepted: tuple[Alternative, ...]) -> str:
        """An annotation in which every input type is any mapping."""
        parts = []
        for name, kind, is_list in accepted:
            if kind == "input":
                parts.append(f"_Sequence[{self.need(ANY_MAPPING)}]" if is_list else self.need(ANY_MAPPING))
            else:
                parts.append("None" if name == "Null" else "bool")
        return " | ".join(dict.fromkeys(parts))

    def need(self, name: str) -> str:
        """A name, from wherever it is defined."""
        owner = self.owners.get(name)
        return (
            self.module.need(owner.module.here, owner.use(name)) if owner else self.annotations.use(self.module, name)
        )

    def _input(self, name: str) -> None:
        item = self.inputs[name]
        family = next((members for members in self._families if item in members), ())
        if item == f"{self.name}ScalarWhereInput":
            self.module.alias(name, self.use(f"{self.name}WhereInput"))
        elif item == f"{self.name}WhereInput":
            self.where(item)
        elif item == f"{self.name}WhereUniqueInput":
            self.where_unique(item)
        elif family:
            members = {member: self.entries(member) for member in family}
            bases = self.base(f"_{family[0]}Fields", members)
            for member, entries in members.items():
                self._written.add(self.annotations.names[member])
                self.typed_dict(member, entries, bases)
        elif self.is_record(item):
            self.module.typed_dict(name, self.entries(item))
        else:
            self.wrapper(name, item.removeprefix(self.name).partition("Without")[0], self.entries(item))

    @cached_property
    def _families(self) -> list[list[str]]:
        """Data that has much in common and is written together: what is in some wrapper."""
        graph = self.annotations.graph
        wrappers = [item for item in self.inputs.values() if not self.is_record(item)]
        wrapped = {name for item in wrappers for name in graph.inputs_of(item)}
        items = [item for item in self.inputs.values() if item in wrapped]
        return [self.data(items, "Create"), self.data(items, "Update")]

    @cached_property
    def _relations(self) -> frozenset[str]:
        """Nothing leads back to a class here, so that relations, too, can be in a base."""
        return frozenset()

    def _ended(self, accepted: tuple[Alternative, ...]) -> str:
        """The annotation of a record's key: for a field what it is, for what leads on any mapping."""
        homes, records = self.annotations.graph.homes, [name for name, kind, _ in accepted if kind == "input"]
        if any(name in homes and not name.endswith("CompoundUniqueInput") for name in records):
            return f"_ReadOnly[{self.brief(accepted)}]"
        return self.exact(accepted)

    def _pair(self, name: str) -> None:
        pairs, names = self.annotations.pairs, self.annotations.names
        checked = next(item for item, pair in pairs.items() if pair == name)
        both = [names[item] for item in self.inputs.values() if item == checked or self._is_unchecked(item, checked)]
        self.module.alias(name, " | ".join(self.use(item) for item in both))

    def _is_unchecked(self, item: str, checked: str) -> bool:
        return self.annotations.graph.checked_name(item) == checked

    def _word(self, name: str) -> None:
        word = next(word for word in self.annotations.words if word_name(word) == name)
        self.module.alias(name, literal(self.annotations.words[word]))

    def _loaded(self) -> Entries:
        self.need(ANY_MAPPING)
        fields = self.selections.outputs[self.name]
        keys = [key for key in fields if is_relation(fields[key])]
        return dict.fromkeys(keys + ["_count"] * (self.name in self.selections.countable), (LOADED, False))

    def _omit(self, name: str) -> None:
        self.module.alias(name, f"_Mapping[{self.use(word_name(f'{self.name}ScalarFieldEnum'))}, bool]")

    def _include(self, name: str) -> None:
        self.module.typed_dict(name, self._loaded())

    def _select(self, name: str) -> None:
        fields = self.selections.outputs[self.name]
        own = [key for key in fields if not is_relation(fields[key]) and key != "_count"]
        self.module.typed_dict(name, dict.fromkeys(own, ("bool", False)), bases=(self.use(f"{self.name}Include"),))

    def _arguments(self, name: str) -> None:
        own = self.name
        load: Entries = {key: (self.use(f"{own}{key.title()}"), False) for key in ("include", "select", "omit")}
        where: Entries = {"where": (self.use(f"{own}WhereInput"), False)}
        if name == f"{own}CountOutputTypeWhere":
            entries = where
        elif name == f"Optional{own}Args":
            entries = load | where
        elif name == f"FindMany{own}Args":
            entries = load | argument_entries(self.selections.lists[own], self.exact)
        else:
            entries = load
        self.wrapper(name, name.replace(own, "Related"), entries)

    def _count_arguments(self, name: str) -> None:
        self.wrapper(name, "CountArgs", {"select": (self.use(f"{self.name}CountOutputTypeSelect"), True)})

    def _count_select(self, name: str) -> None:
        fields = self.selections.outputs[self.name]
        targets = {key: fields[key]["outputType"]["type"] for key in self.selections.countable[self.name]}
        entries: Entries = {
            key: (f"bool | {self.need(f'{target}CountOutputTypeWhere')}", False) for key, target in targets.items()
        }
        self.module.typed_dict(name, entries)
