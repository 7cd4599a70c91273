"""`berceau migrate resolve` and `reset`: ways out when a migration failed, or a development database went astray."""

from __future__ import annotations

from uuid import uuid4

from berceau.config import Config
from berceau.errors import MigrationStateError
from berceau.migrations.apply import apply_pending
from berceau.migrations.deploy import Deployed
from berceau.migrations.files import read_migrations
from berceau.migrations.history import checksum
from berceau.migrations.lock import not_beside_the_official_one
from berceau.migrations.record import Entry, Record, Row, open_record
from berceau.migrations.session import locked, writing
from berceau.migrations.target import Say, Target
from berceau_engine.migration_list import MigrationList


async def resolve(config: Config, target: Target, name: str, *, applied: bool, say: Say) -> None:
    """Record what became of a migration: it is applied (by whatever means), or it failed and was rolled back.

    Raises MigrationStateError: there is no such migration, it is applied already, or has not failed.
    """
    async with locked(target, say) as connection, not_beside_the_official_one(connection, say):
        migrations, record = read_migrations(config), await open_record(connection)
        rows = await record.rows()
        tries = [row for row in rows or () if row.name == name]
        if applied:
            await _as_applied(record, migrations, name, rows is None, tries)
        else:
            await _as_rolled_back(record, name, tries)


async def _as_applied(record: Record, migrations: MigrationList, name: str, unrecorded: bool, tries: list[Row]) -> None:
    migration = next((one for one in migrations.migrations if one.name == name), None)
    if migration is None:
        raise MigrationStateError(
            f"there is no migration {name!r}",
            file=migrations.folder,
            hint="The name is that of its folder, with the numbers in front.",
        )
    if any(row.is_applied for row in tries):
        raise _refusal(f"the migration {name} is recorded as applied already")
    if unrecorded:
        await record.create()
    await record.add_applied(Entry(str(uuid4()), name, checksum(migration)))


async def _as_rolled_back(record: Record, name: str, tries: list[Row]) -> None:
    if not tries:
        raise _refusal(f"the migration {name} was never begun on this database, so it cannot have been rolled back")
    if not any(row.is_open for row in tries):
        raise _refusal(f"the migration {name} has not failed, so it cannot have been rolled back")
    await record.roll_back(name)


def _refusal(message: str) -> MigrationStateError:
    return MigrationStateError(message, hint="See berceau migrate status")


async def reset(config: Config, target: Target, say: Say) -> Deployed:
    """Drop everything in the database's schema, with all data, and apply all migrations anew.

    Raises MigrationStateError: the database is one of production, or a migration fails.
    """
    if target.production:
        raise MigrationStateError(
            "a database is not reset in production (BERCEAU_ENV is `production`)",
            hint="If you mean to, do it by hand, with PostgreSQL's own programs.",
        )
    async with writing(config, target, say) as session:
        await session.engine.reset()
        applied = await apply_pending(session.connection, session.migrations, say)
        return Deployed(applied, len(session.migrations.migrations))
