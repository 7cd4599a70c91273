"""Brings a worker's database back to what it was: tables that were written to, sequences, materialized views.

What was written to is seen by the size of the tables' files, whoever wrote: a trigger, a cascade, another connection.
Tables that held rows from the start are compared by the places and versions of their rows. Small tables are emptied by
DELETE, which costs a tenth of TRUNCATE, in one exchange with the server; where that is not possible or not enough, all
are truncated at once.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import asyncpg

from berceau.errors import BerceauError
from berceau.testing.quick_emptying import CALL, quick_function
from berceau_engine.postgres import Connection, quote_identifier

_DELETED_BYTES = 128 * 1024


@dataclass
class _Table:
    oid: int
    schema: str
    label: str
    always_truncate: bool
    columns: list[str]
    rows: bytes | None = None  # those that it held from the start
    fingerprint: str | None = None

    @property
    def name(self) -> str:
        """Its name in SQL."""
        return f"{quote_identifier(self.schema)}.{quote_identifier(self.label)}"


@dataclass(frozen=True)
class _View:
    oid: int
    name: str
    file: int


@dataclass
class Emptying:
    """What one database was like, and how to get back there.

    `connection` is used for nothing else.
    """

    connection: Connection
    schema: str
    tables: list[_Table] = field(default_factory=list)
    sequences: list[Any] = field(default_factory=list)
    views: list[_View] = field(default_factory=list)
    referencing: dict[int, set[int]] = field(default_factory=dict)
    quiet: bool = False

    @classmethod
    async def prepare(cls, connection: Connection, schema: str) -> Emptying:
        """Remember what the database is like now."""
        self = cls(connection, schema)
        await connection.execute("SET lock_timeout = '10s'")
        self.quiet = await _made_quiet(connection)
        self.tables = [_Table(*row) for row in await connection.fetch(_TABLES, schema)]
        self.sequences = list(await connection.fetch(_SEQUENCES, schema))
        for row in await connection.fetch(_REFERENCES, schema):
            self.referencing.setdefault(row["referenced"], set()).add(row["referencing"])
        self.views = [_View(*row) for row in await connection.fetch(_VIEWS, schema)]
        for table, size in zip(self.tables, (await self._look())["sizes"], strict=True):
            if size and await connection.fetchval(f"SELECT EXISTS (SELECT FROM ONLY {table.name})"):
                await self._remember(table)
        if self.quiet:
            await self._make_quick_function()
        return self

    async def run(self) -> None:
        """Undo what was written since. Raises BerceauError if somebody holds what has to be emptied."""
        try:
            if not (self.quiet and await self._run_quickly()):
                await self._run_thoroughly()
        except asyncpg.LockNotAvailableError as error:
            raise BerceauError(
                f"the tests' database cannot be emptied: {error}",
                hint="A connection that a test has left open, or a task that it has left running, still holds a table.",
            ) from error

    async def _make_quick_function(self) -> None:
        whole = [0 if table.always_truncate else _DELETED_BYTES for table in self.tables]
        limits = [None if table.rows is not None else limit for table, limit in zip(self.tables, whole, strict=True)]
        names = [None if table.rows is not None else table.name for table in self.tables]
        sequences = [(row["value"], row["reset"]) for row in self.sequences]
        await self.connection.execute(quick_function(self._looking(), limits, names, sequences))

    async def _run_quickly(self) -> bool:
        fingerprints, files = [table.fingerprint for table in self._filled()], [view.file for view in self.views]
        return bool(await self.connection.fetchval(CALL, fingerprints, files))

    async def _run_thoroughly(self) -> None:
        found = await self._look()
        changed = [
            table
            for table, fingerprint in zip(self._filled(), found["fingerprints"], strict=True)
            if fingerprint != table.fingerprint
        ]
        written = [
            (table, size)
            for table, size in zip(self.tables, found["sizes"], strict=True)
            if table in changed or (size and table.rows is None)
        ]
        moved = [row for row, value in zip(self.sequences, found["states"], strict=True) if value != row["value"]]
        files = zip(self.views, found["files"], strict=True)
        stale = [view.name for view, file in files if file not in (None, view.file)]  # None: it was dropped
        if not (written or moved or stale):
            return
        small = self.quiet and all(size <= _DELETED_BYTES and not table.always_truncate for table, size in written)
        tables = [table for table, _ in written]
        await self._undo(tables if small else self._with_referencing(tables), moved, stale, small=small)
        if stale:
            files = zip(self.views, (await self._look())["files"], strict=True)
            self.views = [replace(view, file=file or view.file) for view, file in files]

    async def _undo(self, written: list[_Table], moved: list[Any], views: list[str], *, small: bool) -> None:
        statements = [row["reset"] for row in moved]
        if small:
            statements += [f"DELETE FROM ONLY {table.name}" for table in written]
        elif written:
            statements.append(f"TRUNCATE {', '.join(table.name for table in written)}")
        filled = [table for table in written if table.rows is not None]
        if not (filled or views):  # one exchange, which the server carries out as one transaction
            await self.connection.execute("; ".join(statements))
            return
        async with self.connection.transaction():
            await self.connection.execute("; ".join(statements))
            for table in self._parents_first(filled):
                if not self.quiet:
                    await self.connection.execute(f"ALTER TABLE {table.name} DISABLE TRIGGER USER")
                await self._fill(table)
                if not self.quiet:
                    await self.connection.execute(f"ALTER TABLE {table.name} ENABLE TRIGGER USER")
            for view in views:
                await self.connection.execute(f"REFRESH MATERIALIZED VIEW {view}")
        for table in filled:
            table.fingerprint = await self.connection.fetchval(_fingerprint(table))

    def _with_referencing(self, written: Sequence[_Table]) -> list[_Table]:
        """All that must be truncated together with some tables: PostgreSQL looks at foreign keys, not at rows."""
        wanted = [table.oid for table in written]
        for oid in wanted:  # grows
            wanted += [other for other in self.referencing.get(oid, ()) if other not in wanted]
        return [table for table in self.tables if table.oid in wanted]

    def _parents_first(self, tables: Sequence[_Table]) -> list[_Table]:
        """An order in which foreign keys hold, as far as there is one."""
        left, ordered = list(tables), []
        while left:
            ready = [t for t in left if not any(t.oid in self.referencing.get(o.oid, ()) for o in left if o is not t)]
            ordered += ready or left
            left = [table for table in left if table not in ordered]
        return ordered

    def _filled(self) -> list[_Table]:
        return [table for table in self.tables if table.rows is not None]

    async def _look(self) -> Any:
        return await self.connection.fetchrow(self._looking())

    def _looking(self) -> str:
        """The query for the state of everything."""
        return _LOOK.format(
            tables=_numbers(table.oid for table in self.tables),
            sequences=_numbers(row["oid"] for row in self.sequences),
            fingerprints=", ".join(f"({_fingerprint(table)})" for table in self._filled()),
            views=_numbers(view.oid for view in self.views),
        )

    async def _remember(self, table: _Table) -> None:
        stream = io.BytesIO()
        columns = ", ".join(map(quote_identifier, table.columns))
        query = f"SELECT {columns} FROM ONLY {table.name}"
        await self.connection.copy_from_query(query, output=stream, format="binary")
        table.rows = stream.getvalue()
        table.fingerprint = await self.connection.fetchval(_fingerprint(table))

    async def _fill(self, table: _Table) -> None:
        await self.connection.copy_to_table(
            table.label,
            schema_name=table.schema,
            columns=table.columns or None,
            source=io.BytesIO(table.rows or b""),
            format="binary",
        )


def _fingerprint(table: _Table) -> str:
    """The query for one."""
    return (
        f"SELECT count(*) || ':' || coalesce(sum(hashtextextended(ctid::text || xmin::text, 0)::numeric), 0) "
        f"FROM ONLY {table.name}"
    )


def _numbers(values: Iterable[int]) -> str:
    return ", ".join(map(str, values))


async def _made_quiet(connection: Connection) -> bool:
    """Switch triggers and foreign keys off, for good: each change of that throws the session's plans away."""
    try:
        await connection.execute("SET session_replication_role = replica")
    except asyncpg.InsufficientPrivilegeError:
        return False
    return True


# Rules and some triggers act upon DELETE whatever the session says.
_TABLES = """
SELECT c.oid::bigint, n.nspname::text, c.relname::text,
  c.relhasrules OR EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgenabled IN ('A', 'R')),
  (SELECT coalesce(array_agg(attname::text ORDER BY attnum), '{}') FROM pg_attribute
   WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '')
FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
WHERE n.nspname = $1 AND relkind = 'r' ORDER BY c.oid
"""
_SEQUENCES = """
SELECT c.oid::bigint AS oid, pg_sequence_last_value(c.oid) AS value,
  format('SELECT setval(%s, %s, %s)', c.oid, coalesce(pg_sequence_last_value(c.oid), s.seqstart),
         CASE WHEN pg_sequence_last_value(c.oid) IS NULL THEN 'false' ELSE 'true' END) AS reset
FROM pg_class c JOIN pg_sequence s ON s.seqrelid = c.oid JOIN pg_namespace n ON n.oid = relnamespace
WHERE n.nspname = $1 ORDER BY c.oid
"""
_REFERENCES = """
SELECT DISTINCT confrelid::bigint AS referenced, conrelid::bigint AS referencing
FROM pg_constraint k JOIN pg_namespace n ON n.oid = connamespace WHERE n.nspname = $1 AND contype = 'f'
"""
_LOOK = """
SELECT
  array(SELECT pg_relation_size(o::oid) FROM unnest(ARRAY[{tables}]::bigint[]) WITH ORDINALITY t(o, n) ORDER BY n)
    AS sizes,
  array(SELECT pg_sequence_last_value(o::oid) FROM unnest(ARRAY[{sequences}]::bigint[]) WITH ORDINALITY t(o, n)
        ORDER BY n) AS states,
  ARRAY[{fingerprints}]::text[] AS fingerprints,
  array(SELECT pg_relation_filenode(o::oid)::bigint FROM unnest(ARRAY[{views}]::bigint[]) WITH ORDINALITY t(o, n)
        ORDER BY n) AS files
"""
_VIEWS = """
SELECT c.oid::bigint, format('%I.%I', n.nspname, relname) AS name, pg_relation_filenode(c.oid)::bigint AS file
FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
WHERE n.nspname = $1 AND relkind = 'm' AND relispopulated ORDER BY c.oid
"""
