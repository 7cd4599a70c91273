"""Twin databases with the same content, and what an operation left in them.

Each database carries a copy of its content in the schema `snapshot`. After an operation that wrote, only the rows that
differ are put back, so that a case costs milliseconds and not a new database. Where no order is asked for, rows come
as they lie on disk and as the server plans, which can decide what a page holds and what `limit` leaves out. So both
twins are laid out anew before such a case, and plans are made for the values at hand, never kept for any values.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from berceau_engine.migrate import SchemaEngine
from berceau_engine.postgres import Connection, DatabaseUrl, connect, quote_identifier

SEED = Path(__file__).parent.parent / "seed.sql"

Contents = dict[str, str]
"""For each table its rows as JSON text, in the order of their text."""

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
SEQUENCES = "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' ORDER BY sequencename"
SEQUENCES_START = 1000
"""The next number of every sequence at the start of a case, above all the content's own."""


async def make_template(server: DatabaseUrl, schema: str) -> None:
    """The database `template` with the schema's tables and the content; nothing works behind the tests' back."""
    admin = await connect(server)
    try:
        for setting in ("autovacuum = off", "plan_cache_mode = force_custom_plan", "fsync = off"):
            await admin.execute(f"ALTER SYSTEM SET {setting}")
        await admin.execute("SELECT pg_reload_conf()")
        await admin.execute("CREATE DATABASE template")
    finally:
        await admin.close()
    files = [("schema.prisma", schema)]
    async with await SchemaEngine.open(files, server.with_database("template")) as engine:
        await engine.schema_push(files)
    connection = await connect(server.with_database("template"))
    try:
        await connection.execute(SEED.read_text())
        await connection.execute("CREATE SCHEMA snapshot")
        for (table,) in await connection.fetch(TABLES):
            name = quote_identifier(table)
            await connection.execute(f"CREATE TABLE snapshot.{name} AS TABLE public.{name}")
    finally:
        await connection.close()


@dataclass
class Database:
    """One of the twins, seen from outside by a connection of the test's own."""

    url: str
    connection: Connection
    tables: tuple[str, ...]
    sequences: tuple[str, ...]

    @classmethod
    async def create(cls, server: DatabaseUrl, name: str) -> Database:
        """A copy of the template."""
        admin = await connect(server)
        try:
            await admin.execute(f"CREATE DATABASE {name} TEMPLATE template")
        finally:
            await admin.close()
        url = server.with_database(name)
        connection = await connect(url)
        await connection.execute("SET session_replication_role = replica")
        tables = tuple(table for (table,) in await connection.fetch(TABLES))
        sequences = tuple(sequence for (sequence,) in await connection.fetch(SEQUENCES))
        database = cls(str(url), connection, tables, sequences)
        await database.restart_sequences()
        return database

    async def contents(self) -> Contents:
        """Every row of every table."""
        parts = " UNION ALL ".join(
            f"SELECT '{table}', coalesce(json_agg(t ORDER BY t::text), '[]')::text FROM public.{name} t"
            for table, name in zip(self.tables, map(quote_identifier, self.tables), strict=True)
        )
        return dict(await self.connection.fetch(parts))

    async def restore(self, tables: Iterable[str]) -> None:
        """Put the content of some tables back, and all sequences; rows that have changed come last from now on."""
        for table in tables:
            name = quote_identifier(table)
            await self.connection.execute(
                f"DELETE FROM public.{name} t WHERE t::text NOT IN (SELECT s::text FROM snapshot.{name} s);"
                f"INSERT INTO public.{name} SELECT s.* FROM snapshot.{name} s "
                f"WHERE s::text NOT IN (SELECT t::text FROM public.{name} t)"
            )
        await self.restart_sequences()

    async def lay_out_anew(self) -> None:
        """Put all rows of all tables where they were at the start, in files that were emptied before."""
        names = [quote_identifier(table) for table in self.tables]
        await self.connection.execute("".join(f"DELETE FROM public.{name};" for name in names))
        await self.connection.execute(f"VACUUM (INDEX_CLEANUP ON) {', '.join(f'public.{name}' for name in names)}")
        copies = (f"INSERT INTO public.{name} SELECT * FROM snapshot.{name};" for name in names)
        await self.connection.execute("".join(copies))
        await self.restart_sequences()

    async def restart_sequences(self) -> None:
        """Let every sequence go on at the same number."""
        calls = ", ".join(f"setval('public.{quote_identifier(name)}', {SEQUENCES_START})" for name in self.sequences)
        await self.connection.execute(f"SELECT {calls}")

    async def close(self) -> None:
        """Close the test's own connection."""
        await self.connection.close()
