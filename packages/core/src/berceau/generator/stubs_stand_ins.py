"""What mypy gets to see in place of the types behind a relation.

Whenever mypy reads a key of a TypedDict it walks every type that can be reached from there. The inputs of a schema
reach each other through its relations, so that a hundred models would take mypy minutes. For mypy the types behind a
relation have therefore a second form, in a module of its own (`stubs_related`), in which they are exact but for the
relations that lead on: these take any mapping. Other checkers see everything, and never read that module.

A module of the stubs has two parts for that. mypy reads the first one, which ends with `assert not MYPY`: `MYPY` is
always true for mypy, and other checkers do not know what it is. The names of the second part that the first one needs
are given to mypy behind a condition on `os.name`, of which pyright knows that it is false.
"""

from __future__ import annotations

from dataclasses import dataclass, field

FOR_MYPY = 'if os.name == "mypy":\n'
NOT_FOR_MYPY = "\nassert not MYPY  # pyright: ignore[reportInvalidStubStatement]\n"
ANY_MAPPING = "AnyMapping"

SHARED = "_shared"
"""The module of the filters and other types that belong to no model in particular."""

RELATED = "_related"
"""The module of the types behind relations in their form for mypy."""

RELATION_ARGUMENTS = (
    "{0}Args",
    "Optional{0}Args",
    "FindMany{0}Args",
    "{0}CountArgs",
    "{0}CountSelect",
    "{0}CountWhere",
)
"""The types of what a relation to a model is asked for."""


@dataclass
class StandIns:
    """Names that mypy does not get to see as they are, and what stands for them.

    Attributes:
        related: names that are in a second form in the module for mypy; others of models come to it when asked for.
        mappings: names that are any mapping for mypy.
        wanted: the names that were asked for and are to be written into that module, in order.
    """

    related: frozenset[str]
    mappings: frozenset[str]
    wanted: dict[str, None] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        """Whether mypy does not get to see a name as it is."""
        return name in self.related or name in self.mappings

    def of(self, name: str) -> tuple[str, str]:
        """What stands for a name: a module and a name in it."""
        if name in self.mappings:
            return SHARED, ANY_MAPPING
        self.wanted[name] = None
        return RELATED, name
