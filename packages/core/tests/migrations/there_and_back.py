"""Takes a database with rows from one schema to another, back, and there again, and looks at it each time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from berceau.migrations import Request, Target
from berceau.migrations.catalog import Catalog, read_catalog
from berceau.migrations.generated import repaired_for
from berceau.migrations.planning import Plan, Planner
from berceau.migrations.scripts import run_script
from berceau.migrations.session import Session
from berceau_engine.migrate import MigrationList, SchemaEngine, SchemaFiles
from berceau_engine.migration_list import LOCK_CONTENT
from berceau_engine.postgres import Connection, DatabaseUrl, connect, quote_identifier
from berceau_engine.schema import SchemaFile
from berceau_engine.shadow import wipe

MAIN = 'datasource db {\n  provider = "postgresql"\n}\n'
EMPTY = MigrationList(Path("/nowhere/migrations"), LOCK_CONTENT)


def schema(models: str) -> tuple[SchemaFile, ...]:
    """A schema of these models; those with a datasource of their own stay as they are."""
    return (
        (("models.prisma", models),) if "datasource" in models else (("main.prisma", MAIN), ("models.prisma", models))
    )


class Bench:
    """A database, a shadow database and one schema engine, for many migrations one after the other."""

    def __init__(self, connection: Connection, engine: SchemaEngine, target: Target, shadow: DatabaseUrl) -> None:
        self.connection = connection
        self.engine = engine
        self._several = False
        self.target = target
        self.shadow = shadow

    async def begin(self, before: str, rows: str, by_hand: str = "") -> MigrationList:
        """Empty the database, and give it a schema, what was added `by_hand`, and rows; the migrations that did it."""
        await wipe(self.connection, "public")
        files = schema(before)
        several = "@@schema" in before  # the engine looks into the PostgreSQL schemas that it was opened with
        if several or self._several:
            await self.engine.close()
            self.engine = await SchemaEngine.open(files if several else schema(""), self.target.url, self.shadow)
            self._several = several
        script = (await self.engine.create_migration("before", EMPTY, files)).script or ""
        script = await repaired_for(self.session(EMPTY, files), files, script, EMPTY)
        script += by_hand
        await run_script(self.connection, script)
        await run_script(self.connection, rows)
        return EMPTY.with_migration("20200101000000_before", script)

    def session(self, migrations: MigrationList, files: tuple[SchemaFile, ...]) -> Session:
        return Session(self.target, self.connection, self.engine, files, migrations, self.shadow)

    async def plan(self, history: MigrationList, after: str, request: Request) -> Plan | None:
        files = schema(after)
        return await Planner(self.session(history, files), request, files, {}, {}).plan()

    async def check(self, history: MigrationList, before: str, after: str, plan: Plan) -> None:
        """Up, down, up: the database equals the schema each time, and rows that are not concerned stay as they were."""
        begun = await read_catalog(self.connection)
        values = await self.values(begun)
        await run_script(self.connection, plan.script)
        there = await read_catalog(self.connection)
        _same_values(values, await self.values(there))
        await run_script(self.connection, plan.down)
        back = await read_catalog(self.connection)
        assert not (changed := back.description ^ begun.description), changed
        _same_values(values, await self.values(back))
        await run_script(self.connection, plan.script)
        again = await read_catalog(self.connection)
        assert not (changed := again.description ^ there.description), changed
        _same_values(values, await self.values(again))
        up = history.with_migration("20200102000000_up", plan.script)
        down = up.with_migration("20200103000000_down", plan.down)
        for migrations, wanted in ((up, after), (down, before)):
            difference = await self.engine.diff(migrations, SchemaFiles(schema(wanted)))
            assert difference.empty, difference.text

    async def values(self, catalog: Catalog) -> dict[int, tuple[Catalog, Connection, list[dict[int, str | None]]]]:
        """The rows of each table, by the identity of table and columns, as text."""
        found = {}
        for table in catalog.tables:
            if table.is_view or not table.columns:
                continue
            names = ", ".join(f"{quote_identifier(column.name)}::text" for column in table.columns)
            rows = await self.connection.fetch(f"SELECT {names} FROM {table.sql}")
            numbers = [(column.number, column.type) for column in table.columns]
            found[table.oid] = (numbers, [tuple(row) for row in rows])
        return found  # type: ignore[return-value]


def _same_values(before, after) -> None:  # type: ignore[no-untyped-def]
    """The values of all columns that are there both times, with the same type."""
    for oid in before.keys() & after.keys():
        (columns, rows), (columns_now, rows_now) = before[oid], after[oid]
        kept = [column for column in columns if column in columns_now]
        old = [columns.index(column) for column in kept]
        new = [columns_now.index(column) for column in kept]
        assert _picked(rows, old) == _picked(rows_now, new)


def _picked(rows, places):  # type: ignore[no-untyped-def]
    return sorted([str(row[place]) for place in places] for row in rows)


@contextmanager
def bench(server: str) -> Iterator[tuple[Bench, asyncio.Runner]]:
    """A bench on a server, and what runs its coroutines."""
    with asyncio.Runner() as runner:
        opened = runner.run(_open(DatabaseUrl.parse(server)))
        try:
            yield opened, runner
        finally:
            runner.run(_close(opened))


async def _open(server: DatabaseUrl) -> Bench:
    from uuid import uuid4

    name = f"test_{uuid4().hex}"
    connection = await connect(server)
    for database in (name, f"{name}_shadow"):
        await connection.execute(f"CREATE DATABASE {database}")
    await connection.close()
    url, shadow = server.with_database(name), server.with_database(f"{name}_shadow")
    engine = await SchemaEngine.open(schema(""), url, shadow)
    return Bench(await connect(url), engine, Target(url, "DATABASE_URL", shadow, production=False), shadow)


async def _close(bench: Bench) -> None:
    await bench.engine.close()
    await bench.connection.close()
    connection = await connect(bench.target.url.with_database("postgres"))
    for url in (bench.target.url, bench.shadow):
        await connection.execute(f"DROP DATABASE {url.database} WITH (FORCE)")
    await connection.close()
