"""Values that differ from run to run: generated identifiers and the present instant, made alike on both sides.

A text is generated if it has a generator's form and stood neither in the content nor in the arguments. Generated
texts are numbered in the order in which they appear, so that equal ones stay equal and different ones different.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

FORMS = {
    "uuid": re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
    "cuid": re.compile(r"c[a-z0-9]{24}"),
    "cuid2": re.compile(r"[a-z][a-z0-9]{23}"),
    "ulid": re.compile(r"[0-9A-HJKMNP-TV-Z]{26}"),
}
NANOID = re.compile(r"[A-Za-z0-9_-]{10}")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d(:\d\d)?)?")
PRESENT = timedelta(minutes=10)


class Neutral:
    """One side's values of one case; `known` are the texts that were there before."""

    def __init__(self, known: frozenset[str]) -> None:
        self._known = known
        self._numbers: dict[str, str] = {}
        self._before: dict[str, str] = {}

    def begin(self, *, again: bool) -> None:
        """A step's values follow; `again`: those of the last step once more, as if they had not been seen."""
        self._numbers = dict(self._before) if again else self._numbers
        self._before = dict(self._numbers)

    def value(self, value: Any, key: str = "", *, numbered: bool = True) -> Any:
        """The value with what is generated inside replaced; without numbers all of one form are alike."""
        match value:
            case str():
                form = self._form(value, key)
                if form is None:
                    return value
                if not numbered or form == "now":
                    return f"<{form}>"
                return self._numbers.setdefault(value, f"<{form} {len(self._numbers) + 1}>")
            case datetime():
                return "<now>" if is_present(value) else value
            case dict():
                return {name: self.value(item, name, numbered=numbered) for name, item in value.items()}
            case list():
                return [self.value(item, key, numbered=numbered) for item in value]
        return value

    def rows(self, text: str) -> list[Any]:
        """A table's rows, sorted by what is not generated."""
        rows = json.loads(text, parse_float=Decimal)
        rows.sort(key=lambda row: json.dumps(self.value(row, numbered=False), default=str, sort_keys=True))
        return [self.value(row) for row in rows]

    def _form(self, text: str, key: str) -> str | None:
        if text in self._known:
            return None
        if INSTANT.fullmatch(text):
            return "now" if is_present(datetime.fromisoformat(text)) else None
        if key == "nanoid" and NANOID.fullmatch(text):
            return "nanoid"
        return next((name for name, form in FORMS.items() if form.fullmatch(text)), None)


def is_present(instant: datetime) -> bool:
    """Whether an instant, in UTC if it does not say, is that of the test."""
    aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return abs(datetime.now(UTC) - aware) < PRESENT


def texts(value: Any) -> Iterable[str]:
    """All texts inside a value."""
    match value:
        case str():
            yield value
        case dict():
            for item in value.values():
                yield from texts(item)
        case list() | tuple():
            for item in value:
                yield from texts(item)
