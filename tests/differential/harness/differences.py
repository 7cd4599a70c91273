"""Where our answers differ from the official client's on purpose, as rules; `docs/differences.md` gives the reasons."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from harness.values import SAFE_INTEGER

MILLISECOND = timedelta(milliseconds=1)


def microseconds(ours: Any, theirs: Any) -> bool:
    """Ours keeps what JavaScript's milliseconds cut off."""
    both = isinstance(ours, datetime) and isinstance(theirs, datetime)
    return both and timedelta(0) < ours - theirs < MILLISECOND


def exact_decimals(ours: Any, theirs: Any) -> bool:
    """Ours keeps the digits that are lost when the database's JSON goes through JavaScript's numbers."""
    both = isinstance(ours, Decimal) and isinstance(theirs, Decimal)
    return both and float(ours) == float(theirs) and len(ours.as_tuple().digits) > 15


def exact_integers(ours: Any, theirs: Any) -> bool:
    """Ours keeps 64-bit integers that go through JSON, and whole numbers inside documents, exact."""
    if type(ours) is not int or type(theirs) not in (int, float):
        return False
    return abs(ours) > SAFE_INTEGER and float(ours) == float(theirs)


RULES: dict[str, Callable[[Any, Any], bool]] = {
    "Microseconds": microseconds,
    "Exact decimals": exact_decimals,
    "Exact integers": exact_integers,
}
"""Heading in `docs/differences.md` → whether a pair of values differs for that reason."""
