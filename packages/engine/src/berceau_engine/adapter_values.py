"""Values between PostgreSQL, as asyncpg hands them over, and the schema engine: column types, rows, parameters."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import asyncpg

Converter = Callable[[Any], Any]
ARRAYS = 64  # the number of an array's column type is that of its elements' and this
TEXT = 7
FIRST_OWN_TYPE = 16384  # from here on types are not built in: enums, extensions


def text_of_decimal(value: Decimal) -> str:
    """A number's digits, never with an exponent."""
    return format(value, "f")


def text_of_timestamp(value: datetime.datetime) -> str:
    """RFC 3339 in UTC; a timestamp without time zone counts as UTC."""
    aware = value if value.tzinfo else value.replace(tzinfo=datetime.UTC)
    return aware.astimezone(datetime.UTC).isoformat()


def text_of_time(value: datetime.time) -> str:
    """A time of day; its offset is dropped, as Prisma's own driver does."""
    return value.replace(tzinfo=None).isoformat()


def text_of_bits(value: asyncpg.BitString) -> str:
    """A bit string's digits."""
    return value.as_string().replace(" ", "")


def text_of_char(value: bytes | str) -> str:
    """PostgreSQL's one-byte type `"char"`."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def digits_of_money(value: str) -> str:
    """An amount of money without its sign."""
    return value.replace("$", "").replace(",", "")


def same(value: Any) -> Any:
    """No conversion."""
    return value


# PostgreSQL's name of a type -> the engine's number for it, and how a value is handed over
COLUMNS: dict[str, tuple[int, Converter]] = {
    "int2": (0, same),
    "int4": (0, same),
    "int8": (1, str),
    "oid": (1, str),
    "float4": (2, same),
    "float8": (3, same),
    "numeric": (4, text_of_decimal),
    "money": (4, digits_of_money),
    "bool": (5, same),
    "char": (6, text_of_char),
    "text": (TEXT, same),
    "varchar": (TEXT, same),
    "bpchar": (TEXT, same),
    "name": (TEXT, same),
    "xml": (TEXT, same),
    "inet": (TEXT, str),
    "cidr": (TEXT, str),
    "bit": (TEXT, text_of_bits),
    "varbit": (TEXT, text_of_bits),
    "date": (8, datetime.date.isoformat),
    "time": (9, text_of_time),
    "timetz": (9, text_of_time),
    "timestamp": (10, text_of_timestamp),
    "timestamptz": (10, text_of_timestamp),
    "json": (11, same),
    "jsonb": (11, same),
    "bytea": (13, bytearray),
    "uuid": (15, str),
}
ARRAY_NUMBERS = {15: 78}  # there is no array of type 14, so uuid's is one lower


class UnsupportedColumnError(Exception):
    """A column has a type that the schema engine has no number for."""

    def __init__(self, type_name: str) -> None:
        self.type_name = type_name
        super().__init__(f"Unsupported column type {type_name}")


def column(kind: asyncpg.Type) -> tuple[int, Converter]:
    """The engine's number for a column's type, and the conversion of its values. Raises UnsupportedColumnError."""
    name = kind.name
    if name.endswith("[]") or name.startswith("_"):
        element = name.removesuffix("[]").removeprefix("_")
        number, convert = scalar_column(element, kind.oid)
        return ARRAY_NUMBERS.get(number, number + ARRAYS), lambda values: [each(convert, value) for value in values]
    return scalar_column(name, kind.oid)


def scalar_column(name: str, oid: int) -> tuple[int, Converter]:
    """The engine's number and the conversion for a type that is no array."""
    if name in COLUMNS:
        return COLUMNS[name]
    if oid >= FIRST_OWN_TYPE:
        return TEXT, str
    raise UnsupportedColumnError(name)


def each(convert: Converter, value: Any) -> Any:
    """A value converted, or None."""
    return None if value is None else convert(value)


def result_set(attributes: Sequence[asyncpg.Attribute], records: Sequence[asyncpg.Record]) -> dict[str, Any]:
    """The rows of a query as the engine takes them. Raises UnsupportedColumnError."""
    columns = [column(attribute.type) for attribute in attributes]
    converters = [convert for _, convert in columns]
    return {
        "columnNames": [attribute.name for attribute in attributes],
        "columnTypes": [number for number, _ in columns],
        "rows": [[each(c, value) for c, value in zip(converters, record, strict=True)] for record in records],
    }


PARAMETERS: dict[str, Converter] = {
    "int2": int,
    "int4": int,
    "int8": int,
    "oid": int,
    "float4": float,
    "float8": float,
    "numeric": lambda value: Decimal(str(value)),
    "uuid": lambda value: uuid.UUID(str(value)),
    "date": lambda value: moment(value).date(),
    "time": lambda value: datetime.time.fromisoformat(value),
    "timestamp": lambda value: moment(value).astimezone(datetime.UTC).replace(tzinfo=None),
    "timestamptz": lambda value: moment(value),
    "bytea": bytes,
}


def moment(text: str) -> datetime.datetime:
    """A point in time from RFC 3339 text; without an offset it is UTC."""
    found = datetime.datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=datetime.UTC)


def parameter(kind: asyncpg.Type, value: Any) -> Any:
    """A parameter from the engine as asyncpg takes it for a parameter of this type. Raises ValueError, TypeError."""
    if value is None:
        return None
    name = kind.name
    if isinstance(value, list):
        convert = PARAMETERS.get(name.removesuffix("[]").removeprefix("_"), same)
        return [each(convert, item) for item in value]
    return PARAMETERS.get(name, same)(value)


def parameters(kinds: Sequence[asyncpg.Type], query: Mapping[str, Any]) -> list[Any]:
    """The parameters of a query from the engine. Raises ValueError, TypeError."""
    return [parameter(kind, value) for kind, value in zip(kinds, query["args"], strict=True)]
