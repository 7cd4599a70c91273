"""When migrations and database disagree: which of them, and what to do."""

from __future__ import annotations

import re

from berceau.errors import MigrationStateError
from berceau.migrations.apply import earlier_failure, without_record
from berceau.migrations.history import failed_migrations
from berceau.migrations.record import open_record
from berceau.migrations.session import Session
from berceau_engine.errors import MigrationError
from berceau_engine.migrate import HistoryDiagnosis, MigrationList
from berceau_engine.migration_list import SCRIPT


async def check_history(session: Session) -> None:
    """Raise MigrationStateError unless the database is what the migrations made of it, as far as they are applied.

    They are played through on the shadow database; the schema engine remembers what they lead to.
    """
    diagnosis = await session.engine.diagnose_migration_history(session.migrations)
    if diagnosis.failed:
        raise earlier_failure(session.migrations, (await failed_migrations(session.connection))[-1])
    if problem := _history_problem(diagnosis, session.migrations):
        raise problem
    try:
        answer = await session.engine.dev_diagnostic(session.migrations)
    except MigrationError as error:
        if error.code != "P3006":
            raise
        line = error.meta.get("line")
        raise MigrationStateError(
            f"the migration does not apply to an empty database: {error.meta.get('database_error', error)}",
            file=session.migrations.folder / str(error.meta.get("migration", "")) / SCRIPT,
            line=line if isinstance(line, int) else None,
            hint="Correct its script.",
        ) from error
    if answer is not None:
        if await (await open_record(session.connection)).rows() is None:
            raise without_record(session.migrations)
        raise MigrationStateError(
            f"the {session.target} has been changed otherwise than by migrations:\n{drift_summary(answer.reason)}",
            hint="Undo these changes; or, if all data in it may go: berceau migrate reset",
        )


def _history_problem(diagnosis: HistoryDiagnosis, migrations: MigrationList) -> MigrationStateError | None:
    """The error for migrations that were edited or are missing."""
    if diagnosis.edited:
        return MigrationStateError(
            f"{_these(diagnosis.edited)} changed after being applied: {', '.join(diagnosis.edited)}",
            file=migrations.folder / diagnosis.edited[0] / SCRIPT,
            hint="Get back what was applied (git checkout), and put the change into a new migration;"
            " or, if all data in the database may go: berceau migrate reset",
        )
    if diagnosis.missing:
        return MigrationStateError(
            f"{_these(diagnosis.missing)} applied to the database, but not in the folder: "
            + ", ".join(diagnosis.missing),
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
