"""What mypy gets to see in place of the types behind a relation.

Whenever mypy reads a key of a TypedDict it walks every type that can be reached from there. The inputs of a schema
reach each other through its relations, so that a hundred models would take mypy minutes. Behind a relation it sees
therefore only which operators and arguments there are, and takes what these hold for any mapping. Other checkers see
everything.

A module of the stubs has two parts for that. mypy reads the first one, which ends with `assert not MYPY`: `MYPY` is
always true for mypy, and other checkers do not know what it is. The names of the second part that the first one needs
are given to mypy behind a condition on `os.name`, of which pyright knows that it is false.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from berceau.client.names import python_name
from berceau.generator.stubs_graph import InputGraph
from berceau.generator.stubs_shapes import Signature

FOR_MYPY = 'if os.name == "mypy":\n'
NOT_FOR_MYPY = "\nassert not MYPY  # pyright: ignore[reportInvalidStubStatement]\n"
ANY_MAPPING = "AnyMapping"

RELATION_ARGUMENTS = {
    "{0}Args": "RelatedArgs",
    "Optional{0}Args": "RelatedOptionalArgs",
    "FindMany{0}Args": "RelatedManyArgs",
    "{0}CountArgs": "RelatedCountArgs",
    "{0}CountSelect": ANY_MAPPING,
    "{0}CountWhere": ANY_MAPPING,
}
"""The types of what a relation to a model is asked for, and what stands for them."""

STATIC = """\
    class RelatedArgs(_TypedDict, total=False):
        include: AnyMapping
        select: AnyMapping
        omit: AnyMapping
    class RelatedOptionalArgs(RelatedArgs, total=False):
        where: AnyMapping
    class RelatedManyArgs(RelatedOptionalArgs, total=False):
        order: AnyMapping | _Sequence[AnyMapping]
        order_by: AnyMapping | _Sequence[AnyMapping]
        cursor: AnyMapping
        take: int
        skip: int
        distinct: str | _Sequence[str]
    class RelatedCountArgs(_TypedDict):
        select: AnyMapping
"""


@dataclass
class StandIns:
    """Types that mypy does not get to see, and what stands for each; similar ones share a stand-in.

    Attributes:
        graph: the input types.
        operations: hidden names of the stubs that are input types → the DMMF's name.
        others: other hidden names → what stands for them.
    """

    graph: InputGraph
    operations: Mapping[str, str]
    others: Mapping[str, str]
    _made: dict[str, str] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        """Whether mypy does not get to see a name."""
        return name in self.others or name in self.operations

    def of(self, name: str) -> str:
        """What stands for a type behind a relation."""
        item = self.operations.get(name)
        if item is None:
            return self.others.get(name, ANY_MAPPING)
        operation = item[len(self.graph.homes[item]) :].partition("Without")[0]
        shape = self.graph.shapes[item]
        body = "".join(f"        {python_name(key)}: {_brief(signature)}\n" for key, signature in shape.items())
        if "is:" in body:
            return ANY_MAPPING
        return self._made.setdefault(body, f"Related{operation}{len(self._made)}")

    def render(self) -> str:
        """The stand-ins that were asked for."""
        made = (f"    class {name}(_TypedDict, total=False):\n{body}" for body, name in self._made.items())
        return f"{FOR_MYPY}{STATIC}{''.join(made)}"


def _brief(signature: Signature) -> str:
    """An annotation in which every input type is any mapping."""
    parts = []
    for name, kind, is_list in signature[1]:
        if kind == "input":
            parts.append(f"_Sequence[{ANY_MAPPING}]" if is_list else ANY_MAPPING)
        else:
            parts.append("None" if name == "Null" else "bool")
    return " | ".join(dict.fromkeys(parts))
