"""The schema files that go into a composition, each with its owner: a component's own file, or one of the host's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from berceau.composition.declarations import SCALARS, Block, Field, read
from berceau.discovery import Component, normalized
from berceau.errors import CompositionError


@dataclass(frozen=True)
class Source:
    """One schema file before composition.

    Attributes:
        name: its file's name in the composed schema.
        content: its text, with `\\n` at the end of lines.
        file: the owner's own file, which messages name.
        component: the component it belongs to; None for the host's own.
    """

    name: str
    content: str
    file: Path
    component: Component | None = None

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """What the file declares."""
        return read(self.content)

    @cached_property
    def declared(self) -> frozenset[str]:
        """The names that the file's types go by."""
        return frozenset(block.name for block in self.blocks if block.kind not in ("datasource", "generator"))

    @property
    def owner(self) -> str:
        """The owner as messages name it."""
        if self.component is None:
            return "the host"
        return f"component {self.component.name!r} ({self.component.release})"

    def references(self) -> Iterator[tuple[Block, Field]]:
        """The fields of models and views whose type is not one of Prisma's own."""
        for block in self.blocks:
            if block.kind in ("model", "view"):
                for field in block.fields:
                    if field.type not in SCALARS:
                        yield block, field

    @cached_property
    def distribution(self) -> str | None:
        """The normalized name of the owner's distribution; None for the host."""
        return normalized(self.component.distribution) if self.component else None

    def may_refer_to(self, other: Source) -> bool:
        """Whether the owner may count on the other's types: the host on all, a component on what it declares."""
        if self.component is None or other.distribution == self.distribution:
            return True
        return other.distribution in self.component.requires

    def problem(self, message: str, line: int | None, hint: str | None = None) -> CompositionError:
        """An error in this file."""
        component = self.component.name if self.component else None
        return CompositionError(message, component=component, file=self.file, line=line, hint=hint)


def component_sources(components: tuple[Component, ...]) -> tuple[Source, ...]:
    """One source for each enabled component that has a usable schema."""
    return tuple(
        Source(f"{component.name}.prisma", component.schema.content, component.schema.path, component)
        for component in components
        if component.enabled and component.schema is not None
    )
