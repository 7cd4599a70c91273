"""Tells the schema engine that migrations are applied which may not be, so that it plays them through.

The WebAssembly engine can only make a migration when it has in its memory what the migrations so far lead to, and it
plays on a shadow database just those that the database has. So for that one call it is told that the database has
them all: its question to the migrations table is answered here and not by the database.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Any

from berceau_engine.migration_list import Migration, MigrationList

QUESTION = re.compile(r'^\s*SELECT (?P<columns>[^*]+?) FROM (?:"[^"]+"\.)?"_prisma_migrations" ORDER BY', re.DOTALL)
LONG_AGO = "2000-01-01T00:00:00+00:00"
TEXT, DATE_TIME, INT32 = 7, 10, 0

# column of the migrations table -> the engine's number for its type, and its value for an applied migration
COLUMNS: dict[str, tuple[int, Callable[[Migration], Any]]] = {
    "id": (TEXT, lambda migration: migration.name),
    "checksum": (TEXT, lambda migration: hashlib.sha256((migration.sql or "").encode()).hexdigest()),
    "migration_name": (TEXT, lambda migration: migration.name),
    "started_at": (DATE_TIME, lambda _: LONG_AGO),
    "finished_at": (DATE_TIME, lambda _: LONG_AGO),
    "rolled_back_at": (DATE_TIME, lambda _: None),
    "logs": (TEXT, lambda _: None),
    "applied_steps_count": (INT32, lambda _: 1),
}


def assumed_answer(sql: str, migrations: MigrationList) -> dict[str, Any] | None:
    """The answer to the question for the applied migrations, as if these were; None for any other statement."""
    match = QUESTION.match(sql)
    if match is None:
        return None
    names = [name.strip().rpartition(".")[2].strip('"') for name in match["columns"].split(",")]
    if not set(names) <= set(COLUMNS):
        return None
    return {
        "columnNames": names,
        "columnTypes": [COLUMNS[name][0] for name in names],
        "rows": [[COLUMNS[name][1](migration) for name in names] for migration in migrations.migrations],
    }
