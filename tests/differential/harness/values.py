"""Values that TypeScript has and JSON or Python lack, as the cases write them, and their way to the oracle and back.

A case is written as TypeScript's arguments with Python's datetimes, Decimals, bytes and integers, and with the
wrappers of this module for JSON documents, the two nulls of JSON fields and references to fields.
"""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

SAFE_INTEGER = 2**53 - 1
"""The largest integer up to which JavaScript's numbers are exact."""


@dataclass(frozen=True)
class Document:
    """A JSON document as an argument."""

    data: Any


@dataclass(frozen=True)
class Null:
    """`Prisma.DbNull` or `Prisma.JsonNull`."""

    name: str


@dataclass(frozen=True)
class Field:
    """A reference to a field: `prisma.product.fields.stock`."""

    model: str
    name: str


DB_NULL, JSON_NULL = Null("DbNull"), Null("JsonNull")


def to_oracle(value: Any) -> Any:
    """A value of a case as JSON for the oracle. Raises TypeError for what a case must not hold."""
    match value:
        case None | bool() | str():
            return value
        case int():
            return value if abs(value) <= SAFE_INTEGER else {"$": "BigInt", "v": str(value)}
        case float():
            return value if math.isfinite(value) else {"$": "Number", "v": JAVASCRIPT_NUMBERS[str(value)]}
        case datetime():
            return {"$": "DateTime", "v": value.astimezone(UTC).isoformat(timespec="milliseconds")}
        case Decimal():
            return {"$": "Decimal", "v": str(value)}
        case bytes():
            return {"$": "Bytes", "v": base64.b64encode(value).decode()}
        case Document():
            return {"$": "Json", "v": value.data}
        case Null():
            return {"$": "Null", "v": value.name}
        case Field():
            return {"$": "Field", "v": [value.model, value.name]}
        case dict():
            return {key: to_oracle(item) for key, item in value.items()}
        case list() | tuple():
            return [to_oracle(item) for item in value]
    raise TypeError(f"a case cannot hold {type(value).__name__}: {value!r}")


JAVASCRIPT_NUMBERS = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def from_oracle(value: Any) -> Any:
    """What the oracle answered, as plain Python values."""
    if isinstance(value, list):
        return [from_oracle(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "$" not in value:
        return {key: from_oracle(item) for key, item in value.items()}
    text = value["v"]
    match value["$"]:
        case "DateTime":
            return datetime.fromisoformat(text) if text[0].isdigit() else text
        case "Decimal":
            return Decimal(text)
        case "BigInt":
            return int(text)
        case "Bytes":
            return base64.b64decode(text)
        case "Number":
            return float(text)
    raise ValueError(f"the oracle answered with an unknown kind of value: {value}")
