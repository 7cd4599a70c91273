"""The way back from a migration: `down.sql`, from the difference in the other direction, and tried."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import asyncpg

from berceau.migrations.catalog import Catalog
from berceau.migrations.renames import Step
from berceau.migrations.scripts import said
from berceau.migrations.trial import Trial
from berceau.migrations.way_back_notes import notes
from berceau_engine.migrate import MigrationList, SchemaEngine, SchemaFiles
from berceau_engine.migration_list import LOCK_CONTENT
from berceau_engine.schema import SchemaFile

DOWN = "down.sql"
_HEAD = "-- The way back from migration.sql, made by berceau. It was made for the script with the sha256\n-- {digest}\n"
_DIGEST = re.compile(r"\A-- The way back from migration\.sql.*\n-- (\w+)\n")


@dataclass(frozen=True)
class WayBack:
    """A script that takes a migration back.

    Attributes:
        sql: the script.
        problem: why it may not be whole.
        notes: what it loses, and what rows it may be refused for.
    """

    sql: str
    problem: str | None = None
    notes: tuple[str, ...] = ()

    def text(self, script: str, lost: Sequence[str]) -> str:
        """The file: on top what it belongs to, what is not restored or will be lost, and what is wrong with it."""
        lines = [f"-- Not restored: {line}" for line in lost] + [f"-- {note}" for note in self.notes]
        if self.problem:
            lines.append("-- Not whole: " + self.problem.strip().replace("\n", "\n--   "))
        notes = "".join(line + "\n" for line in lines)
        return f"{_HEAD.format(digest=digest(script))}{notes}\n{self.sql.strip()}\n"


def digest(script: str) -> str:
    """By which a way back knows its migration."""
    return hashlib.sha256(script.encode()).hexdigest()


def made_for(down: Path) -> str | None:
    """The digest of the script that a `down.sql` of ours was made for; None if it is somebody else's, or not there."""
    if not down.is_file():
        return None
    found = _DIGEST.match(down.read_text(encoding="utf-8"))
    return found[1] if found else None


async def way_back(
    engine: SchemaEngine,
    history: MigrationList,
    script: str,
    renames: Sequence[Step] = (),
    schema: Sequence[SchemaFile] = (),
) -> tuple[str, MigrationList, str, str]:
    """The way from the migrations with the script back to those without it, in parts: renames taken back; Prisma's
    steps, with the migrations that lead to where these start; renames taken back after them. Raises MigrationError."""
    history = replace(history, lock=history.lock or LOCK_CONTENT)
    start, end = with_next(history, script), history
    undone = "".join(f"{step.down}\n" for step in reversed(renames))
    undone = f"-- Rename\n{undone}\n" if undone else ""
    # with several PostgreSQL schemas the engine looks into those that a schema names, and migrations name none
    from_schema = any("@@schema" in text for _, text in schema)
    if undone and from_schema:  # there is no schema of the state with the former names
        end = with_next(history, "".join(f"{step.up}\n" for step in renames))
    elif undone:
        start = with_next(start, undone)
    generated = await steps_back(engine, SchemaFiles(tuple(schema)) if from_schema else start, end)
    return ("", start, generated, f"\n{undone}") if from_schema else (undone, start, generated, "")


async def steps_back(engine: SchemaEngine, start: SchemaFiles | MigrationList, history: MigrationList) -> str:
    """Prisma's steps to where the migrations lead; empty if there are none. Raises MigrationError."""
    text = (await engine.diff(start, replace(history, lock=history.lock or LOCK_CONTENT))).text
    return "" if "This is an empty" in text else text


def with_next(migrations: MigrationList, sql: str) -> MigrationList:
    """The migrations and one more, which is never written."""
    last = migrations.names[-1] if migrations.names else "0"
    return migrations.with_migration(f"{last}~", sql)


async def there_and_back(trial: Trial, before: Catalog, after: Catalog, up: str, back: WayBack) -> WayBack:
    """Go the way back and the migration once more on the trial, which is `after` it; the way back with what was found.

    Leaves the trial as it found it only if nothing is wrong.
    """
    try:
        returned = await trial.run(back.sql)
    except asyncpg.PostgresError as error:
        return replace(back, problem=f"PostgreSQL refuses it: {said(error)}")
    back = replace(back, notes=tuple(notes(after, returned)))
    if difference := _difference(before, returned):
        return replace(back, problem=f"it leads to another database than the one before:\n{difference}")
    try:
        again = await trial.run(up)
    except asyncpg.PostgresError as error:
        return replace(back, problem=f"after it the migration cannot be applied again: {said(error)}")
    if difference := _difference(after, again):
        return replace(back, problem=f"after it the migration leads elsewhere:\n{difference}")
    return back


def _difference(wanted: Catalog, found: Catalog) -> str:
    lines = [f"lacks {line}" for line in sorted(wanted.description - found.description)]
    lines += [f"has {line}" for line in sorted(found.description - wanted.description)]
    return "\n".join(lines)
