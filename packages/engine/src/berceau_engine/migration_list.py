"""The folder `prisma/migrations`: its lock file and its migrations, as read from disk."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

LOCK_FILE = "migration_lock.toml"
SCRIPT = "migration.sql"
LOCK_CONTENT = """\
# Written with the first migration, and read by Prisma. Keep it under version control.
provider = "postgresql"
"""


@dataclass(frozen=True)
class Migration:
    """One migration: the name of its folder and its SQL; `sql` is None if the script is missing from the folder."""

    name: str
    sql: str | None


@dataclass(frozen=True)
class MigrationList:
    """All migrations in the order of their names, and the content of the lock file (None: there is none).

    `shadow_init` is SQL that a shadow database is prepared with before migrations are applied to it.
    """

    folder: Path
    lock: str | None = None
    migrations: tuple[Migration, ...] = ()
    shadow_init: str = field(default="", kw_only=True)

    @classmethod
    def read(cls, folder: Path) -> MigrationList:
        """Read a migrations folder; one that does not exist has no migrations. Raises OSError, UnicodeDecodeError."""
        if not folder.is_dir():
            return cls(folder)
        lock = folder / LOCK_FILE
        folders = sorted(entry for entry in folder.iterdir() if entry.is_dir() and not entry.name.startswith("."))
        return cls(
            folder=folder,
            lock=read_text(lock) if lock.is_file() else None,
            migrations=tuple(Migration(entry.name, read_script(entry / SCRIPT)) for entry in folders),
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the migrations, oldest first."""
        return tuple(migration.name for migration in self.migrations)

    def with_migration(self, name: str, sql: str) -> MigrationList:
        """The list with one more migration, and a lock file."""
        return replace(self, lock=self.lock or LOCK_CONTENT, migrations=(*self.migrations, Migration(name, sql)))

    @property
    def stand_in(self) -> MigrationList:
        """One migration that stands for all of these; its script is a comment that no other list has."""
        text = "\0".join(part for one in self.migrations for part in (one.name, one.sql or ""))
        digest = hashlib.sha256(f"{self.shadow_init}\0{text}".encode()).hexdigest()
        one = Migration(f"0_{digest}", f"-- all migrations {digest}\n")
        return replace(self, lock=self.lock or LOCK_CONTENT, migrations=(one,), shadow_init="")

    def to_engine(self) -> dict[str, Any]:
        """The list as the schema engine takes it."""
        return {
            "baseDir": str(self.folder),
            "lockfile": {"path": LOCK_FILE, "content": self.lock},
            "shadowDbInitScript": self.shadow_init,
            "migrationDirectories": [directory(migration) for migration in self.migrations],
        }


def directory(migration: Migration) -> dict[str, Any]:
    """One migration as the schema engine takes it."""
    content = {"tag": "ok", "value": migration.sql}
    if migration.sql is None:
        content = {"tag": "error", "value": f"{SCRIPT} does not exist"}
    return {"path": migration.name, "migrationFile": {"path": SCRIPT, "content": content}}


def read_script(file: Path) -> str | None:
    """The text of a migration's script; None if it is missing."""
    return read_text(file) if file.is_file() else None


def read_text(file: Path) -> str:
    """The text of a file exactly as it is: line ends count, since Prisma keeps a checksum of scripts."""
    return file.read_bytes().decode("utf-8")
