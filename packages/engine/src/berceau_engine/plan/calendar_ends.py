"""The first and the last instant of Python's calendar: asyncpg would send them as infinity, so they travel as text."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any

DAYS = (date.min, date.max)
AWARE_INSTANTS = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))

Convert = Callable[[Any], Any]

PLACES = re.compile(r'"(?:[^"]|"")*"|\'(?:[^\']|\'\')*\'|\$(\d+)')
"""A parameter's place in SQL, or a quoted text that may hold what looks like one."""


class CalendarEnd(Exception):  # noqa: N818 - no error: another way is taken
    """Raised by an encoder for a value that must not go to asyncpg."""


def guarded(convert: Convert, ends: tuple[Any, ...]) -> Convert:
    """The conversion, which raises `CalendarEnd` when its result is one of these."""

    def encode(value: Any) -> Any:
        converted = convert(value)
        if converted in ends:
            raise CalendarEnd
        return converted

    return encode


def as_text(convert: Convert) -> Convert:
    """The conversion, then to text in ISO form."""
    return lambda value: convert(value).isoformat()


def with_casts(sql: str, types: Sequence[str | None]) -> str:
    """The statement with parameters of the types given taken as text and cast; None leaves a parameter alone."""

    def cast(match: re.Match[str]) -> str:
        name = None if match[1] is None else types[int(match[1]) - 1]
        return match[0] if name is None else f"({match[0]}::text{'[]' if name.endswith('[]') else ''}::{name})"

    return PLACES.sub(cast, sql)
