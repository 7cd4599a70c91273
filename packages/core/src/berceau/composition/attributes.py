"""Names that are apart in Prisma and the same in Python: fields, values of enums, and models as attributes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from berceau.client.names import COUNT_ATTRIBUTE, client_attribute, enum_member, model_attribute
from berceau.composition.declarations import Block, Field
from berceau.composition.sources import Source
from berceau.errors import CompositionError

HINT = "Rename one of them in the schema; `@map` keeps the name that it has in the database."


def same_attributes(sources: Iterable[Source]) -> Iterator[CompositionError]:
    """All names that would be the same in Python, each at the later one of the two."""
    models: dict[str, tuple[Source, Block]] = {}
    for source in sources:
        for block in source.blocks:
            if block.kind in ("model", "view"):
                yield from _same_fields(source, block, model_attribute)
                yield from _same_models(source, block, models)
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
