"""What a plan does with rows in memory: joining, picking fields, differences, distinct and paging.

A record is a dictionary from column names to plain values.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from berceau_engine.plan.parameters import to_bytes, to_decimal, to_instant
from berceau_engine.plan.values import Getter, Scope, getter

Record = dict[str, Any]


def as_list(value: Any) -> list[Any]:
    """The value itself if it is a list, else a list of it."""
    return value if isinstance(value, list) else [value]


def is_empty(value: Any) -> bool:
    """No record at all: None, or a list without elements."""
    return value is None or value == []


def key_of(fields: Sequence[str]) -> Callable[[Record], Any]:
    """A function that gives a record's key over some fields, hashable."""
    if len(fields) == 1:
        field = fields[0]
        return lambda record: hashable(record[field])
    return lambda record: tuple(hashable(record[field]) for field in fields)


def hashable(value: Any) -> Any:
    """The value as a dictionary key; truth values are kept apart from 1 and 0, which documents may hold beside them."""
    if isinstance(value, list):
        return (list, *map(hashable, value))
    if isinstance(value, dict):
        return (dict, *((name, hashable(item)) for name, item in value.items()))
    return (bool, value) if isinstance(value, bool) else value


def pick_field(value: Any, field: str) -> Any:
    """One field of a record or of each record of a list."""
    if isinstance(value, list):
        return [pick_field(item, field) for item in value]
    return value.get(field) if isinstance(value, dict) else value


def attach(
    parents: Any, children: Any, parent_key: Sequence[str], child_key: Sequence[str], field: str, *, single: bool
) -> None:
    """Hang each child on the parents with the same key, under `field`: a list, or one record if `single`."""
    by_key: dict[Any, list[Record]] = {}
    key = key_of(parent_key)
    for parent in as_list(parents):
        parent[field] = None if single else []
        by_key.setdefault(key(parent), []).append(parent)
    key = key_of(child_key)
    for child in as_list(children):
        if child is None:
            continue
        for parent in by_key.get(key(child), ()):
            if single:
                parent[field] = child
            else:
                parent[field].append(child)


def difference(left: Any, right: Any, fields: Sequence[str]) -> list[Any]:
    """The records of `left` whose key over `fields` no record of `right` has."""
    key = key_of(fields)
    taken = {None if record is None else key(record) for record in as_list(right)}
    return [record for record in as_list(left) if (None if record is None else key(record)) not in taken]


def same_value(left: Any, right: Any) -> bool:
    """Whether two values of a key are equal, where one may still be in the form that the query came with."""
    if type(left) is type(right):
        return bool(left == right)
    if left is None or right is None:
        return False
    if isinstance(left, Decimal) or isinstance(right, Decimal):
        return to_decimal(left) == to_decimal(right)
    if isinstance(left, datetime) or isinstance(right, datetime):
        return to_instant(left) == to_instant(right)
    if isinstance(left, bytes) or isinstance(right, bytes):
        return to_bytes(left) == to_bytes(right)
    return str(left) == str(right)


@dataclass(frozen=True)
class Processing:
    """One `process` node: distinct, paging by cursor, reversal, and the same for nested records."""

    distinct: tuple[str, ...] | None
    linking: tuple[str, ...] | None
    cursor: Mapping[str, Getter] | None
    take: int | None
    skip: int | None
    paged: bool
    reverse: bool
    nested: Mapping[str, Processing]

    @classmethod
    def read(cls, spec: Mapping[str, Any]) -> Processing:
        """From the plan's JSON."""
        paging = spec["pagination"] or {}
        cursor = paging.get("cursor")
        linking = spec["linkingFields"]
        return cls(
            distinct=None if spec["distinct"] is None else (*spec["distinct"], *(linking or ())),
            linking=None if linking is None else tuple(linking),
            cursor=None if cursor is None else {name: getter(value) for name, value in cursor.items()},
            take=whole(paging.get("take")),
            skip=whole(paging.get("skip")),
            paged=bool(paging),
            reverse=spec["reverse"],
            nested={name: cls.read(inner) for name, inner in spec["nested"].items()},
        )

    def apply(self, value: Any, scope: Scope) -> Any:
        """The processed records; lists stay lists, a single record becomes None if it is paged away."""
        if value is None:
            return None
        if isinstance(value, str):
            value = json.loads(value)
        if not isinstance(value, list):
            kept = self.page([value], scope) if self.paged else [value]
            return self.with_nested(kept[0], scope) if kept else None
        records = value
        if self.distinct is not None:
            records = first_of_each(records, self.distinct)
        if self.paged:
            records = self.page_per_parent(records, scope)
        if self.reverse:
            records = records[::-1]
        return [self.with_nested(record, scope) for record in records] if self.nested else records

    def with_nested(self, record: Record, scope: Scope) -> Record:
        """The record with its nested records processed."""
        for name, processing in self.nested.items():
            record[name] = processing.apply(record[name], scope)
        return record

    def page_per_parent(self, records: list[Record], scope: Scope) -> list[Record]:
        """Each parent's children paged on their own; without linking fields the whole list is one."""
        if self.linking is None:
            return self.page(records, scope)
        groups: dict[Any, list[Record]] = {}
        key = key_of(self.linking)
        for record in records:
            groups.setdefault(key(record), []).append(record)
        return [record for group in groups.values() for record in self.page(group, scope)]

    def page(self, records: list[Record], scope: Scope) -> list[Record]:
        """The window that starts at the cursor, `skip` further on, `take` long."""
        start = 0
        if self.cursor is not None:
            wanted = {name: get(scope) for name, get in self.cursor.items()}
            for start, record in enumerate(records):  # noqa: B007 - the position is what is wanted
                if all(same_value(record[name], value) for name, value in wanted.items()):
                    break
            else:
                return []
        start += self.skip or 0
        return records[start:] if self.take is None else records[start : start + self.take]


def whole(value: Any) -> int | None:
    """A number of the plan, which may be text."""
    return None if value is None else int(value)


def first_of_each(records: list[Record], fields: Sequence[str]) -> list[Record]:
    """The first record of each key, in order."""
    key = key_of(fields)
    seen: dict[Any, Record] = {}
    for record in records:
        seen.setdefault(key(record), record)
    return list(seen.values())
