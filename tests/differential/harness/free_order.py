"""Lists whose order nobody promised: without `orderBy` and without paging they are compared sorted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from harness.operations import Operation, Step, Transaction

Key = Callable[[Any], str]

LISTS = frozenset({"findMany", "createManyAndReturn", "updateManyAndReturn", "groupBy"})
ORDERING = frozenset({"orderBy", "take", "skip", "cursor", "distinct"})


def shows_place(step: Step) -> bool:
    """Whether the rows' place on disk may decide which ones are found or changed: those with equal keys, mostly."""
    if isinstance(step, Operation):
        return step.action.startswith("findFirst") or bool(step.arguments.keys() & {"limit", *ORDERING})
    return any(shows_place(inner) for inner in getattr(step, "steps", ()))


def settled(step: Step, outcome: Any, key: Key) -> Any:
    """The outcome with lists of free order sorted by a key."""
    if isinstance(outcome, list) and isinstance(step, Transaction):  # One for each step, and how the whole ended.
        parts = zip(step.steps, outcome, strict=False)
        return [*(settled(inner, part, key) for inner, part in parts), *outcome[len(step.steps) :]]
    if not isinstance(step, Operation):
        return outcome
    free = step.action in LISTS and not step.arguments.keys() & ORDERING
    return sorted_inside(outcome, step.arguments, key, free=free)


def sorted_inside(value: Any, arguments: Any, key: Key, *, free: bool) -> Any:
    """A list of records or a record, with the lists below sorted where the arguments leave it open."""
    if isinstance(value, list):
        items = [sorted_inside(item, arguments, key, free=False) for item in value]
        return sorted(items, key=key) if free else items
    selected = arguments.get("include") or arguments.get("select") if isinstance(arguments, dict) else None
    if not isinstance(value, dict) or not selected:
        return value
    return {name: below(item, selected.get(name), key) for name, item in value.items()}


def below(value: Any, arguments: Any, key: Key) -> Any:
    """What was selected under one name; only relations are lists of records."""
    if not isinstance(value, (list, dict)) or not arguments:
        return value
    records = isinstance(value, list) and all(isinstance(item, dict) for item in value)
    free = records and not (isinstance(arguments, dict) and arguments.keys() & ORDERING)
    return sorted_inside(value, arguments, key, free=free)


def sort_key(value: Any) -> str:
    """Text that sorts equal records alike, however many digits their dates have."""
    if isinstance(value, dict):
        return repr([(name, sort_key(item)) for name, item in sorted(value.items())])
    if isinstance(value, list):
        return repr([sort_key(item) for item in value])
    return value.isoformat(timespec="milliseconds") if isinstance(value, datetime) else str(value)
