"""When migrations and database disagree: which of them, and what to do."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from berceau.errors import MigrationStateError
from berceau.migrations.apply import earlier_failure, without_record
from berceau.migrations.catalog_sum import catalog_sum
from berceau.migrations.history import History, compare
from berceau.migrations.record import open_record
from berceau.migrations.session import Session
from berceau.migrations.trial import trial
from berceau_engine.errors import DataError, MigrationError
from berceau_engine.migration_list import SCRIPT, MigrationList


async def check_history(session: Session) -> None:
    """Raise MigrationStateError unless the database is what the migrations made of it, as far as they are applied.

    They are played through on the shadow database, also those that are not applied yet.
    """
    migrations = session.migrations
    rows = await (await open_record(session.connection)).rows()
    history = compare(migrations, rows)
    if history.failed:
        raise earlier_failure(migrations, history.failed[-1])
    if problem := _history_problem(history, migrations):
        raise problem
    kept = tuple(one for one in migrations.migrations if one.name not in history.pending)
    applied = replace(migrations, migrations=kept)
    try:
        same = await _leads_to(session, applied)
        difference = None if same else await session.engine.drift(applied)
        await session.engine.shadow.play(migrations)
    except MigrationError as error:
        raise explained(error, migrations.folder) from error.__cause__
    if difference is not None:
        if rows is None:
            raise without_record(migrations)
        raise MigrationStateError(
            f"the {session.target} has been changed otherwise than by migrations:\n{drift_summary(difference.reason)}",
            hint="Undo these changes; or, if all data in it may go: berceau migrate reset",
        )


async def _leads_to(session: Session, migrations: MigrationList) -> bool:
    """Whether the migrations lead to just what the database is; if not, the engine knows what counts."""
    async with trial(session) as shadow:
        return await shadow.sum(migrations) == await catalog_sum(session.connection)


def explained(error: MigrationError | DataError, folder: Path) -> Exception:
    """What to tell of an error that came while migrations were played through on the shadow database."""
    if error.code != "P3006":
        return error
    line = error.meta.get("line")
    return MigrationStateError(
        f"the migration does not apply to an empty database: {error.meta.get('database_error', error)}",
        file=folder / str(error.meta.get("migration", "")) / SCRIPT,
        line=line if isinstance(line, int) else None,
        hint="Correct its script.",
    )


def _history_problem(history: History, migrations: MigrationList) -> MigrationStateError | None:
    """The error for migrations that were edited or are missing."""
    if history.edited:
        return MigrationStateError(
            f"{_these(history.edited)} changed after being applied: {', '.join(history.edited)}",
            file=migrations.folder / history.edited[0] / SCRIPT,
            hint="Get back what was applied (git checkout), and put the change into a new migration;"
            " or, if all data in the database may go: berceau migrate reset",
        )
    if history.missing:
        return MigrationStateError(
            f"{_these(history.missing)} applied to the database, but not in the folder: " + ", ".join(history.missing),
            file=migrations.folder,
            hint="Get the files back from version control;"
            " or, if all data in the database may go: berceau migrate reset",
        )
    return None


def drift_summary(text: str) -> str:
    """The list of differences out of Prisma's text, indented and without blank lines."""
    listed = re.search(r"^\[[+*-]\].*", text, re.MULTILINE | re.DOTALL)
    lines = (listed[0] if listed else text).splitlines()
    return "\n".join("  " + line.rstrip() for line in lines if line.strip())


def _these(names: tuple[str, ...]) -> str:
    return "a migration was" if len(names) == 1 else f"{len(names)} migrations were"
