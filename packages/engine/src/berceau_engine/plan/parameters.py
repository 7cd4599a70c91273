"""Values on their way to PostgreSQL: from what a plan carries to what asyncpg wants for the parameter's type.

A plan's values are plain: text, numbers, booleans, aware datetimes, bytes, JSON as text; literals that the compiler
put in come as JSON (a date or a Decimal as text, bytes in base64). The server's own description of a statement's
parameters decides what each must become.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import asyncpg
from asyncpg.types import Type

from berceau_engine.plan.calendar_ends import AWARE_INSTANTS, DAYS, Convert, as_text, guarded

Encoder = Callable[[Any], Any]


def to_integer(value: Any) -> int:
    """A whole number; booleans and fractions are refused with ValueError."""
    if type(value) is int:
        return value
    number = int(value)
    if isinstance(value, (float, Decimal)) and number != value:
        raise ValueError(f"{value!r} is not a whole number")
    return number


def to_decimal(value: Any) -> Decimal:
    """An exact decimal; a float goes through its shortest text."""
    return value if isinstance(value, Decimal) else Decimal(str(value))


def to_text(value: Any) -> str:
    """Text; datetimes in ISO form, Decimals without exponent."""
    if type(value) is str:
        return value
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, (datetime, date, time)) else str(value)


def to_instant(value: Any) -> datetime:
    """An aware datetime, from a datetime, a date, a time or ISO text; without an offset it counts as UTC."""
    if isinstance(value, (date, time)) and not isinstance(value, datetime):
        value = value.isoformat()
    instant = value if isinstance(value, datetime) else parse_datetime(value)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def parse_datetime(text: str) -> datetime:
    """A datetime from what PostgreSQL, JSON or Prisma write: a date, a time or both, with or without an offset."""
    if text[2:3] == ":":
        text = f"1970-01-01T{text}"
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:  # To parse it again takes a quarter of the time that `replace` takes.
        instant = datetime.fromisoformat(f"{text}T00:00Z" if len(text) == 10 else f"{text}Z")
    return instant


def to_timestamp(value: Any) -> datetime:
    """A naive datetime in UTC, for `timestamp` columns."""
    return to_instant(value).astimezone(UTC).replace(tzinfo=None)


def to_date(value: Any) -> date:
    """The UTC day of an instant."""
    return to_instant(value).astimezone(UTC).date()


def to_time(value: Any) -> time:
    """The UTC time of day of an instant."""
    return to_instant(value).astimezone(UTC).time()


def to_time_with_zone(value: Any) -> time:
    """The UTC time of day of an instant, with its zone, for `timetz` columns."""
    return to_time(value).replace(tzinfo=timezone(timedelta()))


def to_bytes(value: Any) -> bytes:
    """Bytes; text is base64."""
    return base64.b64decode(value, validate=True) if isinstance(value, str) else bytes(value)


ENCODERS: dict[str, Encoder | None] = {
    "bool": None,
    "int2": to_integer,
    "int4": to_integer,
    "int8": to_integer,
    "oid": to_integer,
    "float4": float,
    "float8": float,
    "numeric": to_decimal,
    "uuid": None,
    "timestamp": guarded(to_instant, AWARE_INSTANTS),
    "timestamptz": guarded(to_instant, AWARE_INSTANTS),
    "date": guarded(to_date, DAYS),
    "time": to_time,
    "timetz": to_time_with_zone,
    "bytea": to_bytes,
    "bit": asyncpg.BitString,
    "varbit": asyncpg.BitString,
}
"""By the server's name of the type; None where the value goes as it is, text where a type is not listed."""

TEXT_ENCODERS: dict[str, Convert] = {
    "timestamp": as_text(to_timestamp),
    "timestamptz": as_text(to_instant),
    "date": as_text(to_date),
}
"""The same for statements that take these types as text and cast it."""


def text_encoder(parameter: Type) -> Encoder | None:
    """The conversion for one parameter of a statement that takes dates as text; None for one of another type."""
    element = TEXT_ENCODERS.get(parameter.name.removesuffix("[]"))
    return list_encoder(element) if element is not None and parameter.kind == "array" else element


def encoder(parameter: Type) -> Encoder | None:
    """The conversion for one parameter of a statement; None where none is needed."""
    if parameter.kind == "array":
        element = ENCODERS.get(parameter.name.removesuffix("[]"), to_text)
        return list if element is None else list_encoder(element)
    return ENCODERS.get(parameter.name, to_text)


def list_encoder(element: Encoder) -> Encoder:
    """The conversion of a list whose elements need one; NULL elements stay."""
    return lambda values: [None if value is None else element(value) for value in values]
