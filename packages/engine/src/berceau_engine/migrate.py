"""Prisma's schema engine: writes migrations, applies them, compares them with a database, reads a database's schema."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any

from berceau_engine.adapter import Adapter
from berceau_engine.bridge import Bridge, RejectedError
from berceau_engine.javascript import without_undefined
from berceau_engine.migrate_errors import raise_typed
from berceau_engine.migration_list import Migration, MigrationList
from berceau_engine.postgres import DatabaseUrl
from berceau_engine.shadow import ShadowDatabase

if TYPE_CHECKING:
    from berceau_engine import wasm
    from berceau_engine.schema import SchemaFile

__all__ = [
    "CreatedMigration",
    "DataLoss",
    "Database",
    "DiffResult",
    "Empty",
    "Feedback",
    "HistoryDiagnosis",
    "Introspection",
    "Migration",
    "MigrationList",
    "PushResult",
    "ResetNeeded",
    "SchemaEngine",
    "SchemaFiles",
]

FILTERS: dict[str, list[str]] = {"externalTables": [], "externalEnums": []}


@dataclass(frozen=True)
class CreatedMigration:
    """A migration that was thought out but written nowhere: the name of its folder and its SQL.

    `script` is None when there is nothing to change and no draft was asked for.
    """

    name: str
    script: str | None


@dataclass(frozen=True)
class ResetNeeded:
    """The database cannot be brought up to date without losing what is in it; `reason` is Prisma's text."""

    reason: str


@dataclass(frozen=True)
class HistoryDiagnosis:
    """How the migrations in the folder and those applied to the database compare.

    `state` is `in-sync`, `database-is-behind`, `folder-is-behind` or `diverged`. `unapplied` are in the folder but not
    in the database, `missing` in the database but not in the folder, `edited` in both but with another script,
    `failed` begun in the database and not ended. `last_common` is the last one that both agree on, if they diverged.
    """

    state: str
    has_migrations_table: bool
    unapplied: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    last_common: str | None = None


@dataclass(frozen=True)
class Feedback:
    """What Prisma has to say about one step (counted from 0) of a migration that would be made."""

    message: str
    step: int


@dataclass(frozen=True)
class DataLoss:
    """What the next migration would do to data: number of steps, those that lose data, those that cannot be done."""

    steps: int
    warnings: tuple[Feedback, ...]
    unexecutable: tuple[Feedback, ...]


@dataclass(frozen=True)
class PushResult:
    """What a push has done: number of steps executed, and why it did nothing if it did not."""

    executed_steps: int
    warnings: tuple[str, ...]
    unexecutable: tuple[str, ...]


@dataclass(frozen=True)
class Introspection:
    """A schema read from a database, as files, and what could not be expressed in it."""

    files: tuple[SchemaFile, ...]
    warnings: str | None


@dataclass(frozen=True)
class DiffResult:
    """How two schemas differ: SQL or a summary for people; `empty` if they do not."""

    text: str
    empty: bool


@dataclass(frozen=True)
class Empty:
    """The empty schema, to compare with."""


@dataclass(frozen=True)
class SchemaFiles:
    """Schema files, to compare with."""

    files: tuple[SchemaFile, ...]


@dataclass(frozen=True)
class Database:
    """The engine's own database as it is, to compare with."""


DiffTarget = Empty | SchemaFiles | MigrationList | Database
StandIns = dict[str, MigrationList]


class SchemaEngine:
    """Prisma's schema engine, connected with one database. Made by `open`; use it as an async context manager.

    Calls made at the same time take turns. Belongs to the event loop it was opened on. Every method raises
    MigrationError with Prisma's code, SchemaError for a schema that is not valid, or the typed error of a connection.
    After a crash of the engine (EngineError), or when a call is cancelled, all connections are closed and the object
    is of no more use. Without `close` it is never freed.
    """

    def __init__(self, instance: wasm.Instance, bridge: Bridge, adapter: Adapter, schema: Sequence[SchemaFile]) -> None:
        self._instance = instance
        self._bridge = bridge
        self._adapter = adapter
        self.shadow = adapter.shadow
        self._schema = tuple(schema)
        self._pointer = 0
        self._remembered: set[MigrationList] = set()
        self._turn = asyncio.Lock()

    @classmethod
    async def open(
        cls, files: Sequence[SchemaFile], url: DatabaseUrl, shadow_url: DatabaseUrl | None = None
    ) -> SchemaEngine:
        """Start an engine for a schema and a database.

        Without `shadow_url`, operations that need a shadow database make one on the same server and drop it.
        Raises the typed error of the connection when it cannot be made. The schema is looked at by the methods.
        """
        instance = await asyncio.to_thread(start_instance)
        bridge = Bridge(instance)
        engine = cls(instance, bridge, Adapter(bridge, url, ShadowDatabase(url, shadow_url)), files)
        options = {"datamodels": [list(file) for file in files]}
        try:
            handle = await engine._run("schemaengine_new", options, ignore_log, engine._adapter.factory())
        except BaseException:
            await engine.close()
            raise
        engine._pointer = handle.address
        return engine

    async def __aenter__(self) -> SchemaEngine:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections, drop a shadow database that was made, and free the engine. May be called again."""
        self._instance.usable = False
        await self._bridge.stop()
        await self._adapter.close()
        self._instance.close()

    async def version(self) -> str:
        """The database server's version, in its own words."""
        return str(await self._run("schemaengine_version", self._pointer, 0))

    async def create_migration(
        self, name: str, migrations: MigrationList, files: Sequence[SchemaFile], draft: bool = False
    ) -> CreatedMigration:
        """Think out the migration from the migrations so far to a schema. Writes nothing.

        Needs the shadow database, but not that the migrations are applied. In the folder's name all but letters and
        digits of `name` becomes `_`. With `draft`, a script is made also when nothing has to change.
        Raises MigrationError P3006 if the migrations do not apply to an empty database.
        """
        stand_in = await self._remember(migrations)
        result = await self._call(
            "createMigration",
            {
                "migrationName": folder_name(name),
                "migrationsList": stand_in.to_engine(),
                "schema": container(files),
                "draft": draft,
            },
        )
        return CreatedMigration(result["generatedMigrationName"], result.get("migrationScript"))

    async def apply_migrations(self, migrations: MigrationList) -> tuple[str, ...]:
        """Apply the migrations that the database does not have; their names in order.

        Raises MigrationError: P3018 when one fails (it stays marked as failed), P3009 when one has failed before,
        P3005 when the database has tables but no migrations.
        """
        result = await self._call("applyMigrations", {"migrationsList": migrations.to_engine()})
        return tuple(result["appliedMigrationNames"])

    async def diagnose_migration_history(
        self, migrations: MigrationList, opt_in_to_shadow_database: bool = False
    ) -> HistoryDiagnosis:
        """Compare the migrations with those that the database has."""
        result = await self._call(
            "diagnoseMigrationHistory",
            {"migrationsList": migrations.to_engine(), "optInToShadowDatabase": opt_in_to_shadow_database},
        )
        history = result.get("history") or {"diagnostic": "inSync"}
        return HistoryDiagnosis(
            state=HISTORY_STATES[history["diagnostic"]],
            has_migrations_table=bool(result["hasMigrationsTable"]),
            unapplied=tuple(history.get("unappliedMigrationNames", ())),
            missing=tuple(history.get("unpersistedMigrationNames", ())),
            edited=tuple(result["editedMigrationNames"]),
            failed=tuple(result["failedMigrationNames"]),
            last_common=history.get("lastCommonMigrationName"),
        )

    async def dev_diagnostic(self, migrations: MigrationList) -> ResetNeeded | None:
        """Whether a development database can take the next migration (None) or has to be reset first.

        Plays the migrations through on the shadow database.
        """
        return reset_needed(await self._call("devDiagnostic", {"migrationsList": migrations.to_engine()}))

    async def drift(self, migrations: MigrationList) -> ResetNeeded | None:
        """How the database differs from what the migrations lead to, all of them taken as applied.

        Needs the shadow database. Raises MigrationError P3006 if the migrations do not apply to an empty database.
        """
        return await self._diagnose(migrations)

    async def evaluate_data_loss(self, migrations: MigrationList, files: Sequence[SchemaFile]) -> DataLoss:
        """What the migration from the migrations so far to a schema would do to the data in the database.

        Takes for granted that the database is where the migrations lead to. Needs the shadow database.
        """
        stand_in = await self._remember(migrations)
        result = await self._call(
            "evaluateDataLoss", {"migrationsList": stand_in.to_engine(), "schema": container(files)}
        )
        return DataLoss(
            steps=int(result["migrationSteps"]),
            warnings=feedback(result["warnings"]),
            unexecutable=feedback(result["unexecutableSteps"]),
        )

    async def mark_migration_applied(self, name: str, migrations: MigrationList) -> None:
        """Enter a migration as applied, without applying it. Raises MigrationError P3008 if it is already."""
        await self._call("markMigrationApplied", {"migrationName": name, "migrationsList": migrations.to_engine()})

    async def mark_migration_rolled_back(self, name: str) -> None:
        """Enter a failed migration as rolled back, so that it can be applied again.

        Raises MigrationError: P3011 if it was never applied, P3012 if it has not failed.
        """
        await self._call("markMigrationRolledBack", {"migrationName": name})

    async def reset(self) -> None:
        """Drop all that is in the database's schema, with all data."""
        await self._run("schemaengine_reset", self._pointer, {"filter": FILTERS})

    async def schema_push(self, files: Sequence[SchemaFile], *, force: bool = False) -> PushResult:
        """Bring the database to a schema without a migration. Nothing is done if data would be lost, unless `force`."""
        result = await self._call("schemaPush", {"schema": container(files), "force": force})
        return PushResult(int(result["executedSteps"]), tuple(result["warnings"]), tuple(result["unexecutable"]))

    async def diff(self, start: DiffTarget, end: DiffTarget, *, script: bool = True) -> DiffResult:
        """How to get from one schema to another: SQL, or (`script=False`) a summary for people."""
        targets = {"from": self._diff_target(start), "to": self._diff_target(end)}
        stand_ins = dict(stood_for(end) for end in (start, end) if isinstance(end, MigrationList))
        result = await self._call("diff", {**targets, "script": script, "exitCode": True}, stand_ins)
        return DiffResult(result.get("stdout") or "", empty=result["exitCode"] == 0)

    async def introspect(self, files: Sequence[SchemaFile] | None = None, *, force: bool = False) -> Introspection:
        """Read the database's schema into schema files, keeping what the given files (the engine's own by default)
        say beyond it; with `force`, their models are not kept."""
        result = await self._call(
            "introspect",
            {
                "schema": container(self._schema if files is None else files),
                "baseDirectoryPath": "/",
                "force": force,
                "compositeTypeDepth": -1,
                "namespaces": None,
            },
        )
        found = tuple((str(file["path"]), str(file["content"])) for file in result["schema"]["files"])
        return Introspection(found, result.get("warnings"))

    async def db_execute(self, script: str) -> None:
        """Run SQL statements on the database; their rows are not returned."""
        source = {"tag": "schema", **container(self._schema), "configDir": "/"}
        await self._call("dbExecute", {"datasourceType": source, "script": script})

    async def _remember(self, migrations: MigrationList) -> MigrationList:
        """Have the engine keep in mind what the migrations lead to, as one that stands for all; it forgets nothing
        while it lives."""
        stand_in = migrations.stand_in
        if stand_in not in self._remembered:
            await self._diagnose(migrations, only_played=True)
        return stand_in

    async def _diagnose(self, migrations: MigrationList, *, only_played: bool = False) -> ResetNeeded | None:
        """Whether the database is what the migrations lead to; with `only_played` it is not looked at."""
        stand_in = migrations.stand_in
        request = {"migrationsList": stand_in.to_engine(), "filters": FILTERS}
        result = await self._run(
            "schemaengine_devDiagnostic",
            self._pointer,
            request,
            assumed=stand_in,
            stand_ins=dict([stood_for(migrations)]),
            only_played=only_played,
        )
        self._remembered.add(stand_in)
        return reset_needed(result)

    def _diff_target(self, target: DiffTarget) -> dict[str, Any]:
        match target:
            case Empty():
                return {"tag": "empty"}
            case SchemaFiles(files):
                return {"tag": "schemaDatamodel", **container(files)}
            case MigrationList():
                return {"tag": "migrations", **target.stand_in.to_engine()}
            case Database():
                return {"tag": "schemaDatasource", **container(self._schema), "configDir": "/"}

    async def _call(self, method: str, request: dict[str, Any], stand_ins: StandIns | None = None) -> Any:
        request = {"filters": FILTERS, **request}
        return await self._run(f"schemaengine_{method}", self._pointer, request, stand_ins=stand_ins)

    async def _run(
        self,
        export: str,
        *arguments: Any,
        assumed: MigrationList | None = None,
        stand_ins: StandIns | None = None,
        only_played: bool = False,
    ) -> Any:
        async with self._turn:
            self._adapter.begin(assumed, stand_ins or {}, only_played=only_played)
            try:
                return without_undefined(await self._bridge.call(export, *arguments))
            except RejectedError as rejection:
                raise_typed(rejection, self._adapter.failures)
            except BaseException:
                await asyncio.shield(self.close())
                raise


HISTORY_STATES = {
    "inSync": "in-sync",
    "databaseIsBehind": "database-is-behind",
    "migrationsDirectoryIsBehind": "folder-is-behind",
    "historiesDiverge": "diverged",
}


def start_instance() -> wasm.Instance:
    """A new instance of the schema engine. The first one loads wasmtime; commands that need none do not wait for it."""
    from berceau_engine import wasm

    return wasm.Instance(wasm.load("migrate"))


def reset_needed(diagnostic: dict[str, Any]) -> ResetNeeded | None:
    """The engine's answer, if it is one."""
    action = diagnostic["action"]
    return ResetNeeded(str(action["reason"])) if action["tag"] == "reset" else None


def stood_for(migrations: MigrationList) -> tuple[str, MigrationList]:
    """The script by which the adapter knows what it is to play."""
    return migrations.stand_in.migrations[0].sql or "", migrations


def ignore_log(*_: Any) -> None:
    """The engine's log callback."""


def folder_name(name: str) -> str:
    """A migration's name as part of a folder's name: at most 200 lower-case letters, digits and underscores."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:200] or "migration"


def container(files: Sequence[SchemaFile]) -> dict[str, Any]:
    """Schema files as the engine takes them."""
    return {"files": [{"path": path, "content": content} for path, content in files]}


def feedback(items: Sequence[dict[str, Any]]) -> tuple[Feedback, ...]:
    """Warnings as the engine gives them."""
    return tuple(Feedback(str(item["message"]), int(item["stepIndex"])) for item in items)
