"""The table `_prisma_migrations`: what a database remembers of its migrations, written row for row as Prisma does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from berceau_engine.sql_text import literal

if TYPE_CHECKING:
    from berceau_engine.postgres import Connection

TABLE = "_prisma_migrations"
_CREATE = """
CREATE TABLE {table} (
    id                      VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum                VARCHAR(64) NOT NULL,
    finished_at             TIMESTAMPTZ,
    migration_name          VARCHAR(255) NOT NULL,
    logs                    TEXT,
    rolled_back_at          TIMESTAMPTZ,
    started_at              TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count     INTEGER NOT NULL DEFAULT 0
)
"""
_ROWS = """
SELECT id, checksum, migration_name, started_at, finished_at, rolled_back_at, coalesce(logs, '') AS logs,
       applied_steps_count
FROM {table} ORDER BY started_at
"""
_COMPLETE = """
INSERT INTO {table} (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
VALUES ({values}, now(), clock_timestamp(), 1)
ON CONFLICT (id) DO UPDATE SET finished_at = EXCLUDED.finished_at, applied_steps_count = 1
"""
_BEGIN = "INSERT INTO {table} (id, checksum, migration_name, started_at) VALUES ($1, $2, $3, clock_timestamp())"
_FAIL = """
INSERT INTO {table} (id, checksum, migration_name, started_at, logs)
VALUES ($1, $2, $3, clock_timestamp() - make_interval(secs => $5), $4)
ON CONFLICT (id) DO UPDATE SET logs = EXCLUDED.logs
"""
_FINISH = "UPDATE {table} SET finished_at = clock_timestamp() WHERE id = $1"
_ADD_APPLIED = """
INSERT INTO {table} (id, checksum, migration_name, started_at, finished_at, logs) VALUES ($1, $2, $3, now(), now(), '')
"""
_ROLL_BACK = """
UPDATE {table} SET rolled_back_at = clock_timestamp()
WHERE migration_name = $1 AND finished_at IS NULL AND rolled_back_at IS NULL
"""
_OTHERS = """
SELECT DISTINCT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END
FROM pg_class, aclexplode(relacl) WHERE pg_class.oid = to_regclass($1) AND grantee <> relowner
"""
_ONLY_READ = "REVOKE INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON {table} FROM {role}"
_FORGET_SETTINGS = "RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL;"


@dataclass(frozen=True)
class Row:
    """One row: a migration that was begun at some time, and what became of it."""

    id: str
    name: str
    checksum: str
    started_at: datetime
    finished_at: datetime | None
    rolled_back_at: datetime | None
    logs: str
    steps: int

    @property
    def is_applied(self) -> bool:
        """It was begun and ended."""
        return self.finished_at is not None and self.rolled_back_at is None

    @property
    def is_open(self) -> bool:
        """It was begun, and what became of it is not settled: it has failed, or was interrupted."""
        return self.finished_at is None and self.rolled_back_at is None


@dataclass(frozen=True)
class Entry:
    """A row that is about to be written: of which migration, with which script."""

    id: str
    name: str
    checksum: str


class Record:
    """The table of one database, read and written on a connection to it."""

    def __init__(self, connection: Connection, schema: str) -> None:
        """`schema` is the quoted name of the PostgreSQL schema. Usually made by `open_record`."""
        self.connection = connection
        self.schema = schema
        self._table = f"{schema}.{TABLE}"

    async def rows(self) -> tuple[Row, ...] | None:
        """All rows, oldest first; None: there is no such table."""
        if await self.connection.fetchval("SELECT to_regclass($1)", self._table) is None:
            return None
        return tuple(
            Row(
                id=row["id"],
                name=row["migration_name"],
                checksum=row["checksum"],
                started_at=row["started_at"],
                finished_at=row["finished_at"],
                rolled_back_at=row["rolled_back_at"],
                logs=row["logs"],
                steps=row["applied_steps_count"],
            )
            for row in await self.connection.fetch(_ROWS.format(table=self._table))
        )

    async def tables(self) -> tuple[str, ...]:
        """The names of the tables of the schema."""
        rows = await self.connection.fetch(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = to_regnamespace($1) ORDER BY 1",
            self.schema,
        )
        return tuple(row["relname"] for row in rows)

    async def create(self) -> None:
        """Make the table, and the schema if it is missing. Only its owner may write to it."""
        async with self.connection.transaction():
            if await self.connection.fetchval("SELECT to_regnamespace($1)", self.schema) is None:
                await self.connection.execute(f"CREATE SCHEMA {self.schema}")
            await self.connection.execute(_CREATE.format(table=self._table))
            await self.protect()

    async def protect(self) -> tuple[str, ...]:
        """Take the right to write to the table from all but its owner; the names of those who have rights on it."""
        roles = tuple(str(row[0]) for row in await self.connection.fetch(_OTHERS, self._table))
        for role in roles:
            await self.connection.execute(_ONLY_READ.format(table=self._table, role=role))
        return roles

    def completion(self, entry: Entry) -> str:
        """SQL, to be run right behind a script, that enters it as applied: begun with this transaction or before.

        What the script has set is forgotten first: its search path or role must not stand in the way.
        """
        values = ", ".join(literal(value) for value in (entry.id, entry.checksum, entry.name))
        return _FORGET_SETTINGS + _COMPLETE.format(table=self._table, values=values)

    async def begin(self, entry: Entry) -> None:
        """Enter a migration as begun, for scripts that one transaction cannot hold."""
        await self._execute(_BEGIN, entry.id, entry.checksum, entry.name)

    async def fail(self, entry: Entry, logs: str, seconds: float) -> None:
        """Enter a migration, begun some seconds ago, as failed."""
        await self.connection.execute(_FORGET_SETTINGS)
        await self._execute(_FAIL, entry.id, entry.checksum, entry.name, logs, seconds)

    async def finish(self, row: Row) -> None:
        """Enter a migration that was begun as applied."""
        await self._execute(_FINISH, row.id)

    async def add_applied(self, entry: Entry) -> None:
        """Enter a migration as applied by other means; a failed try of it counts as rolled back."""
        async with self.connection.transaction():
            await self.roll_back(entry.name)
            await self._execute(_ADD_APPLIED, entry.id, entry.checksum, entry.name)

    async def roll_back(self, name: str) -> None:
        """Enter the failed tries of a migration as rolled back."""
        await self._execute(_ROLL_BACK, name)

    async def _execute(self, statement: str, *values: object) -> None:
        await self.connection.execute(statement.format(table=self._table), *values)


async def open_record(connection: Connection) -> Record:
    """The table in the schema that the connection works in."""
    return Record(connection, str(await connection.fetchval("SHOW search_path")))
