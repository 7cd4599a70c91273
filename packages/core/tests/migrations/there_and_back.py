"""Takes a database with rows from one schema to another, back, and there again, and looks at it each time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from berceau.migrations import Request, Target
from berceau.migrations.catalog import Catalog, Enum, read_catalog
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
        return Session(self.target, self.connection, self.engine, files, migrations)

    async def plan(self, history: MigrationList, after: str, request: Request) -> Plan | None:
        files = schema(after)
        return await Planner(self.session(history, files), request, files, {}, {}).plan()

    async def check(self, history: MigrationList, before: str, after: str, plan: Plan) -> None:
        """Up, down, up: the database equals the schema each time, and rows that are not concerned stay as they were.

        Rows that stand against the way back, as it says itself, are taken away. Where it says that PostgreSQL has no
        cast back (from `money`), there is only the way up.
        """
        begun = await read_catalog(self.connection)
        values = await self.values(begun, begun)
        narrows = any("may not hold each value" in warning for warning in plan.warnings)
        if not await self._applies(plan.script, refused=narrows):
            await self.empty()
            values = await self.values(begun, begun)
            await run_script(self.connection, plan.script)
        there = await read_catalog(self.connection)
        _same_columns(begun, there, plan.script)
        _same_values(values, await self.values(there, begun))
        up = history.with_migration("20200102000000_up", plan.script)
        await self._leads_to(up, after)
        if "-- Not whole: PostgreSQL refuses it" in plan.down and "cannot be cast automatically" in plan.down:
            assert any("the way back, down.sql, is not whole" in warning for warning in plan.warnings)
            return
        if not await self._applies(plan.down, refused="\n-- Refused if " in plan.down or "may not hold" in plan.down):
            await self.empty()
            values = await self.values(there, begun)
            await run_script(self.connection, plan.down)
        back = await read_catalog(self.connection)
        assert not (changed := back.description ^ begun.description), changed
        _same_values(values, await self.values(back, begun))
        await run_script(self.connection, plan.script)
        again = await read_catalog(self.connection)
        assert not (changed := again.description ^ there.description), changed
        _same_values(values, await self.values(again, begun))
        await self._leads_to(up.with_migration("20200103000000_down", plan.down), before)

    async def _leads_to(self, migrations: MigrationList, wanted: str) -> None:
        difference = await self.engine.diff(migrations, SchemaFiles(schema(wanted)))
        assert difference.empty, difference.text

    async def check_draft(self, history: MigrationList, after: str, plan: Plan) -> None:
        """Only up, of a migration that is drafted around views: the database equals the schema; they are there again
        if their tables are."""
        begun = await read_catalog(self.connection)
        if any("it does not run as it stands" in warning for warning in plan.warnings):
            return
        if not await self._applies(plan.script, refused=True):
            await self.empty()
            await run_script(self.connection, plan.script)
        there = await read_catalog(self.connection)
        lost = {one.name for one in begun.tables if one.is_view} - {one.name for one in there.tables if one.is_view}
        assert all(f"{name} is dropped" in " ".join(plan.warnings) for name in lost)
        await self._leads_to(history.with_migration("20200102000000_up", plan.script), after)

    async def refuses(self, history: MigrationList, after: str, request: Request) -> None:
        """Make sure that rows stand against a migration that was refused because of them."""
        plan = await self.plan(history, after, request)
        assert plan is not None
        try:
            await run_script(self.connection, plan.script)
        except (asyncpg.IntegrityConstraintViolationError, asyncpg.DataError):
            return
        raise AssertionError(f"the rows would have allowed it:\n{plan.script}")

    async def empty(self) -> None:
        """Take all rows away."""
        tables = [one.sql for one in (await read_catalog(self.connection)).tables if not one.is_view]
        if tables:
            await self.connection.execute("TRUNCATE " + ", ".join(tables))

    async def _applies(self, script: str, *, refused: bool) -> bool:
        """Run a script; False if rows stand against it, which may only be if that was said (`refused`)."""
        try:
            await run_script(self.connection, script)
        except (asyncpg.IntegrityConstraintViolationError, asyncpg.DataError):
            if not refused:
                raise
            return False
        return True

    async def values(self, catalog: Catalog, begun: Catalog) -> dict[int, Rows]:
        """The rows of each table, by its identity, as text; enums and their values by the names that they had first."""
        enums = {oid: enum for enum in catalog.enums for oid in (enum.oid, enum.array_oid)}
        found = {}
        for table in (one for one in catalog.tables if not one.is_view and one.columns):
            casts = ["text[]" if one.type_oid in enums and one.type.endswith("[]") else "text" for one in table.columns]
            names = ", ".join(
                f"{quote_identifier(one.name)}::{cast}" for one, cast in zip(table.columns, casts, strict=True)
            )
            firsts = [First.of(enums.get(one.type_oid), begun) for one in table.columns]
            columns = [(one.number, first.type or one.type) for one, first in zip(table.columns, firsts, strict=True)]
            rows = await self.connection.fetch(f"SELECT {names} FROM {table.sql}")
            found[table.oid] = Rows(columns, [[first.value(v) for first, v in zip(firsts, row)] for row in rows])  # noqa: B905
        return found


@dataclass(frozen=True)
class First:
    """What a renamed enum was called at first, and its values; nothing for other types."""

    type: str | None
    values: dict[str, str]

    @classmethod
    def of(cls, enum: Enum | None, begun: Catalog) -> First:
        if enum is None:
            return cls(None, {})
        first = next((one for one in begun.enums if one.oid == enum.oid), enum)
        names = dict(zip(first.value_oids, first.values, strict=True))
        return cls(
            f"{first.schema}.{first.name}",
            {value: names.get(oid, value) for oid, value in zip(enum.value_oids, enum.values, strict=True)},
        )

    def value(self, value: str | list[str] | None) -> str:
        """A value as it was called first."""
        if isinstance(value, list):
            return str([self.values.get(one, one) for one in value])
        return str(value and self.values.get(value, value))


@dataclass(frozen=True)
class Rows:
    """Rows, and the numbers and types of their columns."""

    columns: list[tuple[int, str]]
    rows: list[list[str]]

    def picked(self, columns: list[tuple[int, str]]) -> list[list[str]]:
        """What the rows have in some of the columns."""
        places = [self.columns.index(column) for column in columns]
        return sorted([row[place] for place in places] for row in self.rows)


def _same_values(before: dict[int, Rows], after: dict[int, Rows]) -> None:
    """The values of all columns that are there both times, with the same type."""
    for oid in before.keys() & after.keys():
        kept = [column for column in before[oid].columns if column in after[oid].columns]
        assert before[oid].picked(kept) == after[oid].picked(kept)


def _same_columns(before: Catalog, after: Catalog, script: str) -> None:
    """What has the same name and type before and after is the same, unless a rename has put it in another's place."""
    if " RENAME " in script:
        return
    for table in before.tables:
        now = after.by_name.get((table.schema, table.name), table)
        for column in table.columns:
            other = now.by_name.get(column.name)
            if other and (other.type, bool(other.required)) == (column.type, bool(column.required)):
                same = (now.oid, other.number) == (table.oid, column.number)
                assert same, f"{table.name}.{column.name} has been made anew"


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
