"""What the database itself remembers of migrations: the rows of `_prisma_migrations`."""

from __future__ import annotations

import re
from dataclasses import dataclass

import asyncpg

from berceau_engine.postgres import Connection

_FAILED = """
SELECT migration_name, to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS started_at,
       coalesce(logs, '') AS logs
FROM _prisma_migrations WHERE finished_at IS NULL AND rolled_back_at IS NULL ORDER BY started_at
"""
_APPLIED = """
SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL
ORDER BY finished_at, migration_name
"""


@dataclass(frozen=True)
class FailedMigration:
    """A migration that was begun and not ended: its name, when it began (UTC), and what PostgreSQL said, if it did."""

    name: str
    started_at: str
    message: str


async def failed_migrations(connection: Connection) -> tuple[FailedMigration, ...]:
    """The migrations that have failed and are not resolved, oldest first."""
    try:
        return tuple(
            FailedMigration(row["migration_name"], row["started_at"], _message(row["logs"]))
            for row in await connection.fetch(_FAILED)
        )
    except asyncpg.UndefinedTableError:
        return ()


async def applied_migrations(connection: Connection) -> tuple[str, ...]:
    """The names of the migrations that have been applied, oldest first."""
    try:
        return tuple(row["migration_name"] for row in await connection.fetch(_APPLIED))
    except asyncpg.UndefinedTableError:
        return ()


def _message(logs: str) -> str:
    """What PostgreSQL said, without the engine's own trace around it."""
    official = re.search(r"Database error:\s*\n(.+?)(?:\n\s*\n|\Z)", logs, re.DOTALL)  # of the official command line
    text = re.sub(r"\n +0: .*", "", official[1] if official else logs, flags=re.DOTALL)
    return re.sub(r"^((external connector error|Error querying the database:|ERROR:)\s*)+", "", text.strip()).strip()
