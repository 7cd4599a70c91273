"""The input types of the DMMF as a graph: which of them are reached, which say nothing new, what they are called.

Prisma gives most inputs twice, "checked" (relations as objects) and "unchecked" (foreign keys as scalars), and many
of these pairs differ in nothing that a caller could notice. Only what is reached and differs is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from berceau.generator.stubs_shapes import Alternative, Shape, Signature, alternatives
from berceau.generator.stubs_variants import checked_name, same_types, short_names


@dataclass(frozen=True)
class InputGraph:
    """All input types of a schema.

    Attributes:
        shapes: every input type.
        homes: input type to the model that it belongs to; shared types are not in it.
        unique_keys: the keys of each model of which one at least identifies a record.
        roots: what arguments accept, of operations and of relations.
    """

    shapes: Mapping[str, Shape]
    homes: Mapping[str, str]
    unique_keys: Mapping[str, tuple[str, ...]]
    roots: tuple[tuple[Alternative, ...], ...]

    @classmethod
    def read(cls, dmmf: Mapping[str, Any]) -> InputGraph:
        """From Prisma's DMMF."""
        models = {model["name"] for model in dmmf["datamodel"]["models"]}
        shapes: dict[str, Shape] = {}
        homes: dict[str, str] = {}
        unique_keys: dict[str, tuple[str, ...]] = {}
        for item in dmmf["schema"]["inputObjectTypes"]["prisma"]:
            name = item["name"]
            shapes[name] = {
                field["name"]: (field["isRequired"], alternatives(field["inputTypes"])) for field in item["fields"]
            }
            model = str((item.get("meta") or {}).get("grouping"))
            if model in models and name.startswith(model):
                homes[name] = model
                if name == f"{model}WhereUniqueInput":
                    unique_keys[model] = tuple(item["constraints"].get("fields") or ())
        return cls(shapes, homes, unique_keys, tuple(_root_arguments(dmmf)))

    @cached_property
    def same(self) -> dict[str, str]:
        """Types that say nothing new → the type that says the same."""
        return same_types(self.shapes, self.homes)

    @cached_property
    def short(self) -> dict[str, str]:
        """Types that are the same for all relations to a model → their name without a relation."""
        return short_names(self.shapes, self.homes, self.same)

    def types_of(self, model: str) -> list[str]:
        """The reached input types of a model."""
        return self._by_model.get(model, [])

    @cached_property
    def _by_model(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name in self.reached:
            if name in self.homes:
                found.setdefault(self.homes[name], []).append(name)
        return found

    def checked_name(self, name: str) -> str | None:
        """The checked counterpart of an unchecked type; None for what is not unchecked."""
        checked = checked_name(self.homes, name)
        return self.same.get(checked, checked) if checked else None

    def reduce(self, accepted: tuple[Alternative, ...]) -> tuple[Alternative, ...]:
        """What a field accepts, without input types that another one of the same field covers."""
        inputs: list[str] = []
        for name in dict.fromkeys(self.same.get(name, name) for name, kind, _ in accepted if kind == "input"):
            if not any(self.covers(other, name) for other in inputs):
                inputs = [other for other in inputs if not self.covers(name, other)] + [name]
        kept = (
            (self.same.get(name, name), kind, is_list)
            for name, kind, is_list in accepted
            if kind != "input" or self.same.get(name, name) in inputs
        )
        return tuple(dict.fromkeys(kept))

    def covers(self, wide: str, narrow: str) -> bool:
        """Whether whatever fits `narrow` fits `wide`: all its fields alike, and nothing else that must be given."""
        wider, narrower = self.shapes[wide], self.shapes[narrow]
        if len(wider) < len(narrower):
            return False
        return all(
            field in wider and (wider[field] == signature or self._alike(wider[field], signature))
            for field, signature in narrower.items()
        ) and not any(required for field, (required, _) in wider.items() if field not in narrower)

    def _alike(self, left: Signature, right: Signature) -> bool:
        return left[0] == right[0] and self._plain(left[1]) == self._plain(right[1])

    def _plain(self, accepted: tuple[Alternative, ...]) -> tuple[Alternative, ...]:
        return tuple((self.same.get(name, name), kind, is_list) for name, kind, is_list in accepted)

    @cached_property
    def reached(self) -> dict[str, None]:
        """The input types that some argument leads to, in the order of the DMMF."""
        found: set[str] = set()
        waiting = list(self.roots)
        seen: set[tuple[Alternative, ...]] = set()
        while waiting:
            accepted = waiting.pop()
            if accepted in seen:
                continue
            seen.add(accepted)
            for name, kind, _ in self.reduce(accepted):
                if kind == "input" and name not in found:
                    found.add(name)
                    waiting += [accepted for _, accepted in self.shapes[name].values()]
        return {name: None for name in self.shapes if name in found}

    @cached_property
    def nested(self) -> frozenset[str]:
        """The input types of models that arguments lead to only through relations."""
        direct = {name for accepted in self.roots for name, kind, _ in self.reduce(accepted) if kind == "input"}
        for name in list(direct):
            direct |= {other for other in self.inputs_of(name) if not self.inputs_of(other) & self.homes.keys()}
        return frozenset(name for name in self.reached if name in self.homes and name not in direct)

    def inputs_of(self, name: str) -> set[str]:
        """The input types that an input type holds."""
        fields = self.shapes[name].values()
        return {other for _, accepted in fields for other, kind, _ in self.reduce(accepted) if kind == "input"}


def _root_arguments(dmmf: Mapping[str, Any]) -> Iterable[tuple[Alternative, ...]]:
    outputs = dmmf["schema"]["outputObjectTypes"]
    for item in (*outputs["prisma"], *outputs.get("model", ())):
        for field in item["fields"]:
            for argument in field["args"]:
                yield alternatives(argument["inputTypes"])
