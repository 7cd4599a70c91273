"""SQL templates of a plan: rendered with their values, split where a list is longer than PostgreSQL binds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from berceau_engine.errors import EngineError, error_for
from berceau_engine.plan.values import Getter, Scope, getter

MAX_PARAMETERS = 32766
"""What one statement may bind (Prisma's limit for PostgreSQL; the protocol's is 65,535)."""

FIXED_NUMBER = re.compile(r"[0-9]+")

Rendered = tuple[str, list[Any]]
"""SQL text with `$1 …`, and the values."""


@dataclass(frozen=True)
class Fragment:
    """A piece of a template: text, or a place for one value, a tuple of values or a list of tuples."""

    type: str
    chunk: str = ""
    prefix: str = ""
    separator: str = ""
    suffix: str = ""
    group_separator: str = ""

    @classmethod
    def read(cls, spec: Mapping[str, Any]) -> Fragment:
        """From the plan's JSON. Raises `EngineError` for an unknown kind."""
        if spec["type"] not in ("stringChunk", "parameter", "parameterTuple", "parameterTupleList"):
            raise EngineError(f"The plan holds an unknown SQL fragment: {spec['type']}")
        return cls(
            type=spec["type"],
            chunk=spec.get("chunk", ""),
            prefix=spec.get("itemPrefix", ""),
            separator=spec.get("itemSeparator", ""),
            suffix=spec.get("itemSuffix", ""),
            group_separator=spec.get("groupSeparator", ""),
        )

    def size(self, value: Any) -> int:
        """How many parameters the value takes here."""
        if self.type == "parameter":
            return 1
        return len(value) if self.type == "parameterTuple" else sum(len(item) for item in value)


def with_fixed_limits(fragments: Sequence[Fragment], arguments: Sequence[Any]) -> tuple[list[Fragment], list[Any]]:
    """The fragments with the numbers that the plan sets for LIMIT as text, and the arguments that are left.

    Where such a number is a parameter, PostgreSQL does not believe that a plan for all values is as good as one for
    these (it reckons with a tenth of the rows), and plans a prepared statement again each time that it runs. So it is
    with an OFFSET of 0; others stay parameters, or each page of a list would be a statement to prepare.
    """
    found: list[Fragment] = []
    left: list[Any] = []
    remaining = iter(arguments)
    for fragment in fragments:
        before = found[-1].chunk if found else ""
        if fragment.type == "stringChunk":
            found.append(fragment)
            continue
        argument = next(remaining)
        number = argument if isinstance(argument, str) and FIXED_NUMBER.fullmatch(argument) else None
        if number is not None and (before.endswith(" LIMIT ") or (before.endswith(" OFFSET ") and number == "0")):
            found.append(Fragment("stringChunk", number))
        else:
            found.append(fragment)
            left.append(argument)
    return found, left


class Template:
    """The SQL of one query node; `render` gives one statement, or several when a list had to be split."""

    def __init__(self, spec: Mapping[str, Any]) -> None:
        self.raw = spec["type"] == "rawSql"
        self.chunkable: bool = spec.get("chunkable", False)
        arguments: Sequence[Any] = spec["args"]
        if self.raw:
            self.fragments = [Fragment("stringChunk", spec["sql"])]
        else:
            fragments = [Fragment.read(fragment) for fragment in spec["fragments"]]
            self.fragments, arguments = with_fixed_limits(fragments, arguments)
            style = spec["placeholderFormat"]
            if style != {"prefix": "$", "hasNumbering": True}:
                raise EngineError(f"The plan uses an unknown placeholder format: {style}")
        self.places = [fragment for fragment in self.fragments if fragment.type != "stringChunk"]
        self.getters: list[Getter] = [getter(argument) for argument in arguments]
        fixed = self.raw or all(fragment.type == "parameter" for fragment in self.places)
        self.fixed_sql: str | None = "".join(self._pieces([None] * len(self.places), [])) if fixed else None
        """The SQL text where it does not depend on the values."""

    def values(self, scope: Scope) -> list[Any]:
        """The values of the arguments; for fixed SQL those are the statement's parameters."""
        return [get(scope) for get in self.getters]

    def render(self, scope: Scope) -> list[Rendered]:
        """The statements to run, in order. Raises P2029 when a list that cannot be split is too long."""
        values = self.values(scope)
        if self.fixed_sql is not None:
            return [(self.fixed_sql, values)]
        values = [
            [value] if place.type == "parameterTuple" and not isinstance(value, list) else value
            for place, value in zip(self.places, values, strict=True)
        ]
        rendered = []
        for part in self._split(values) if self.chunkable else [values]:
            parameters: list[Any] = []
            sql = "".join(self._pieces(part, parameters))
            if len(parameters) > MAX_PARAMETERS:
                raise error_for("P2029", "The query has more parameters than PostgreSQL can take.")
            rendered.append((sql, parameters))
        return rendered

    def _pieces(self, values: Sequence[Any], parameters: list[Any]) -> Iterator[str]:
        """The template's text with numbered placeholders; the values are added to `parameters`."""
        remaining = iter(values)

        def bind(value: Any) -> str:
            parameters.append(value)
            return f"${len(parameters)}"

        for fragment in self.fragments:
            if fragment.type == "stringChunk":
                yield fragment.chunk
            elif fragment.type == "parameter":
                yield bind(next(remaining))
            elif fragment.type == "parameterTuple":
                items = [f"{fragment.prefix}{bind(item)}{fragment.suffix}" for item in next(remaining)]
                yield f"({fragment.separator.join(items) or 'NULL'})"
            else:
                rows = [fragment.separator.join(map(bind, row)) for row in next(remaining)]
                yield fragment.group_separator.join(f"{fragment.prefix}{row}{fragment.suffix}" for row in rows)

    def _split(self, values: list[Any]) -> list[list[Any]]:
        """The values, or several lists of them where the longest list alone makes the statement too long."""
        sizes = [place.size(value) for place, value in zip(self.places, values, strict=True)]
        total, largest = sum(sizes), max(sizes, default=0)
        at = sizes.index(largest) if sizes else 0
        room = MAX_PARAMETERS - (total - largest)
        if total <= MAX_PARAMETERS or room <= 0 or self.places[at].type == "parameter":
            return [values]
        width = largest // len(values[at])
        step = max(room // max(width, 1), 1)
        parts = [values[at][start : start + step] for start in range(0, len(values[at]), step)]
        return [[*values[:at], part, *values[at + 1 :]] for part in parts]
