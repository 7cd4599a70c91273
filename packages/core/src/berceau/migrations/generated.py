"""Prisma's generated SQL, made fit for the database that it is for."""

from __future__ import annotations

from collections.abc import Sequence

from berceau.migrations.catalog import Catalog
from berceau.migrations.enum_swaps import has_changed_enums, with_safe_enums
from berceau.migrations.repairs import repaired
from berceau.migrations.session import Session
from berceau.migrations.trial import trial
from berceau_engine.migrate import MigrationList
from berceau_engine.schema import SchemaFile


async def repaired_for(
    session: Session, schema: Sequence[SchemaFile], script: str, start: MigrationList | Catalog
) -> str:
    """A generated script as PostgreSQL takes it, on a database that consists of `start`, or is made by it.

    A name of the default PostgreSQL schema is written without it, so that the script fits under any `?schema=`.
    """
    default = session.target.url.schema
    script = repaired(script, None if any("@@schema" in text for _, text in schema) else default)
    if not has_changed_enums(script):
        return script
    if isinstance(start, Catalog):
        return with_safe_enums(script, start, default)
    async with trial(session) as shadow:
        return with_safe_enums(script, await shadow.play(start), default)
