"""Values as the tables in memory hold them: what a column of the field's type makes of a value that is stored.

Text, numbers, booleans, Decimals, aware datetimes and bytes are held as they are, enums by their names in the schema,
JSON as a `Document`.
"""

from __future__ import annotations

import ipaddress
import json
import struct
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation, localcontext
from typing import Any

from berceau.testing.columns import decimal_digits, integer_range, second_digits, text_length
from berceau.testing.datamodel import DataModel, Field, Generated
from berceau.testing.fake.errors import database_error, not_faked
from berceau_engine.errors import DataError, InvalidValueError, error_for
from berceau_engine.plan.columns import from_float4
from berceau_engine.plan.generators import GENERATORS, now
from berceau_engine.plan.parameters import parse_datetime, to_bytes, to_decimal

UNSENT = "22000"
"""The SQLSTATE of what the driver itself refuses, so that a transaction goes on after it."""


class StoredName(str):
    """An enum's value under its name in the database."""

    __slots__ = ()


@dataclass(frozen=True)
class Document:
    """A JSON document, equal to others that say the same."""

    text: str

    @classmethod
    def of(cls, text: str) -> Document:
        """From any JSON text."""
        return cls(json.dumps(plain_numbers(json.loads(text)), sort_keys=True, ensure_ascii=False))

    @property
    def data(self) -> Any:
        """The document itself."""
        return json.loads(self.text)


def plain_numbers(data: Any) -> Any:
    """The document with one form for each number: PostgreSQL takes 1.0 and 1 for the same."""
    if isinstance(data, dict):
        return {name: plain_numbers(item) for name, item in data.items()}
    if isinstance(data, list):
        return [plain_numbers(item) for item in data]
    return int(data) if isinstance(data, float) and data.is_integer() else data


def plain(value: Any, values: Mapping[str, Any]) -> Any:
    """A part of a query in the JSON protocol with its placeholders and tags replaced by what they stand for."""
    if isinstance(value, list):
        return [plain(item, values) for item in value]
    if not isinstance(value, dict):
        return value
    tag = value.get("$type")
    content: Any = value.get("value")
    if tag is None:
        return {name: plain(item, values) for name, item in value.items()}
    match tag:
        case "Param":
            inner = content.get("inner", {}).get("type")
            return of_type(content["type"], inner, values[content["name"]])
        case "DateTime":
            return parse_datetime(content)
        case "Decimal":
            return Decimal(content)
        case "Bytes":
            return to_bytes(content)
        case "BigInt":
            return int(content)
        case "Json":
            return Document.of(content)
        case "Enum" if content == "DbNull":
            return None
        case "Enum" if content == "JsonNull":
            return Document("null")
        case "FieldRef":
            return Reference(content["_ref"])
    return not_faked(f"values of the kind {tag}: {content}")


@dataclass(frozen=True)
class Reference:
    """Another field of the same model, as the other side of a comparison."""

    field: str


def of_type(type_: str, inner: str | None, value: Any) -> Any:
    """A placeholder's value in the form of this module."""
    if type_ == "List":
        return [of_type(inner or "", None, item) for item in value]
    if type_ == "Enum":
        return StoredName(value)
    return Document.of(value) if type_ == "Json" else value


def stored(models: DataModel, field: Field, value: Any) -> Any:
    """A value as the field's column holds it. Raises as the database does where it does not fit."""
    if value is None:
        return None
    if field.is_list:
        return [single(models, field, item) for item in value]
    return single(models, field, value)


def compared(models: DataModel, field: Field, value: Any) -> Any:
    """A value as it is compared with the field's column."""
    if field.kind == "enum":
        return enum_name(models, field, value)
    if field.native == "Uuid":
        return uuid_text(value)
    if field.native == "Char":
        return value.rstrip(" ").ljust(text_length(field) or 1)
    return NUMBERS[field.type](value) if field.type in NUMBERS else value


NUMBERS: dict[str, Callable[[Any], Any]] = {"Float": float, "Decimal": to_decimal}
"""Equal numbers share a placeholder in a query, so that either may come as the other."""


def single(models: DataModel, field: Field, value: Any) -> Any:
    """One value or element."""
    if field.kind == "enum":
        return enum_name(models, field, value)
    match field.type:
        case "String":
            return text(field, value)
        case "Int" | "BigInt":
            return integer(field, value)
        case "Float":
            number = float(value)
            return from_float4(struct.unpack("f", struct.pack("f", number))[0]) if field.native == "Real" else number
        case "Decimal":
            return decimal(field, value)
        case "DateTime":
            return instant(field, value)
    return value


def enum_name(models: DataModel, field: Field, value: Any) -> str:
    """An enum's value by its name in the schema."""
    return models.stored_enums[field.type][value] if isinstance(value, StoredName) else str(value)


def text(field: Field, value: str) -> str:
    """Text, as long as the column takes it."""
    if field.native in FORMS:
        return FORMS[field.native](value)
    length = text_length(field)
    if field.native == "Bit" and len(value) != length:
        words = f"bit string length {len(value)} does not match type bit({length})"
        raise database_error("P2039", f"Database error. Code: `22026`. Message: `{words}`", "22026")
    if field.native not in ("VarChar", "Char") or length is None:
        return value
    if len(value.rstrip(" ")) > length:
        kind = "character varying" if field.native == "VarChar" else "character"
        words = f"value too long for type {kind}({length})"
        raise database_error("P2000", f"The provided value is too long for the column's type: {words}", "22001")
    return value[:length] if field.native == "VarChar" else value[:length].ljust(length)


def uuid_text(value: str) -> str:
    """A UUID in its usual form. Raises `InvalidValueError` for what is none."""
    try:
        return str(uuid.UUID(value))
    except ValueError:
        raise refused(value, f"invalid UUID {value!r}") from None


def address(value: str) -> str:
    """An address of the internet. Raises `InvalidValueError` for what is none."""
    try:
        return str(ipaddress.ip_interface(value)).removesuffix("/32").removesuffix("/128")
    except ValueError as error:
        raise refused(value, str(error)) from None


FORMS = {"Uuid": uuid_text, "Inet": address}


def integer(field: Field, value: int) -> int:
    """A whole number within the column's range."""
    low, high = integer_range(field)
    if not low <= value <= high:
        raise out_of_range(value)
    return value


def out_of_range(value: int) -> DataError:
    """The error for a number that the driver cannot send as the column's type."""
    words = f"invalid input for query argument $1: {value} (value out of range)"
    meta = {"sqlstate": UNSENT, "database_error": words}
    return error_for("P2020", f"Invalid input value: {words}", meta)


def in_range(field: Field, value: int) -> int:
    """A number that the database computed. Raises P2020 where it does not fit the column."""
    low, high = integer_range(field)
    if not low <= value <= high:
        raise database_error("P2020", "Value out of range for the type: integer out of range", "22003")
    return value


def decimal(field: Field, value: Any) -> Decimal:
    """A number rounded to the column's digits."""
    number = to_decimal(value)
    if not number.is_finite():
        return number
    precision, scale = decimal_digits(field)
    with localcontext(prec=1000, rounding="ROUND_HALF_UP"):
        try:
            rounded = number.quantize(Decimal(1).scaleb(-scale))
        except InvalidOperation:
            rounded = Decimal("Infinity")
    if not rounded.is_finite() or (rounded and rounded.adjusted() >= precision - scale):
        raise database_error("P2020", "Value out of range for the type: numeric field overflow", "22003")
    return rounded


def instant(field: Field, value: datetime) -> datetime:
    """An instant in UTC, as exact as the column is."""
    value = value.astimezone(UTC)
    if field.native == "Date":
        return value.replace(hour=0, minute=0, second=0, microsecond=0)
    if field.native in ("Time", "Timetz"):
        value = value.replace(year=1970, month=1, day=1)
    unit = 10 ** (6 - second_digits(field))
    exact = value.microsecond
    rounded = (exact + unit // 2) // unit * unit
    return value + timedelta(microseconds=rounded - exact)


def refused(value: Any, reason: str) -> InvalidValueError:
    """The error for a value that the driver cannot send."""
    shown = repr(value)
    shown = f"{shown[:40]}..." if len(shown) > 40 else shown
    message = f"A value does not fit its type in the database: invalid input for query argument $1: {shown} ({reason})"
    return InvalidValueError(message, code="P2007")


def default(models: DataModel, field: Field, numbers: dict[Field, int]) -> Any:
    """The value of a field that was not given; `numbers` are the sequences' last ones."""
    if field.updated_at:
        return stored(models, field, now())
    if not field.has_default:
        return None
    if isinstance(field.default, Generated):
        return generated(models, field, field.default, numbers)
    if field.is_list:
        return [single(models, field, static(field, item)) for item in field.default]
    return single(models, field, static(field, field.default))


def static(field: Field, value: Any) -> Any:
    """A default of the schema as a plain value."""
    match field.type if field.kind == "scalar" else "":
        case "Decimal":
            return to_decimal(value)
        case "BigInt" | "Int":
            return int(value)
        case "Float":
            return float(value)
        case "DateTime":
            return parse_datetime(value)
        case "Bytes":
            return to_bytes(value)
        case "Json":
            return Document.of(value)
    return value


def generated(models: DataModel, field: Field, how: Generated, numbers: dict[Field, int]) -> Any:
    """A default that is made anew."""
    if how.name == "autoincrement":
        numbers[field] = numbers.get(field, 0) + 1
        return numbers[field]
    if how.name == "now":
        return stored(models, field, now())
    if how.name in GENERATORS:
        return GENERATORS[how.name](*how.arguments)
    expression = str(how.arguments[0]).strip().lower() if how.arguments else ""
    if expression in ("gen_random_uuid()", "uuid_generate_v4()"):
        return str(uuid.uuid4())
    if expression in ("now()", "current_timestamp"):
        return stored(models, field, now())
    return not_faked(f"the default {how.name}({expression!r}) of {field}; give the field a value")


def now_for(models: DataModel, fields: list[Field]) -> dict[str, Any]:
    """The present instant for fields that hold when a record was last changed."""
    return {field.name: stored(models, field, now()) for field in fields}
