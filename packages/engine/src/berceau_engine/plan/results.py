"""What a plan's results are made of: the caller's own classes, or dictionaries."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

MakeAll = Callable[[Sequence[Any]], list[Any]]


@dataclass(frozen=True)
class RecordType:
    """How the objects at one place of a result are made.

    Attributes:
        make_all: what makes objects of dictionaries of their values, all at once; None: the dictionaries themselves.
        names: keys in that dictionary for fields that are not to be called as in the schema.
        constants: further keys with fixed values, for what was not asked for.
    """

    make_all: MakeAll | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)


class ResultTypes(Protocol):
    """What a plan's results are made of: the caller's model classes, enum members and wrappers."""

    def record(self, path: tuple[str, ...], fields: Sequence[str]) -> RecordType:
        """How objects at `path` (field names from the root) with these fields are made."""
        ...

    def enum(self, name: str, values: Mapping[str, str]) -> Mapping[str, Any]:
        """For an enum: database value → what stands in the result; `values` gives the Prisma names."""
        ...

    def binary(self, data: bytes) -> Any:
        """What stands in the result for bytes."""
        ...


class PlainTypes:
    """Results as dictionaries, enums as their Prisma names, bytes as bytes."""

    def record(self, path: tuple[str, ...], fields: Sequence[str]) -> RecordType:
        """Dictionaries stay dictionaries."""
        return RecordType()

    def enum(self, name: str, values: Mapping[str, str]) -> Mapping[str, Any]:
        """The Prisma names."""
        return values

    def binary(self, data: bytes) -> Any:
        """The bytes."""
        return data
