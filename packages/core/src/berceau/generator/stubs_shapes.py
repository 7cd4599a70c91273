"""The DMMF's input types as plain tuples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Alternative = tuple[str, str, bool]
"""A type that a field accepts: its name, its kind (`scalar`, `input`, `enum`, `word`, `field`), whether a list."""

Signature = tuple[bool, tuple[Alternative, ...]]
"""Whether a field is required, and what it accepts."""

Shape = dict[str, Signature]
"""The fields of an input type, by Prisma's names."""

_KINDS = {"scalar": "scalar", "inputObjectTypes": "input", "fieldRefTypes": "field"}


def alternatives(input_types: Iterable[Mapping[str, Any]]) -> tuple[Alternative, ...]:
    """The DMMF's `inputTypes` of one field or argument."""
    return tuple(
        (
            item["type"],
            _KINDS.get(item["location"]) or ("enum" if item.get("namespace") == "model" else "word"),
            item["isList"],
        )
        for item in input_types
    )
