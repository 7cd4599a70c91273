"""Values on their way from PostgreSQL: from what asyncpg returns to the plain values that a plan works with."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from asyncpg.types import Type

Decoder = Callable[[Any], Any]

EPOCH = date(1970, 1, 1)


def from_timestamp(value: datetime) -> datetime:
    """The datetime as it comes; only infinity comes without a zone, as the first or last instant that Python has."""
    return value if value.tzinfo is not None else value.replace(tzinfo=UTC)


def from_date(value: date) -> datetime:
    """Midnight in UTC of a `date`."""
    return datetime(value.year, value.month, value.day, tzinfo=UTC)


def from_time(value: time) -> datetime:
    """The first of January 1970 at that time in UTC; the offset of a `timetz` is dropped, as Prisma does."""
    return datetime.combine(EPOCH, value.replace(tzinfo=UTC))


def from_float4(value: float) -> float:
    """The shortest decimal that is the same single-precision number, as PostgreSQL prints it."""
    packed = struct.pack("f", value)
    for digits in range(6 if abs(value) >= LEAST_NORMAL_FLOAT4 else 1, 9):
        short = float(f"{value:.{digits}g}")
        if struct.pack("f", short) == packed:
            return short
    return value


LEAST_NORMAL_FLOAT4 = 2.0**-126
"""Smaller ones have fewer digits."""


def from_money(value: str) -> Decimal:
    """The amount of a `money` value, which comes as text with a currency sign."""
    return Decimal("".join(character for character in value if character in "-.0123456789"))


def from_bits(value: Any) -> str:
    """The zeros and ones of a bit string."""
    return str(value.as_string()).replace(" ", "")


DECODERS: dict[str, tuple[Decoder | None, str]] = {
    "bool": (None, "boolean"),
    "int2": (None, "int"),
    "int4": (None, "int"),
    "int8": (None, "int"),
    "oid": (None, "int"),
    "float4": (from_float4, "float"),
    "float8": (None, "float"),
    "numeric": (None, "decimal"),
    "money": (from_money, "decimal"),
    "uuid": (str, "string"),
    "timestamp": (from_timestamp, "datetime"),
    "timestamptz": (from_timestamp, "datetime"),
    "date": (from_date, "datetime"),
    "time": (from_time, "datetime"),
    "timetz": (from_time, "datetime"),
    "bytea": (None, "bytes"),
    "json": (None, "json"),
    "jsonb": (None, "json"),
    "bit": (from_bits, "string"),
    "varbit": (from_bits, "string"),
    "inet": (str, "string"),
    "cidr": (str, "string"),
}
"""By the server's name of the type: the conversion and the kind of plain value; others are text as they come."""


@dataclass(frozen=True)
class Column:
    """One column of a result: its name, the conversion of its values and the kind of plain value they become.

    `kind` is one of boolean, int, float, decimal, string, datetime, bytes, json. Lists have the kind of their elements.
    """

    name: str
    decode: Decoder | None
    kind: str
    is_list: bool


def column(name: str, type_: Type) -> Column:
    """The column of that name and server type."""
    if type_.kind != "array":
        decode, kind = DECODERS.get(type_.name, (None, "string"))
        return Column(name, decode, kind, is_list=False)
    decode, kind = DECODERS.get(type_.name.removesuffix("[]"), (None, "string"))
    return Column(name, decode and list_decoder(decode), kind, is_list=True)


def list_decoder(element: Decoder) -> Decoder:
    """The conversion of an array; NULL elements stay."""
    return lambda values: [None if value is None else element(value) for value in values]
