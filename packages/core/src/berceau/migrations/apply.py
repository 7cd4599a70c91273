"""Applying migrations that are written: with progress, and with failures explained."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncpg

from berceau.errors import MigrationStateError
from berceau.migrations.history import FailedMigration, failed_migrations
from berceau.migrations.target import Say
from berceau_engine.errors import MigrationError
from berceau_engine.migrate import MigrationList, SchemaEngine
from berceau_engine.migration_list import SCRIPT
from berceau_engine.postgres import Connection

_TELL_SECONDS = 1.0
_RUNNING = """
SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NULL AND rolled_back_at IS NULL
ORDER BY started_at DESC LIMIT 1
"""
_OWN_TRANSACTION = re.compile(r"^\s*(BEGIN|START\s+TRANSACTION|COMMIT|END|ROLLBACK)\b", re.IGNORECASE | re.MULTILINE)


async def apply_pending(
    engine: SchemaEngine, connection: Connection, migrations: MigrationList, say: Say
) -> tuple[str, ...]:
    """Apply the migrations that the database lacks; their names, in order.

    `connection` is another one to the same database. `say` hears of what takes longer than a second.

    Raises MigrationStateError: one fails, has failed before, or the database has tables that no migration made.
    """
    try:
        async with _progress(connection, say):
            return await engine.apply_migrations(migrations)
    except MigrationError as error:
        if error.code == "P3005":
            raise _not_empty(migrations) from error
        if error.code == "P3018":
            raise failure(migrations, error) from error
        if failed := await failed_migrations(connection):
            raise earlier_failure(migrations, failed[-1]) from error
        raise


def failure(migrations: MigrationList, error: MigrationError) -> MigrationStateError:
    """The error for a migration that has failed just now: where, what PostgreSQL said, what was kept, what to do."""
    name, line = str(error.meta.get("migration", "")), error.meta.get("line")
    said = str(error.meta.get("database_error", error))
    return MigrationStateError(
        f"the migration {name} has failed: {said}\n  {_what_was_kept(migrations, name)} Later migrations wait for it.",
        file=migrations.folder / name / SCRIPT,
        line=line if isinstance(line, int) else None,
        hint=_way_out(name),
    )


def earlier_failure(migrations: MigrationList, failed: FailedMigration) -> MigrationStateError:
    """The error for a migration that failed some time ago, and was not resolved."""
    said = failed.message or "it was interrupted, and PostgreSQL said nothing"
    return MigrationStateError(
        f"the migration {failed.name} has failed before, at {failed.started_at}: {said}\n"
        f"  {_what_was_kept(migrations, failed.name)} Later migrations wait for it.",
        file=migrations.folder / failed.name / SCRIPT,
        hint=_way_out(failed.name),
    )


def _what_was_kept(migrations: MigrationList, name: str) -> str:
    script = next((migration.sql or "" for migration in migrations.migrations if migration.name == name), "")
    if _OWN_TRANSACTION.search(script):
        return "It has transactions of its own, so parts of it may have been kept: look at the database."
    return "Nothing of it was kept: PostgreSQL ran it as one transaction."


def _way_out(name: str) -> str:
    return (
        "Put the cause right; then say what became of it, and deploy again:\n"
        f"    berceau migrate resolve --rolled-back {name}   to have it applied again, changed or not\n"
        f"    berceau migrate resolve --applied {name}       if you have completed it by hand"
    )


def _not_empty(migrations: MigrationList) -> MigrationStateError:
    first = f" {migrations.names[0]}" if migrations.names else " NAME"
    return MigrationStateError(
        "the database has tables, but no record of migrations: they were made by other means",
        file=migrations.folder,
        hint="Use an empty database or another schema (?schema=…); or, if the tables are those of the first\n"
        f"  migration, say so for each that is there already: berceau migrate resolve --applied{first}",
    )


@asynccontextmanager
async def _progress(connection: Connection, say: Say) -> AsyncIterator[None]:
    """While the block runs, say each second which migration is being applied."""

    async def tell() -> None:
        began = time.monotonic()
        while True:
            await asyncio.sleep(_TELL_SECONDS)
            with suppress(asyncpg.UndefinedTableError):
                if name := await connection.fetchval(_RUNNING):
                    say(f"Applying {name} … {time.monotonic() - began:.0f} s")

    task = asyncio.create_task(tell())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
