"""Names that are apart in Prisma and the same in Python: fields, values of enums, and models as attributes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from berceau.client.names import COUNT_ATTRIBUTE, client_attribute, enum_member, model_attribute
from berceau.composition.declarations import Block, Field
from berceau.composition.sources import Source
from berceau.errors import CompositionError

CLIENT = frozenset({"Batch", "Client", "Prisma", "TransactionManager"})
"""What the generated client calls its own classes."""
BUILTINS = frozenset(
    {"bool", "bytes", "dict", "float", "int", "list", "object", "property", "set", "str", "tuple", "type"}
)
"""Types that would mean something else where the client has an attribute of that name."""
MADE = ("Count", "Actions", "BatchActions")
"""Endings of the classes that each model gets."""

HINT = "Rename one of them in the schema; `@map` keeps the name that it has in the database."


def same_attributes(sources: Iterable[Source]) -> Iterator[CompositionError]:
    """All names that would be the same in Python, each at the later one of the two."""
    sources = tuple(sources)
    models: dict[str, tuple[Source, Block]] = {}
    names = {block.name for source in sources for block in source.blocks if block.kind in ("model", "view")}
    for source in sources:
        for block in source.blocks:
            if block.kind in ("model", "view"):
                yield from _same_fields(source, block, model_attribute)
                yield from _same_models(source, block, models)
                yield from _taken(source, block, names)
            elif block.kind == "enum":
                yield from _same_fields(source, block, enum_member)


def _same_fields(source: Source, block: Block, attribute: Callable[[str], str]) -> Iterator[CompositionError]:
    """Fields of a model, or values of an enum, that go by one name."""
    what = "value" if block.kind == "enum" else "field"
    taken: dict[str, Field] = {}
    for field in block.fields:
        name = attribute(field.name)
        first = taken.setdefault(name, field)
        if first is not field and first.name != field.name:
            yield source.problem(
                f"the {what}s {first.name} (line {first.line}) and {field.name} of {block.kind} {block.name} "
                f"would both be {name!r} in Python",
                field.line,
                HINT,
            )
        if block.kind != "enum" and name == COUNT_ATTRIBUTE:
            yield source.problem(
                f"the field {field.name} of {block.kind} {block.name} would be {name!r} in Python, "
                "where the counts of relations are",
                field.line,
                HINT,
            )


def _same_models(source: Source, block: Block, taken: dict[str, tuple[Source, Block]]) -> Iterator[CompositionError]:
    """Models that the client would have by one name, which is that of the model in lower case."""
    name = client_attribute(block.name)
    other, first = taken.setdefault(name, (source, block))
    if first.name != block.name:
        yield source.problem(
            f"{block.kind} {block.name} and {first.kind} {first.name} of {other.owner} in {other.file}:{first.line} "
            f"would both be {name!r} in the client",
            block.line,
            "Rename one of them; `@@map` keeps the name that its table has.",
        )


def _taken(source: Source, block: Block, models: set[str]) -> Iterator[CompositionError]:
    """A model that is named like something else in the client."""
    owner = next((name for ending in MADE if (name := block.name.removesuffix(ending)) != block.name), None)
    if block.name in CLIENT:
        reason = f"{block.name} is what the client calls a class of its own"
    elif block.name.lower() in BUILTINS:
        reason = f"{block.name.lower()!r} in the client would hide Python's own type"
    elif owner in models:
        reason = f"the client makes a class of that name for {owner}"
    else:
        return
    hint = "Rename the model; `@@map` keeps the name that its table has."
    yield source.problem(f"{block.kind} {block.name} cannot be named so: {reason}", block.line, hint)
