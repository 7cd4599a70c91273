"""Lists whose order nobody promised: without `orderBy` and without paging they are compared sorted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from harness.operations import Operation, Step

LISTS = frozenset({"findMany", "createManyAndReturn", "updateManyAndReturn", "groupBy"})
ORDERING = frozenset({"orderBy", "take", "skip", "cursor", "distinct"})


def settled(step: Step, outcome: Any) -> Any:
    """The outcome with lists of free order sorted."""
    if not isinstance(step, Operation):
        return outcome
    free = step.action in LISTS and not step.arguments.keys() & ORDERING
    return sorted_inside(outcome, step.arguments, free=free)


def sorted_inside(value: Any, arguments: Any, *, free: bool) -> Any:
    """A list of records or a record, with the lists below sorted where the arguments leave it open."""
    if isinstance(value, list):
        items = [sorted_inside(item, arguments, free=False) for item in value]
        return sorted(items, key=sort_key) if free else items
    selected = arguments.get("include") or arguments.get("select") if isinstance(arguments, dict) else None
    if not isinstance(value, dict) or not selected:
        return value
    return {name: below(item, selected.get(name)) for name, item in value.items()}


def below(value: Any, arguments: Any) -> Any:
    """What was selected under one name; only relations are lists of records."""
    if not isinstance(value, (list, dict)) or not arguments:
        return value
    records = isinstance(value, list) and all(isinstance(item, dict) for item in value)
    free = records and not (isinstance(arguments, dict) and arguments.keys() & ORDERING)
    return sorted_inside(value, arguments, free=free)


def sort_key(value: Any) -> str:
    """Text that sorts equal records alike, however many digits their dates have."""
    if isinstance(value, dict):
        return repr([(name, sort_key(item)) for name, item in sorted(value.items())])
    if isinstance(value, list):
        return repr([sort_key(item) for item in value])
    return value.isoformat(timespec="milliseconds") if isinstance(value, datetime) else str(value)
