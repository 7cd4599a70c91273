"""The types behind relations in their form for mypy: generic, and without what would take it too long."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from berceau.generator.stubs_annotations import Annotations
from berceau.generator.stubs_behind import RELATED_MYPY
from berceau.generator.stubs_related import PREAMBLE, RelatedWriter
from berceau.generator.stubs_selection import Selections
from berceau.generator.stubs_shapes import Alternative
from berceau.generator.stubs_text import Entries, StubModule

BRIEF = frozenset({"connectOrCreate", "createMany", "upsert", "update", "updateMany", "deleteMany"})
"""Nested writes of which no more is known than their names: with what they hold, mypy would take too long."""

_UNION = re.compile(r"\w+(?: \| \w+)*")


def render_related_for_mypy(
    dmmf: Mapping[str, Any], annotations: Annotations, types: Set[str], wanted: Iterable[str]
) -> StubModule:
    """The module, with the types that are wanted and those that they are made of."""
    module = StubModule(RELATED_MYPY, types, PREAMBLE)
    selections = Selections.read(dmmf)
    owners: dict[str, RelatedWriter] = {}
    wrappers = Wrappers(module, owners.keys())
    for model in dmmf["datamodel"]["models"]:
        MypyWriter(module, annotations, model, selections, owners, wrappers=wrappers).claim()
    for name in wanted:
        owners[name].use(name)
    return module


@dataclass
class Wrappers:
    """Types that are the same for all models but for the types in them: a generic one, and an alias for each model.

    mypy walks what can be reached from each key of a class when the class is defined: of an alias it does so only once.
    """

    module: StubModule
    owned: Set[str]
    _made: dict[str, str] = field(default_factory=dict)
    _variables: int = 0

    def write(self, name: str, operation: str, entries: Entries) -> None:
        """Write one type."""
        if any(map(keyword.iskeyword, entries)):
            self.module.typed_dict(name, entries)
            return
        found: dict[str, str] = {}
        entries = {key: (self._abstract(text, found), required) for key, (text, required) in entries.items()}
        generic = self._made.get(str(entries))
        if generic is None:
            generic = self._made[str(entries)] = f"_{operation}{len(self._made)}"
            while self._variables < len(found):
                self.module.text(f'_T{self._variables} = _TypeVar("_T{self._variables}")\n')
                self._variables += 1
            self.module.typed_dict(generic, entries, bases=("_TypedDict", f"_Generic[{', '.join(found.values())}]"))
        self.module.alias(name, f"{generic}[{', '.join(found)}]")

    def _abstract(self, text: str, found: dict[str, str]) -> str:
        """An annotation with variables for the models' types that are in it."""

        def variable(match: re.Match[str]) -> str:
            words = match[0].split(" | ")
            own = " | ".join(word for word in words if word in self.owned)
            if not own:
                return match[0]
            return " | ".join([found.setdefault(own, f"_T{len(found)}"), *(w for w in words if w not in self.owned)])

        return _UNION.sub(variable, text)


@dataclass(frozen=True, kw_only=True)
class MypyWriter(RelatedWriter):
    """Writes one model's types.

    Attributes:
        wrappers: what writes types that are the same for all models.
    """

    wrappers: Wrappers

    def wrapper(self, name: str, operation: str, entries: Entries) -> None:
        """A generic one."""
        self.wrappers.write(name, operation, entries)

    def wrapped(self, key: str, accepted: tuple[Alternative, ...]) -> str:
        """Some nested writes are known by their names alone."""
        return self.brief(accepted) if key in BRIEF else super().wrapped(key, accepted)

    def where_unique(self, item: str) -> None:
        """What identifies a record is exact; further conditions are known by their names alone."""
        entries = self.entries(item)
        identity = self.identity(entries)
        base = f"_{self.name}Conditions"
        self.module.typed_dict(base, dict.fromkeys(entries, ("_ReadOnly[object]", False)))
        self.unique(item, {}, (base,), identity)

    def where(self, item: str) -> None:
        """What leads back to it ends there."""
        self.typed_dict(item, self.entries(item))
