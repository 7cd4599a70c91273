"""The naming lint: what a component brings carries the component's name, so that two components cannot clash."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from berceau.composition.declarations import Block, Field
from berceau.composition.sources import Source
from berceau.errors import CompositionError


def prefix(component: str) -> str:
    """The prefix of a component's models: `user_accounts` → `UserAccounts`."""
    return "".join(word[:1].upper() + word[1:] for word in component.split("_"))


def carries(name: str, component: str) -> bool:
    """Whether a name starts with the component's prefix as a word: `DemoPost` for `demo`, but not `Demolition`."""
    start = prefix(component)
    return name.startswith(start) and not name[len(start) : len(start) + 1].islower()


def lint(sources: Sequence[Source]) -> tuple[CompositionError, ...]:
    """Models, enums and views without the prefix, and relation names that two components use."""
    return (*_unprefixed(sources), *_shared_relation_names(sources))


def _unprefixed(sources: Iterable[Source]) -> Iterator[CompositionError]:
    for source in sources:
        if source.component is None:
            continue
        name = source.component.name
        for block in source.blocks:
            if block.kind in ("model", "enum", "view") and not carries(block.name, name):
                yield source.problem(
                    f"{block.kind} {block.name} does not carry the component's name",
                    block.line,
                    f'Call it {prefix(name)}{block.name}, and keep its table by `@@map("{block.database_name}")`.',
                )


def _shared_relation_names(sources: Iterable[Source]) -> Iterator[CompositionError]:
    """Prisma takes one name for relations between different models; readers of the schema stumble over it."""
    relations: dict[str, dict[frozenset[str], tuple[Source, Block, Field]]] = {}
    for source in sources:
        for model, field in source.references():
            if field.relation_name:
                relations.setdefault(field.relation_name, {}).setdefault(
                    frozenset((model.name, field.type)), (source, model, field)
                )
    for name, places in relations.items():
        (first, first_model, first_field), *others = places.values()
        for source, _, field in others:
            if source is not first and source.component is not None:
                other = f"{first_model.name}.{first_field.name} of {first.owner}"
                yield source.problem(
                    f'the relation name "{name}" is also that of {other}',
                    field.line,
                    f'Give it the component\'s name: "{prefix(source.component.name)}{prefix(name)}".',
                )
