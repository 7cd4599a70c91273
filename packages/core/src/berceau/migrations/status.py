"""`berceau migrate status`: how the migrations, the database and the schema stand to each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from berceau.config import Config
from berceau.migrations.agreement import Agreement
from berceau.migrations.current_schema import CurrentSchema, current_schema
from berceau.migrations.drift import drift_summary
from berceau.migrations.files import read_migrations
from berceau.migrations.history import FailedMigration, compare
from berceau.migrations.lock import holder
from berceau.migrations.record import open_record
from berceau.migrations.rights import rights_explained
from berceau.migrations.target import Say, Target, reach
from berceau.migrations.telling import telling, trying
from berceau.provenance import upgrades_of
from berceau_engine.errors import DataError, MigrationError
from berceau_engine.migration_list import LOCK_CONTENT, MigrationList

if TYPE_CHECKING:
    from berceau_engine.migrate import SchemaEngine
    from berceau_engine.postgres import Connection


@dataclass(frozen=True)
class Status:
    """The state of a database's migrations.

    Attributes:
        database: which database, for people.
        applied: names of migrations that are applied, oldest first.
        pending: names of migrations that are not.
        applying: names of migrations that another process is applying at the moment.
        failed: migrations that were begun and not ended.
        edited: names of migrations whose script was changed after being applied.
        missing: names of migrations that are applied, but not in the folder.
        unmanaged: the database has no record of migrations.
        components: what each migration does to components, by its name, as in `demo 0.1.0 → 0.2.0`.
        unbuilt: how the installed components differ from those of the last build.
        drift: how the database differs from what its migrations made of it; None: not at all, or not known.
        unmigrated: changes of the schema that no migration has, when nothing is pending; None: there are none, or it
            is not known.
        unchecked: what could not be found out, and why; None: everything was.
    """

    database: str
    applied: tuple[str, ...]
    pending: tuple[str, ...]
    applying: tuple[str, ...]
    failed: tuple[FailedMigration, ...]
    edited: tuple[str, ...]
    missing: tuple[str, ...]
    unmanaged: bool
    components: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unbuilt: tuple[str, ...] = ()
    drift: str | None = None
    unmigrated: str | None = None
    unchecked: str | None = None

    @property
    def in_order(self) -> bool:
        """Whether nothing is to be done."""
        to_do = (self.pending, self.applying, self.failed, self.edited, self.missing, self.drift, self.unmigrated)
        return not any((*to_do, self.unbuilt, self.unchecked))


async def status(config: Config, target: Target, say: Say | None = None) -> Status:
    """Look at migrations, database and schema; changes nothing.

    The schema is that of the installed components, also before they are built. Whether the database has been changed
    by hand is found out on a shadow database, and only if it differs from the schema. In production none is made: there
    a difference that no pending migration explains counts as a change by hand. `say` hears of what takes longer than a
    second.

    Raises ConfigurationError: the database cannot be reached. MigrationStateError: the folder cannot be read.
    """
    connection = await reach(target)
    try:
        with rights_explained(target.url.user):
            migrations = read_migrations(config)
            found, busy = await _of_the_record(connection, migrations, target)
            if busy or found.failed or found.edited or found.missing:
                return found
            schema = current_schema(config)
            found = replace(found, unbuilt=schema.unbuilt, unchecked=schema.problem)
            agreement = await Agreement.of(config, connection, schema.files)
            if agreement.is_known():
                return found
            differing = await _with_differences(found, migrations, schema, target, say)
            if differing is None and not target.production:
                agreement.keep()
            return differing or found
    finally:
        await connection.close()


async def _of_the_record(connection: Connection, migrations: MigrationList, target: Target) -> tuple[Status, bool]:
    """What the database's own record tells, and whether somebody is migrating it at the moment."""
    busy = await holder(connection)
    history = compare(migrations, await (await open_record(connection)).rows())
    applying = {failed.name for failed in history.failed} | {busy.migration or ""} - {""} if busy else set()
    found = Status(
        database=str(target),
        applied=history.applied,
        pending=tuple(name for name in history.pending if name not in applying),
        applying=tuple(sorted(applying)),
        failed=() if busy else history.failed,
        edited=history.edited,
        missing=history.missing,
        unmanaged=not history.recorded,
        components=_told_components(migrations),
    )
    return found, busy is not None


async def _with_differences(
    found: Status, migrations: MigrationList, schema: CurrentSchema, target: Target, say: Say | None
) -> Status | None:
    """The status with what the database lacks or has beyond its migrations and the schema; None: they agree."""
    from berceau_engine.migrate import Database, SchemaEngine, SchemaFiles

    async with await SchemaEngine.open(schema.files, target.url, target.shadow_url) as engine:
        to_schema = await engine.diff(Database(), SchemaFiles(schema.files), script=False)
        if to_schema.empty:
            return None
        if target.production and target.shadow_url is None:
            if found.pending:
                return replace(found, unchecked=_NOT_IN_PRODUCTION)
            from_schema = await engine.diff(SchemaFiles(schema.files), Database(), script=False)
            return replace(found, drift=drift_summary(from_schema.text))
        try:
            async with telling(say or _nothing, trying(len(found.applied))):
                drift = await _drift(engine, migrations, found.applied)
        except (MigrationError, DataError) as error:
            return replace(found, unchecked=f"whether the database has been changed by hand: {_one_line(error)}")
    if drift:
        return replace(found, drift=drift)
    return found if found.pending else replace(found, unmigrated=drift_summary(to_schema.text))


def _nothing(_: str) -> None: ...


_NOT_IN_PRODUCTION = (
    "whether the database has been changed by hand: in production that is only tried out on a database given as"
    " SHADOW_DATABASE_URL"
)


async def _drift(engine: SchemaEngine, migrations: MigrationList, applied: tuple[str, ...]) -> str | None:
    """How the database differs from what its migrations lead to."""
    from berceau_engine.migrate import Database

    drift = await engine.diff(_only(migrations, applied), Database(), script=False)
    return None if drift.empty else drift_summary(drift.text)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def _only(migrations: MigrationList, names: tuple[str, ...]) -> MigrationList:
    """The migrations of these names; without a lock file the engine could not say what database they are for."""
    lock = migrations.lock or LOCK_CONTENT
    return replace(migrations, lock=lock, migrations=tuple(one for one in migrations.migrations if one.name in names))


def _told_components(migrations: MigrationList) -> dict[str, tuple[str, ...]]:
    told = {name: upgrades_of(migrations.folder / name) for name in migrations.names}
    return {name: lines for name, lines in told.items() if lines}
