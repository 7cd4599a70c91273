"""What Prisma's own parser says about the sources, each alone and all together, told at the owners' own lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from berceau.composition.datasource import MAIN, main_body
from berceau.composition.references import Catalog
from berceau.composition.sources import Source
from berceau.composition.weaving import WovenSource
from berceau.errors import CompositionError

if TYPE_CHECKING:
    from berceau_engine.errors import SchemaProblem
    from berceau_engine.schema import SchemaTools


def check_each(catalog: Catalog, tools: SchemaTools) -> dict[str, list[CompositionError]]:
    """What is wrong with each source alone, by the source's name: what is right has no entry."""
    problems = _forbidden_blocks(catalog.sources, tools)
    for source in catalog.sources:
        if source.name not in problems and (found := _by_itself(source, catalog, tools)):
            problems[source.name] = found
    return problems


def together(woven: Sequence[WovenSource], tools: SchemaTools) -> list[CompositionError]:
    """What Prisma says about sources as one schema, each problem at its owner's own line."""
    from berceau_engine.errors import SchemaError

    by_name = {one.source.name: one for one in woven}
    main = main_body(one.source for one in woven)
    try:
        tools.validate([(MAIN, main), *((one.source.name, one.body) for one in woven)])
    except SchemaError as error:
        if not error.problems:
            return [CompositionError(error.rendered)]
        return [_at_its_origin(problem, by_name) for problem in error.problems]
    return []


def _by_itself(source: Source, catalog: Catalog, tools: SchemaTools) -> list[CompositionError]:
    """Problems that need no other source to be seen. Where a type of another is named, Prisma only misses that one."""
    foreign = {reference.field.line for reference in catalog.foreign_references(source)}
    found = together([WovenSource(source, source.content, {})], tools)
    return [*catalog.problems(source), *(problem for problem in found if problem.line not in foreign)]


def _at_its_origin(problem: SchemaProblem, by_name: dict[str, WovenSource]) -> CompositionError:
    one = by_name.get(problem.file)
    if one is None:
        return CompositionError(problem.message, file=problem.file, line=problem.line)
    source, line = one.origin(problem.line)
    return source.problem(problem.message, line)


def _forbidden_blocks(sources: Sequence[Source], tools: SchemaTools) -> dict[str, list[CompositionError]]:
    """`datasource` and `generator` blocks: a generator names a program to run, and the database is the host's."""
    by_name = {source.name: source for source in sources}
    config = tools.config([(source.name, source.content) for source in sources])
    problems: dict[str, list[CompositionError]] = {}
    for block in (*config.generators, *config.datasources):
        source = by_name[block.file or ""]
        whose = "a component's schema" if source.component else "the host's own schema files"
        problems.setdefault(source.name, []).append(
            source.problem(
                f"{block.kind} {block.name!r} is not allowed in {whose}",
                block.line,
                f"Remove the block: `berceau build` writes the only {block.kind}, in {MAIN}.",
            )
        )
    return problems
