"""What columns can hold, by their native types: ranges, lengths and digits."""

from __future__ import annotations

from berceau.testing.datamodel import Field

INTEGERS = {"SmallInt": (-(2**15), 2**15 - 1), "Oid": (0, 2**32 - 1), "BigInt": (-(2**63), 2**63 - 1)}
INT = (-(2**31), 2**31 - 1)
DIGITS = {"Timestamp": 3, "Timestamptz": 3, "Time": 6, "Timetz": 6}


def integer_range(field: Field) -> tuple[int, int]:
    """The least and the greatest whole number."""
    return INTEGERS.get(field.native or field.type, INT)


def text_length(field: Field) -> int | None:
    """The greatest number of characters; None where there is no limit."""
    if field.arguments and field.native in ("VarChar", "Char", "Bit", "VarBit"):
        return field.arguments[0]
    return 1 if field.native in ("Char", "Bit") else None


def decimal_digits(field: Field) -> tuple[int, int]:
    """How many digits a decimal number has in all, and how many of them behind the point."""
    if field.native == "Money":
        return 17, 2
    if not field.arguments:
        return 65, 30
    precision, scale = (*field.arguments, 0)[:2]
    return precision, scale


def second_digits(field: Field) -> int:
    """How many digits behind the second an instant has."""
    return field.arguments[0] if field.arguments else DIGITS.get(field.native or "", 3)
