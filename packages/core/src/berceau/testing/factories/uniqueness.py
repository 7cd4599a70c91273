"""Filling unique keys: each combination of values once, whatever the factory and others have made before."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from berceau.testing.datamodel import DataModel, Generated, Key, Model
from berceau.testing.factories.domains import Domain, domain
from berceau.testing.factories.errors import FactoryError

Row = dict[str, Any]
ENDLESS = 100_000
"""A key of more values than this is not tried through from the start."""


@dataclass
class Uniqueness:
    """The unique keys of one model that are in use, as far as is known; a factory keeps one to go on where it was."""

    models: DataModel
    model: Model
    start: int
    used: dict[Key, set[tuple[Any, ...]]] = field(default_factory=dict)
    _next: dict[Key, int] = field(default_factory=dict)

    def keys(self, row: Mapping[str, Any], unknown: Collection[str] = ()) -> list[Key]:
        """The keys that must be seen to: all their values are given, or the factory gives them.

        `unknown` are fields whose values will be new without the factory's doing.
        """
        return [key for key in self.model.unique_keys if all(self._is_known(name, row, unknown) for name in key)]

    def _is_known(self, name: str, row: Mapping[str, Any], unknown: Collection[str]) -> bool:
        info = self.model.fields[name]
        if name in row:
            return row[name] is not None
        return info.required and name not in unknown and not isinstance(info.default, Generated) and not info.updated_at

    def is_small(self, key: Key, row: Mapping[str, Any]) -> bool:
        """Whether the values that are left open of a key can be tried one after the other."""
        return self._size(key, row) <= ENDLESS

    def fill(self, row: Row, unknown: Collection[str] = ()) -> Row:
        """The row with all its unique keys; they count as used from now on. Raises `FactoryError` when none is left."""
        keys = self.keys(row, unknown)
        filled = self._filled(keys, row)
        if filled is None:
            raise self._exhausted(keys, row)
        for key in keys:
            self.used.setdefault(key, set()).add(values_of(filled, key))
        return filled

    def take(self, key: Key, row: Mapping[str, Any]) -> None:
        """Remember a key that a record has; large domains go on well behind it."""
        self.used.setdefault(key, set()).add(values_of(row, key))
        self._next[key] = max(1, self._next.get(key, 0)) * 2

    def release(self, row: Mapping[str, Any]) -> None:
        """Forget the keys of a row that was not made."""
        for key, used in self.used.items():
            used.discard(values_of(row, key))

    def _filled(self, keys: list[Key], row: Row) -> Row | None:
        """The row with these keys filled, each not in use; None if there is no way."""
        if not keys:
            return row
        key, *others = keys
        for candidate in self._candidates(key, row):
            if values_of(candidate, key) in self.used.get(key, ()):
                continue
            if (filled := self._filled(others, candidate)) is not None:
                return filled
        return None

    def _open(self, key: Key, row: Mapping[str, Any]) -> dict[str, Domain]:
        """The fields of a key that have no value yet, and the values that they can have."""
        return {name: self._domain(name) for name in key if name not in row}

    def _size(self, key: Key, row: Mapping[str, Any]) -> int:
        """How many values what is open of a key can have."""
        return math.prod(each.size for each in self._open(key, row).values())

    def _candidates(self, key: Key, row: Row) -> Iterator[Row]:
        """The row with each combination of values for what is open of a key."""
        domains, total, first = self._open(key, row), self._size(key, row), 0
        if total > ENDLESS:
            first = self.start + self._next.get(key, 0)
            self._next[key] = self._next.get(key, 0) + 1
        for place in range(min(total, ENDLESS)):
            values = combination(list(domains.values()), (first + place) % total)
            yield row | dict(zip(domains, values, strict=True))

    def _domain(self, name: str) -> Domain:
        """The values for a field; those of a field with a fixed default begin with it."""
        info = self.model.fields[name]
        values = domain(self.models, info)
        if info.has_default and values.size <= ENDLESS:
            listed = [values.value(place) for place in range(values.size)]
            listed.sort(key=lambda value: value != info.default)
            return Domain(values.size, listed.__getitem__)
        return values

    def _exhausted(self, keys: list[Key], row: Row) -> FactoryError:
        """The error for a key of which every value is in use."""
        for key in keys:
            if all(values_of(each, key) in self.used.get(key, ()) for each in self._candidates(key, row)):
                break
        names = ", ".join(key)
        given = ", ".join(f"{name}={row[name]!r}" for name in key if name in row)
        if all(name in row for name in key):
            return FactoryError(
                f"{self.model.name} must be unique in {names}, and there is one with {given} already",
                hint="Give each record a value of its own, or none: the factory makes one.",
            )
        return FactoryError(
            f"every value of {names} that a {self.model.name} could have{f' with {given}' if given else ''} is taken",
            hint="Make fewer records, or give other values for the rest of the key.",
        )


def combination(domains: list[Domain], place: int) -> Iterator[Any]:
    """One combination of the domains' values."""
    for each in domains:
        place, own = divmod(place, each.size)
        yield each.value(own)


def values_of(row: Mapping[str, Any], key: Key) -> tuple[Any, ...]:
    """The values of a key in a row, hashable."""
    return tuple(value if value.__hash__ else repr(value) for value in (row[name] for name in key))
