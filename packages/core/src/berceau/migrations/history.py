"""How the migrations in the folder and those that the database remembers compare."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC

from berceau.migrations.record import Row, open_record
from berceau_engine.migration_list import Migration, MigrationList
from berceau_engine.postgres import Connection


@dataclass(frozen=True)
class FailedMigration:
    """A migration that was begun and not ended.

    Attributes:
        name: its folder's name.
        started_at: when it began (UTC).
        message: what PostgreSQL said, if it did.
        interrupted: nothing was said: the process or the server was ended while it ran.
    """

    name: str
    started_at: str
    message: str
    interrupted: bool = False


@dataclass(frozen=True)
class History:
    """The folder beside the database; names, oldest first.

    Attributes:
        recorded: the database has a record of migrations.
        applied: applied to the database, also those that are missing in the folder.
        pending: in the folder, but not in the database.
        failed: begun and not ended.
        edited: in both, with another script.
        missing: in the database, but not in the folder.
    """

    recorded: bool
    applied: tuple[str, ...]
    pending: tuple[str, ...]
    failed: tuple[FailedMigration, ...]
    edited: tuple[str, ...]
    missing: tuple[str, ...]


def compare(migrations: MigrationList, rows: Sequence[Row] | None) -> History:
    """Compare the folder with the rows of the database; None: it has no record."""
    known = [row for row in rows or () if row.rolled_back_at is None]
    scripts = {migration.name: migration.sql or "" for migration in migrations.migrations}
    begun = {row.name for row in known}
    return History(
        recorded=rows is not None,
        applied=tuple(row.name for row in known if row.is_applied),
        pending=tuple(name for name in scripts if name not in begun),
        failed=tuple(_failed(row) for row in known if row.is_open),
        edited=tuple(row.name for row in known if row.name in scripts and not is_script(scripts[row.name], row)),
        missing=tuple(row.name for row in known if row.name not in scripts),
    )


async def failed_migrations(connection: Connection) -> tuple[FailedMigration, ...]:
    """The migrations that have failed and are not resolved, oldest first."""
    rows = await (await open_record(connection)).rows()
    return tuple(_failed(row) for row in rows or () if row.is_open)


async def applied_migrations(connection: Connection) -> tuple[str, ...]:
    """The names of the migrations that are applied, oldest first."""
    rows = await (await open_record(connection)).rows()
    return tuple(row.name for row in rows or () if row.is_applied)


def checksum(migration: Migration) -> str:
    """What Prisma keeps of a script."""
    return _sha256(migration.sql or "")


def is_script(script: str, row: Row) -> bool:
    """Whether the row is of this script; line ends may differ, since git changes them."""
    unix = script.replace("\r\n", "\n")
    return row.checksum in (_sha256(script), _sha256(unix), _sha256(unix.replace("\n", "\r\n")))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _failed(row: Row) -> FailedMigration:
    started = row.started_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    message = _message(row.logs)
    return FailedMigration(row.name, started, message, interrupted=not message)


def _message(logs: str) -> str:
    """What PostgreSQL said, without the engine's own trace around it."""
    official = re.search(r"Database error:\s*\n(.+?)(?:\n\s*\n|\Z)", logs, re.DOTALL)  # of the official command line
    text = re.sub(r"\n +0: .*", "", official[1] if official else logs, flags=re.DOTALL)
    return re.sub(r"^((external connector error|Error querying the database:|ERROR:)\s*)+", "", text.strip()).strip()
