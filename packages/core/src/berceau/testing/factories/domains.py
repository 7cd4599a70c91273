"""The values that a factory gives a field: a row of them, each at its place, so that they can be told apart."""

from __future__ import annotations

import string
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from berceau.client.fields import Base64, Json
from berceau.testing.columns import decimal_digits, integer_range, text_length
from berceau.testing.datamodel import DataModel, Field
from berceau.testing.factories.errors import FactoryError

ALPHABET = string.digits + string.ascii_lowercase
WORDS = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron", "islet", "jetty", "knoll", "larch")
FIRST_INSTANT = datetime(2024, 1, 1, 12, tzinfo=UTC)
MANY = 10**9
"""Stands for any number of values."""


@dataclass(frozen=True)
class Domain:
    """`size` different values; `value(n)` is the one at place n, from 0."""

    size: int
    value: Callable[[int], Any]


def domain(models: DataModel, field: Field) -> Domain:
    """The values for a field."""
    if field.is_list:
        return Domain(1, lambda _: [])
    if field.kind == "enum":
        names = models.enums[field.type]
        return Domain(len(names), names.__getitem__)
    match field.type if field.kind == "scalar" else None:
        case "String":
            return text(field)
        case "Int" | "BigInt":
            return integer(field)
        case "Boolean":
            return Domain(2, bool)
        case "Float":
            return Domain(2**20, lambda n: n + 0.5)
        case "Decimal":
            return decimal(field)
        case "DateTime":
            return instant(field)
        case "Json":
            return Domain(MANY, lambda n: Json({"number": n}))
        case "Bytes":
            return Domain(MANY, lambda n: Base64.encode(n.to_bytes(4, "big")))
    raise FactoryError(f"{field} is of the type {field.type}, for which a factory has no values: give it one")


def text(field: Field) -> Domain:
    """Text that begins with the field's name, as long as the column takes it."""
    special = SPECIAL_TEXT.get(field.native or "")
    if special is not None:
        return special
    length = text_length(field)
    if field.native in ("Bit", "VarBit"):
        bits = length or 16
        return Domain(2 ** min(bits, 30), lambda n: format(n, "b").rjust(bits, "0"))
    mail = "mail" in field.name.lower()

    def value(n: int) -> str:
        number = in_letters(n)
        long = f"{field.name.lower()}-{number}@example.com" if mail else f"{field.name} {WORDS[n % 12]} {number}"
        if length is None or len(long) <= length:
            return long
        return number.rjust(length, "0") if field.native == "Char" else number

    return Domain(MANY if length is None else min(MANY, len(ALPHABET) ** length), value)


def in_letters(number: int) -> str:
    """A number in as few characters as can be."""
    digits = ""
    while number or not digits:
        number, digit = divmod(number, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return digits


SPECIAL_TEXT = {
    "Uuid": Domain(MANY, lambda n: str(uuid.UUID(int=Random(n).getrandbits(128), version=4))),  # noqa: S311 - no secret
    "Inet": Domain(2**24, lambda n: f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}"),
    "Xml": Domain(MANY, lambda n: f"<number>{n}</number>"),
}


def integer(field: Field) -> Domain:
    """Whole numbers from 1."""
    _, high = integer_range(field)
    return Domain(min(high, MANY), lambda n: n + 1)


def decimal(field: Field) -> Domain:
    """Decimals that differ in the last digit but one, as many as the column has digits for."""
    precision, scale = decimal_digits(field)
    shown = min(scale, 2)
    return Domain(10 ** min(precision - scale + shown, 9) - 1, lambda n: Decimal(n + 1).scaleb(-shown))


def instant(field: Field) -> Domain:
    """Instants a day apart, times of day a second."""
    if field.native in ("Time", "Timetz"):
        return Domain(86_400, lambda n: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=n))
    if field.native == "Date":
        return Domain(365_000, lambda n: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=n))
    return Domain(2**31, lambda n: FIRST_INSTANT + timedelta(seconds=n))
