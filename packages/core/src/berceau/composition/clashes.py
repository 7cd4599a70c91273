"""Names that two owners claim: of types, and of what the types are called in the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from berceau.composition.declarations import Block, Field
from berceau.composition.references import Catalog
from berceau.composition.sources import Source
from berceau.errors import CompositionError


@dataclass(eq=False)
class ClashError(CompositionError):
    """A name that several owners claim.

    Attributes:
        components: the names of the components among them.
    """

    components: tuple[str, ...] = ()


@dataclass(frozen=True)
class Claim:
    """One owner's use of a name: what claims it (`model DemoPost`), and where."""

    what: str
    source: Source
    line: int

    def __str__(self) -> str:
        return f"{self.what} of {self.source.owner} in {self.source.file}:{self.line}"


def clashes(catalog: Catalog) -> Iterator[ClashError]:
    """All names that are claimed more than once, in the order of their first claim."""
    reported: set[tuple[tuple[str, int], ...]] = set()
    for name, claims in (*_types(catalog.sources).items(), *_database_names(catalog).items()):
        places = tuple((claim.source.name, claim.line) for claim in claims)
        if len(claims) > 1 and places not in reported:
            reported.add(places)
            yield _clash(name, claims)


def _clash(name: str, claims: list[Claim]) -> ClashError:
    owners = dict.fromkeys(claim.source.component.name for claim in claims if claim.source.component)
    return ClashError(
        f"{name} is claimed {len(claims)} times:" + "".join(f"\n    {claim}" for claim in claims),
        file=claims[0].source.file,
        line=claims[0].line,
        hint="Rename one of them, or disable one of the components in [tool.berceau].",
        components=tuple(owners),
    )


def _types(sources: Iterable[Source]) -> dict[str, list[Claim]]:
    """Models, enums and views share one namespace."""
    claims: dict[str, list[Claim]] = {}
    for source in sources:
        for block in source.blocks:
            if block.kind in ("model", "enum", "view"):
                claims.setdefault(f"the name {block.name}", []).append(
                    Claim(f"{block.kind} {block.name}", source, block.line)
                )
    return claims


def _database_names(catalog: Catalog) -> dict[str, list[Claim]]:
    """Tables, views and enums share one namespace in a PostgreSQL schema, as a table is a type too.

    The tables that Prisma makes for many-to-many relations are in it; Prisma's parser overlooks that.
    """
    claims: dict[str, list[Claim]] = {}
    for source in catalog.sources:
        for block in source.blocks:
            if block.kind in ("model", "enum", "view"):
                claim = Claim(f"{block.kind} {block.name}", source, block.line)
                claims.setdefault(_place(block, block.database_name), []).append(claim)
    for table, relation in _join_tables(catalog):
        claims.setdefault(table, []).append(relation)
    return claims


def _place(block: Block, name: str) -> str:
    schema = f"{block.database_schema}." if block.database_schema else ""
    return f'the database name "{schema}{name}"'


def _join_tables(catalog: Catalog) -> Iterator[tuple[str, Claim]]:
    seen: set[tuple[frozenset[str], str | None]] = set()
    for source in catalog.sources:
        for model, field in source.references():
            _, target = catalog.blocks.get(field.type, (source, None))
            relation = (frozenset((model.name, field.type)), field.relation_name)
            if target is None or relation in seen or not _is_many_to_many(model, field, target):
                continue
            seen.add(relation)
            first, second = sorted((model.name, field.type))
            name = field.relation_name or f"{first}To{second}"
            yield _place(model, f"_{name}"), Claim(f'the many-to-many relation "{name}"', source, field.line)


def _is_many_to_many(model: Block, field: Field, target: Block) -> bool:
    if not field.is_list or target.kind == "enum":
        return False
    opposites = [
        other
        for other in target.fields
        if other.type == model.name and other.relation_name == field.relation_name and other != field
    ]
    return all(other.is_list for other in opposites)
