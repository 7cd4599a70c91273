"""The identifiers of the content's records that cases speak of."""

from __future__ import annotations


def uuid(number: int) -> str:
    """The UUID whose last digits are a number."""
    return f"00000000-0000-4000-8000-{number:012}"


ADA, BOB, CLEO, DAN, EVE, ADA2, JOSE, ZOE = (uuid(number) for number in range(1, 9))
VAULT = 9007199254740993
