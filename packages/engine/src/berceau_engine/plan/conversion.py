"""One field of a result: from a plain value, or from JSON that the database built, to what the caller gets."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from berceau_engine.driver_errors import UNREADABLE
from berceau_engine.errors import EngineError, error_for
from berceau_engine.plan.columns import Column
from berceau_engine.plan.parameters import parse_datetime, to_decimal

Convert = Callable[[Any], Any]

AS_THEY_COME = {
    "boolean": "boolean",
    "int": "int",
    "bigint": "int",
    "float": "float",
    "decimal": "decimal",
    "datetime": "datetime",
    "string": "string",
}
"""Field type → the kind of column whose decoded values need nothing more."""


def is_ready(spec: Mapping[str, Any], column: Column) -> bool:
    """Whether decoded values of this column are what a field of that type wants."""
    if (spec["arity"] == "list") != column.is_list:
        return False
    return spec["type"] == "unsupported" or AS_THEY_COME.get(spec["type"]) == column.kind


def to_int(value: Any) -> int:
    """A whole number, cut towards zero."""
    return value if type(value) is int else int(Decimal(value)) if isinstance(value, str) else int(value)


def to_boolean(value: Any) -> bool:
    """A truth value, from what SQL or JSON write."""
    if isinstance(value, str):
        return value.lower() in ("true", "t", "1")
    return bool(value)


def to_datetime(value: Any) -> datetime:
    """An aware datetime; text is what JSON carries. Raises P2023 for one outside of Python's calendar."""
    if isinstance(value, datetime):
        return value
    try:
        if len(value) >= SECONDS:  # Nearly all that JSON carries, in one call.
            return datetime.fromisoformat(value if value[-6] in "+-" else f"{value}Z")
    except ValueError:
        pass
    try:
        return parse_datetime(value)
    except ValueError as error:
        if value in INFINITE:
            return INFINITE[value]
        raise error_for("P2023", f"{UNREADABLE}: {value}.") from error


SECONDS = len("2026-01-01T00:00:00")

INFINITE = {"infinity": datetime.max.replace(tzinfo=UTC), "-infinity": datetime.min.replace(tzinfo=UTC)}
"""What PostgreSQL's infinite instants become; those of columns come so from the driver."""


def to_string(value: Any) -> str:
    """Text."""
    return value if isinstance(value, str) else str(value)


def from_json(value: Any) -> Any:
    """The JSON value behind its text; what is parsed already stays."""
    return json.loads(value) if isinstance(value, str) else value


def from_parsed_json(value: Any) -> Any:
    """A JSON value that was part of a larger one; fractions that were read as Decimals become floats, in place."""
    if type(value) is Decimal:
        return float(value)
    if type(value) is dict or type(value) is list:
        for key, item in value.items() if type(value) is dict else enumerate(value):
            if type(item) in CHANGEABLE:
                value[key] = from_parsed_json(item)
    return value


CHANGEABLE = frozenset({Decimal, dict, list})


def to_octets(encoding: str) -> Callable[[Any], bytes]:
    """A function to bytes from the encoding that the plan names: array, base64 or hex."""

    def decode(value: Any) -> bytes:
        if not isinstance(value, str):
            return bytes(value)
        if encoding == "hex" or value.startswith("\\x"):
            return bytes.fromhex(value.removeprefix("\\x"))
        return base64.b64decode(value)

    return decode


SCALARS: dict[str, Convert] = {
    "string": to_string,
    "int": to_int,
    "bigint": to_int,
    "float": float,
    "boolean": to_boolean,
    "decimal": to_decimal,
    "datetime": to_datetime,
    "json": from_json,
    "object": from_parsed_json,
    "unsupported": lambda value: value,
}


def converter(
    spec: Mapping[str, Any],
    enums: Mapping[str, Mapping[str, str]],
    enum: Callable[[str, Mapping[str, str]], Mapping[str, Any]],
    binary: Callable[[bytes], Any],
) -> Convert:
    """The conversion for a field type of the plan. Raises `EngineError` for an unknown one."""
    kind = spec["type"]
    if kind == "enum":
        name = spec["name"]
        convert = EnumMembers(name, enum(name, enums[name])).__getitem__
    elif kind == "bytes":
        decode = to_octets(spec["encoding"])
        convert = lambda value: binary(decode(value))  # noqa: E731
    elif kind in SCALARS:
        convert = SCALARS[kind]
    else:
        raise EngineError(f"The plan holds an unknown field type: {kind}")
    return convert if spec["arity"] != "list" else list_converter(convert)


def list_converter(element: Convert) -> Convert:
    """The conversion of a list; a list of 64-bit integers inside JSON comes as the text of a PostgreSQL array."""

    def convert(values: Any) -> list[Any]:
        if isinstance(values, str):
            inside = values.strip("{}")
            values = [None if item == "NULL" else item for item in inside.split(",")] if inside else []
        return [None if value is None else element(value) for value in values]

    return convert


class EnumMembers(dict[str, Any]):
    """An enum's database values → what stands in the result. Looking up another value raises P2023."""

    def __init__(self, name: str, members: Mapping[str, Any]) -> None:
        super().__init__(members)
        self.name = name

    def __missing__(self, value: str) -> Any:
        raise error_for("P2023", f"Value '{value}' not found in enum '{self.name}'")
