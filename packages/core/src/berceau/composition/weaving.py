"""Relations across components: the opposite field is added to the copy of the other component's model.

Prisma wants both sides of a relation, and only one component knows of it. Prisma's formatter names the added fields; it
cannot place them itself, since it takes no notice of relation names, adds one field name twice where two relations lead
to one model, and turns a list into a column of the other component's table.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from berceau.composition.declarations import Block, Field
from berceau.composition.sources import Source

if TYPE_CHECKING:
    from berceau_engine.schema import SchemaTools


@dataclass(frozen=True)
class Opposite:
    """A field to add: for `field` of `model` in `origin`, to the model `target_model` in `target`."""

    origin: Source
    model: Block
    field: Field
    target: Source
    target_model: Block

    @property
    def is_single(self) -> bool:
        """The foreign key is unique: at most one record on the other side."""
        return bool(self.field.foreign_key) and self.model.is_unique(self.field.foreign_key)


@dataclass(frozen=True)
class WovenSource:
    """A source with the fields that were added to its copy.

    Attributes:
        source: the owner's own.
        body: the text of the copy.
        added: for each added line of the copy, counted from 1, what it was added for.
    """

    source: Source
    body: str
    added: Mapping[int, Opposite]

    def origin(self, line: int) -> tuple[Source, int]:
        """Whose own line a line of the copy comes from."""
        if opposite := self.added.get(line):
            return opposite.origin, opposite.field.line
        return self.source, line - bisect_left(sorted(self.added), line)


def weave(sources: Sequence[Source], tools: SchemaTools) -> tuple[WovenSource, ...]:
    """The sources, each with the fields that relations of others want in it.

    A host's own file gets none: it is not ours to copy, and may be completed by its author.
    """
    opposites = tuple(_missing_opposites(sources))
    names = _formatter_names(opposites, tools) if opposites else {}
    lines: dict[str, dict[int, list[tuple[str, Opposite]]]] = {}
    taken = {
        (source.name, block.name): {field.name for field in block.fields}
        for source in sources
        for block in source.blocks
    }
    for opposite in opposites:
        used = taken[opposite.target.name, opposite.target_model.name]
        name = _free_name(opposite, names[opposite.model.name, opposite.is_single], used)
        used.add(name)
        place = lines.setdefault(opposite.target.name, {}).setdefault(opposite.target_model.end_of_fields, [])
        place.append((_line(opposite, name), opposite))
    return tuple(_with_lines(source, lines.get(source.name, {})) for source in sources)


def _missing_opposites(sources: Sequence[Source]) -> Iterable[Opposite]:
    models = {
        block.name: (source, block) for source in sources for block in source.blocks if block.kind in ("model", "view")
    }
    for source in sources:
        for model, field in source.references():
            target, target_model = models.get(field.type, (source, model))
            if target is source or target.component is None or target_model.opposite(model, field):
                continue
            if field.is_list or field.foreign_key:
                yield Opposite(source, model, field, target, target_model)


def _formatter_names(opposites: Iterable[Opposite], tools: SchemaTools) -> dict[tuple[str, bool], str]:
    """What Prisma's formatter calls the opposite fields, for each model and arity, where each has but one relation."""
    wanted = {(opposite.model.name, opposite.is_single) for opposite in opposites}
    hub = "H" * (max(len(model) for model, _ in wanted) + 1)  # a name that no model has
    names: dict[tuple[str, bool], str] = {}
    for single in (False, True):
        relating = "".join(
            f"model {model} {{\n  id Int @id\n  hubId Int {'@unique' if single else ''}\n"
            f"  hub {hub} @relation(fields: [hubId], references: [{hub}])\n}}\n"
            for model, is_single in sorted(wanted)
            if is_single is single
        )
        [(_, formatted)] = tools.format([("names.prisma", f"model {hub} {{\n  {hub} Int @id\n}}\n{relating}")])
        for name, model in re.findall(r"^\s*(\w+)\s+(\w+)(?:\[\]|\?)\s*$", formatted, re.MULTILINE):
            names[model, single] = name
    return names


def _free_name(opposite: Opposite, name: str, used: set[str]) -> str:
    """The formatter's name; with the relating field's where a relation name tells of several, or where it is taken."""
    field = opposite.field.name
    longer = f"{name}As{field[:1].upper()}{field[1:]}"
    candidates = [longer] if opposite.field.relation_name else [name, longer]
    free = next((candidate for candidate in candidates if candidate not in used), None)
    number = 2
    while free is None:
        free = None if f"{longer}{number}" in used else f"{longer}{number}"
        number += 1
    return free


def _line(opposite: Opposite, name: str) -> str:
    arity = "?" if opposite.is_single else "[]"
    relation = opposite.field.relation_name
    attribute = f" @relation({json.dumps(relation, ensure_ascii=False)})" if relation else ""
    origin = opposite.origin.component
    whom = f"component {origin.name!r}" if origin else "the host"
    return f"  {name} {opposite.model.name}{arity}{attribute} // added for {whom}"


def _with_lines(source: Source, additions: Mapping[int, list[tuple[str, Opposite]]]) -> WovenSource:
    """The copy of a source with lines added, each after the line that it is listed under."""
    body: list[str] = []
    added: dict[int, Opposite] = {}
    for number, line in enumerate(source.content.split("\n"), start=1):
        body.append(line)
        for text, opposite in additions.get(number, ()):
            body.append(text)
            added[len(body)] = opposite
    text = "\n".join(body)
    return WovenSource(source, text if text.endswith("\n") else f"{text}\n", added)
