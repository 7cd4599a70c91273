"""Filling what a record still lacks: its unique keys, and then its required fields one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from random import Random

from berceau.testing.datamodel import DataModel, Key, Model
from berceau.testing.factories.domains import domain
from berceau.testing.factories.uniqueness import Row, Uniqueness


@dataclass
class Filling:
    """Where a factory is in each model's values; with the same seed the values are the same."""

    models: DataModel
    seed: int
    _made: Counter[str] = field(default_factory=Counter)
    _next: dict[str, dict[Key, int]] = field(default_factory=dict)
    _kept: dict[str, Uniqueness] = field(default_factory=dict)

    def uniqueness(self, model: Model) -> Uniqueness:
        """The unique keys of a model, of which none is known to be in use."""
        return Uniqueness(self.models, model, self._start(model), _next=self._next.setdefault(model.name, {}))

    def kept(self, model: Model) -> Uniqueness:
        """The unique keys of a model that were given out without a database to look them up in."""
        known = self._kept.get(model.name)
        if known is None:
            known = self._kept[model.name] = self.uniqueness(model)
        return known

    def fill(self, model: Model, row: Row, keys: Uniqueness, unknown: Collection[str] = ()) -> Row:
        """The row with everything that it must have; `unknown` are fields that others give a value."""
        number = self._made[model.name]
        self._made[model.name] += 1
        given = {name: value(number) if callable(value) else value for name, value in row.items()}
        return self.completed(model, keys.fill(given, unknown), number, unknown)

    def completed(self, model: Model, row: Row, number: int, unknown: Collection[str]) -> Row:
        """The row with a value for each field that requires one and has none."""
        filled = dict(row)
        for name, info in model.fields.items():
            if name in row or name in unknown or not info.required:
                continue
            if info.has_default or info.updated_at or info.is_list:
                continue
            values = domain(self.models, info)
            filled[name] = values.value((self._start(model) + number) % values.size)
        return filled

    def _start(self, model: Model) -> int:
        """Where a model's values begin: from the seed."""
        return Random(f"{self.seed}/{model.name}").randrange(10**6) if self.seed else 0  # noqa: S311
