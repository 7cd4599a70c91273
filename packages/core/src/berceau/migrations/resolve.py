"""`berceau migrate resolve` and `reset`: ways out when a migration failed, or a development database went astray."""

from __future__ import annotations

from berceau.config import Config
from berceau.errors import MigrationStateError
from berceau.migrations.apply import apply_pending
from berceau.migrations.deploy import Deployed
from berceau.migrations.session import writing
from berceau.migrations.target import Say, Target
from berceau_engine.errors import MigrationError


async def resolve(config: Config, target: Target, name: str, *, applied: bool, say: Say) -> None:
    """Record what became of a migration: it is applied (by whatever means), or it failed and was rolled back.

    Raises MigrationStateError: there is no such migration, it is applied already, or has not failed.
    """
    async with writing(config, target, say) as session:
        if applied and name not in session.migrations.names:
            raise MigrationStateError(
                f"there is no migration {name!r}",
                file=session.migrations.folder,
                hint="The name is that of its folder, with the numbers in front.",
            )
        try:
            if applied:
                await session.engine.mark_migration_applied(name, session.migrations)
            else:
                await session.engine.mark_migration_rolled_back(name)
        except MigrationError as error:
            raise MigrationStateError(
                _REFUSALS.get(error.code or "", str(error)).format(name=name), hint="See berceau migrate status"
            ) from error


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
        applied = await apply_pending(session.engine, session.connection, session.migrations, say)
        return Deployed(applied, len(session.migrations.migrations))


_REFUSALS = {
    "P3008": "the migration {name} is recorded as applied already",
    "P3011": "the migration {name} was never begun on this database, so it cannot have been rolled back",
    "P3012": "the migration {name} has not failed, so it cannot have been rolled back",
}
