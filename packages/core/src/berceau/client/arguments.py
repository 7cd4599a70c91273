"""Python values as query arguments: which placeholder type a value gets, and what form it travels in.

In a plan's scope values are plain: text, numbers, booleans, Decimals, aware datetimes, bytes, and JSON as text.
Values that must stand in the query itself are written as Prisma's JSON protocol wants them, tagged where needed.
"""

from __future__ import annotations

import base64
import enum
import math
import re
import uuid
from collections.abc import Callable, Collection
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from berceau.client.fields import Base64, Json, dump_json

INT_MIN, INT_MAX = -(2**31), 2**31 - 1
BIGINT_MIN, BIGINT_MAX = -(2**63), 2**63 - 1

Accept = tuple[str, Callable[[Any], Any] | None]
"""Placeholder type, and the conversion to the plain form (None where the value is that already)."""

INTEGER = "Integer"
"""Stands for `Int` or `BigInt`, which the value decides."""


def aware(value: datetime) -> datetime:
    """The instant in UTC; a datetime without a zone counts as UTC. Raises ValueError outside of the years 1 to 9999."""
    try:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{value.isoformat()} is not within the years 1 to 9999 in UTC") from None


def exact(value: int | float | str) -> Decimal:
    """The Decimal of a number, through its shortest text. Raises ValueError for text that is no number."""
    try:
        return Decimal(str(value))
    except ArithmeticError:
        raise ValueError(f"{value!r} is not a decimal number") from None


def floating(value: int | Decimal) -> float:
    """The nearest double. Raises OverflowError for a number beyond all doubles, ValueError for a signaling NaN."""
    try:
        plain = float(value)
    except OverflowError:
        plain = math.inf
    if math.isinf(plain) and not (isinstance(value, Decimal) and value.is_infinite()):
        raise OverflowError("the number does not fit a Float (about -1.8e308 to 1.8e308)")
    return plain


def comparable(value: Decimal) -> Decimal:
    """The Decimal itself. Raises ValueError for a signaling NaN, which refuses all use."""
    if value.is_snan():
        raise ValueError("a signaling NaN cannot be stored")
    return value


def document(data: Any) -> str:
    """The JSON text of a document. Raises ValueError or TypeError for one that PostgreSQL's JSON cannot hold."""
    try:
        text = data.dumps() if type(data) is Json else dump_json(data)
    except RecursionError:
        raise ValueError("the document is nested too deeply") from None
    if "\\u0000" in text and NULL_BYTE.search(text):
        raise ValueError("PostgreSQL's JSON cannot hold null bytes")
    return text


NULL_BYTE = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
"""The escaped null byte in JSON text, and not a backslash before `u0000`."""

ACCEPTS: dict[str, dict[type, Accept]] = {
    "String": {str: ("String", None)},
    "Boolean": {bool: ("Boolean", None)},
    "Int": {int: (INTEGER, None)},
    "BigInt": {int: (INTEGER, None)},
    "Float": {float: ("Float", None), int: ("Float", floating), Decimal: ("Float", floating)},
    "Decimal": {Decimal: ("Float", comparable), int: ("Float", exact), float: ("Float", exact), str: ("Float", exact)},
    "DateTime": {datetime: ("DateTime", aware), str: ("DateTime", lambda text: aware(datetime.fromisoformat(text)))},
    "Bytes": {Base64: ("Bytes", Base64.decode), bytes: ("Bytes", None)},
    "Json": {Json: ("Json", document)},
}
"""For each scalar type of Prisma the Python types that it takes."""


def accepted(scalars: Collection[str], *, plain_json: bool) -> dict[type, Accept]:
    """The Python types that an argument of these scalar types takes.

    `plain_json`: whether documents may come without the `Json` wrapper, since nothing else can be meant.
    """
    merged: dict[type, Accept] = {}
    for scalar in sorted(scalars):
        for type_, accept in ACCEPTS.get(scalar, {}).items():
            merged.setdefault(type_, accept)
    if plain_json and "Json" in scalars:
        for type_ in (dict, list, str, int, float, bool):
            merged.setdefault(type_, ("Json", document))
    return merged


def normalized(value: Any) -> Any:
    """The value in one of the exact types of `ACCEPTS`, where it is of a subclass or a close relative.

    The value itself where it is none.
    """
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, (bytearray, memoryview)):
        return bytes(value)
    if isinstance(value, datetime):
        return datetime.combine(value.date(), value.timetz())
    exact_types: tuple[type, ...] = (str, bool, int, float, Decimal, bytes, dict)
    for type_ in exact_types:
        if isinstance(value, type_):
            return type_(value)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return list(value) if isinstance(value, (tuple, set, frozenset)) else value


def tagged(placeholder_type: str, value: Any) -> Any:
    """A plain value as the JSON protocol writes it inside a query."""
    if isinstance(value, datetime):
        return {"$type": "DateTime", "value": value.isoformat(timespec="microseconds")}
    if isinstance(value, Decimal):
        return {"$type": "Decimal", "value": str(value)}
    if isinstance(value, bytes):
        return {"$type": "Bytes", "value": base64.b64encode(value).decode()}
    if placeholder_type == "Json":
        return {"$type": "Json", "value": value}
    if isinstance(value, int) and not isinstance(value, bool) and not INT_MIN <= value <= INT_MAX:
        return {"$type": "BigInt", "value": str(value)}
    return value
