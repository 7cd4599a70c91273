"""`berceau migrate status`: how the migrations, the database and the schema stand to each other."""

from __future__ import annotations

from dataclasses import dataclass, replace

from berceau.config import Config
from berceau.migrations.drift import drift_summary
from berceau.migrations.history import FailedMigration, compare
from berceau.migrations.lock import holder
from berceau.migrations.record import open_record
from berceau.migrations.session import Session, reading
from berceau.migrations.target import Target
from berceau_engine.migrate import Database, MigrationList, SchemaFiles
from berceau_engine.migration_list import LOCK_CONTENT


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
        drift: how the database differs from what its migrations made of it; None: not at all, or not known.
        unmigrated: changes of the schema that no migration has, when nothing is pending; None: there are none, or it
            is not known.
    """

    database: str
    applied: tuple[str, ...]
    pending: tuple[str, ...]
    applying: tuple[str, ...]
    failed: tuple[FailedMigration, ...]
    edited: tuple[str, ...]
    missing: tuple[str, ...]
    unmanaged: bool
    drift: str | None = None
    unmigrated: str | None = None

    @property
    def in_order(self) -> bool:
        """Whether nothing is to be done."""
        return not (
            self.pending or self.applying or self.failed or self.edited or self.missing or self.drift or self.unmigrated
        )


async def status(config: Config, target: Target) -> Status:
    """Look at migrations, database and schema; changes nothing.

    The schema is the composed one as the last build wrote it. Whether the database has been changed by hand is found
    out on a shadow database, and only if it differs from the schema; in production only if one is given.

    Raises ConfigurationError: the database cannot be reached. MigrationStateError: the folder cannot be read.
    """
    async with reading(config, target) as session:
        found, busy = await _of_the_record(session)
        if busy or found.failed or found.edited or found.missing:
            return found
        return await _with_differences(found, session)


async def _of_the_record(session: Session) -> tuple[Status, bool]:
    """What the database's own record tells, and whether somebody is migrating it at the moment."""
    busy = await holder(session.connection)
    history = compare(session.migrations, await (await open_record(session.connection)).rows())
    applying = {failed.name for failed in history.failed} | {busy.migration or ""} - {""} if busy else set()
    found = Status(
        database=str(session.target),
        applied=history.applied,
        pending=tuple(name for name in history.pending if name not in applying),
        applying=tuple(sorted(applying)),
        failed=() if busy else history.failed,
        edited=history.edited,
        missing=history.missing,
        unmanaged=not history.recorded,
    )
    return found, busy is not None


async def _with_differences(found: Status, session: Session) -> Status:
    """The status with what the database lacks or has beyond its migrations and the schema."""
    to_schema = await session.engine.diff(Database(), SchemaFiles(session.schema), script=False)
    if to_schema.empty:
        return found
    may_try = not session.target.production or session.target.shadow_url is not None
    if may_try:
        drift = await session.engine.diff(_only(session.migrations, found.applied), Database(), script=False)
        if not drift.empty:
            return replace(found, drift=drift_summary(drift.text))
    if found.pending:
        return found
    return replace(found, unmigrated=drift_summary(to_schema.text))


def _only(migrations: MigrationList, names: tuple[str, ...]) -> MigrationList:
    """The migrations of these names; without a lock file the engine could not say what database they are for."""
    lock = migrations.lock or LOCK_CONTENT
    return replace(migrations, lock=lock, migrations=tuple(one for one in migrations.migrations if one.name in names))
