"""Whose types a schema may refer to: its own, and those of the components that its distribution declares."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from berceau.composition.declarations import Block, Field, read
from berceau.composition.naming import carries
from berceau.composition.sources import Source
from berceau.config import nearest
from berceau.discovery import Component, normalized
from berceau.errors import CompositionError


@dataclass(frozen=True)
class Reference:
    """A field whose type another source declares; `target` is None if none does."""

    model: Block
    field: Field
    target: Source | None


@dataclass(frozen=True)
class Catalog:
    """All sources of a composition, and all components that are installed, composed or not."""

    sources: tuple[Source, ...]
    components: tuple[Component, ...]

    @cached_property
    def blocks(self) -> dict[str, tuple[Source, Block]]:
        """Each type by its name."""
        return {
            block.name: (source, block)
            for source in self.sources
            for block in source.blocks
            if block.kind not in ("datasource", "generator")
        }

    @cached_property
    def by_distribution(self) -> dict[str | None, list[Source]]:
        """The sources of each distribution; None stands for the host."""
        found: dict[str | None, list[Source]] = {}
        for source in self.sources:
            found.setdefault(source.distribution, []).append(source)
        return found

    def foreign_references(self, source: Source) -> tuple[Reference, ...]:
        """The fields of a source whose type it does not declare itself."""
        return tuple(
            Reference(model, field, self.blocks[field.type][0] if field.type in self.blocks else None)
            for model, field in source.references()
            if field.type not in source.declared
        )

    def dependencies(self, source: Source) -> tuple[Source, ...]:
        """The sources that a source may count on, and those that these count on in turn; itself included."""
        if source.component is None:
            return self.sources
        reached = {source.name: source}
        waiting = [source]
        while waiting:
            component = waiting.pop().component
            names = (source.distribution, *component.requires) if component else ()
            fresh = [
                other for name in names for other in self.by_distribution.get(name, ()) if other.name not in reached
            ]
            reached |= {other.name: other for other in fresh}
            waiting += fresh
        return tuple(reached.values())

    def problems(self, source: Source) -> Iterator[CompositionError]:
        """What is wrong with a source's references to others, with the cure for each."""
        relations: dict[tuple[str, str, str | None], Field] = {}
        for reference in self.foreign_references(source):
            model, field = reference.model, reference.field
            if reference.target is None:
                yield _unknown(source, reference, self)
            elif not source.may_refer_to(reference.target):
                yield _undeclared(source, reference, reference.target)
            elif self.blocks[field.type][1].kind != "enum":
                first = relations.setdefault((model.name, field.type, field.relation_name), field)
                if first is not field:
                    yield _ambiguous(source, reference, first)
                elif problem := _one_sided(source, reference, self.blocks[field.type][1]):
                    yield problem


def _one_sided(source: Source, reference: Reference, target: Block) -> CompositionError | None:
    model, field = reference.model, reference.field
    if field.is_list or field.foreign_key or target.opposite(model, field):
        return None
    return source.problem(
        f"field {model.name}.{field.name} does not say which fields point to {target.name}",
        field.line,
        "Write `@relation(fields: [...], references: [...])`: the foreign key belongs in the model that relates.",
    )


def _ambiguous(source: Source, reference: Reference, first: Field) -> CompositionError:
    model, field = reference.model.name, reference.field
    name = "the same name" if field.relation_name else "no name"
    return source.problem(
        f"fields {model}.{first.name} and {model}.{field.name} both relate to {field.type}, with {name}",
        field.line,
        f'Name both relations differently: `@relation("{field.name}", ...)`.',
    )


def _undeclared(source: Source, reference: Reference, target: Source) -> CompositionError:
    field = reference.field
    message = f"field {reference.model.name}.{field.name} refers to {field.type} of {target.owner}"
    if target.component is None or source.component is None:
        return source.problem(
            f"{message}, but a component cannot count on a host's own models",
            field.line,
            f"Move {field.type} into a component, or drop the field.",
        )
    return source.problem(
        f"{message}, which {source.component.distribution} does not declare as a dependency",
        field.line,
        f'Add "{target.component.distribution}" to the dependencies in the pyproject.toml of '
        f"{source.component.distribution}.",
    )


def _unknown(source: Source, reference: Reference, catalog: Catalog) -> CompositionError:
    field = reference.field
    return source.problem(
        f"field {reference.model.name}.{field.name}: no installed component has a model or enum {field.type}",
        field.line,
        _in_unusable_component(field.type, catalog)
        or _missing_distribution(source, field.type, catalog)
        or _misspelled(source, field.type, catalog)
        or _of_another_component(field.type),
    )


def _in_unusable_component(name: str, catalog: Catalog) -> str | None:
    for component in catalog.components:
        schema = component.schema
        if not component.enabled and schema is not None and name in {block.name for block in read(schema.content)}:
            return (
                f"It is in component {component.name!r} ({component.release}), which is disabled: take it out of "
                "`disabled` in [tool.berceau]."
            )
        if component.problems and carries(name, component.name):
            return f"Component {component.name!r} ({component.release}) cannot be used; put that right first."
    return None


def _missing_distribution(source: Source, name: str, catalog: Catalog) -> str | None:
    """The declared dependency that brings no component here, but whose name says that it might bring this type."""
    present = {normalized(component.distribution) for component in catalog.components}
    for distribution in source.component.requires if source.component else ():
        words = distribution.split("-")
        tails = ("_".join(words[at:]) for at in range(len(words)))
        if distribution not in present and any(carries(name, tail) for tail in tails):
            return f"It declares {distribution}, which is not installed: `uv pip install {distribution}`."
    return None


def _misspelled(source: Source, name: str, catalog: Catalog) -> str | None:
    reachable = {other.name for other in catalog.dependencies(source)}
    known = {block.lower(): block for block, (owner, _) in catalog.blocks.items() if owner.name in reachable}
    found = nearest(name, tuple(known), closeness=0.8)
    return f"Did you mean {known[found]} of {catalog.blocks[known[found]][0].owner}?" if found else None


def _of_another_component(name: str) -> str:
    word = re.match(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", name)
    likely = f" ({word[0].lower()!r}, going by its name)" if word else ""
    return (
        f"If it belongs to another component{likely}, install the distribution that brings it and declare that as a "
        "dependency."
    )
