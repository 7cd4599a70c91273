"""Two outcomes held against each other: where they differ, except for what differs on purpose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from harness.differences import STEP_RULES, VALUE_RULES
from harness.free_order import settled, sort_key
from harness.fresh import Neutral
from harness.operations import Step
from harness.ours import Failure, Outcome

Found = tuple[str, Any, Any]
"""Where two values differ, ours, theirs."""

EXPLAINED: Counter[str] = Counter()
"""How often each rule explained a difference."""


Side = tuple[Neutral, Outcome]
"""One side's outcome of a step, and what makes it comparable."""


def compare(step: Step, our_side: Side, their_side: Side) -> list[Found]:
    """The unexplained differences of one step, whatever the order of lists that have none."""
    found: list[Found] = []
    for free in (False, True):  # In the order of their appearance first: so generated values are told apart best.
        ours, theirs = (in_order(step, *side, free=free) for side in (our_side, their_side))
        found = list(differences("result", ours, theirs))
        if not found:
            return []
    if found:
        for name, rule in STEP_RULES.items():
            if rule(step, ours, theirs):
                EXPLAINED[name] += 1
                return []
    return found


def in_order(step: Step, neutral: Neutral, outcome: Outcome, *, free: bool) -> Outcome:
    """A side's outcome without what differs from run to run; `free`: with lists of free order sorted before."""
    neutral.begin(again=free)
    if free:
        outcome = settled(step, outcome, lambda value: sort_key(neutral.value(value, numbered=False)))
    return neutral.value(outcome)


def differences(path: str, ours: Any, theirs: Any) -> Iterator[Found]:
    """Where two values differ."""
    if isinstance(ours, Failure) and isinstance(theirs, Failure):
        if ours.code != theirs.code and not (ours.refused and theirs.refused):
            yield path, ours, theirs
    elif isinstance(ours, dict) and isinstance(theirs, dict):
        for name in sorted(ours.keys() | theirs.keys()):
            if name not in ours or name not in theirs:
                yield f"{path}.{name}", ours.get(name, "(missing)"), theirs.get(name, "(missing)")
            else:
                yield from differences(f"{path}.{name}", ours[name], theirs[name])
    elif isinstance(ours, list) and isinstance(theirs, list):
        if len(ours) != len(theirs):
            yield path, ours, theirs
            return
        for index, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from differences(f"{path}[{index}]", one, other)
    elif not same(ours, theirs) and not explained(ours, theirs):
        yield path, ours, theirs


def same(ours: Any, theirs: Any) -> bool:
    """Whether two values are the same, NaN too; JavaScript's numbers do not tell integers from floats."""
    if kind(ours) is not kind(theirs):
        return False
    if kind(ours) is float and float in (type(ours), type(theirs)):
        ours, theirs = float(ours), float(theirs)
    return bool(ours == theirs) or (ours != ours and theirs != theirs)


def kind(value: Any) -> type:
    """The type, integers and floats being one."""
    return float if type(value) is int else type(value)


def explained(ours: Any, theirs: Any) -> bool:
    """Whether a rule says why two values differ."""
    for name, rule in VALUE_RULES.items():
        if rule(ours, theirs):
            EXPLAINED[name] += 1
            return True
    return False
