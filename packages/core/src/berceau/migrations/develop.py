"""`berceau migrate dev`: write the migration that leads to the schema as it is now, and apply it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from berceau.config import Config
from berceau.errors import MigrationStateError
from berceau.migrations.apply import apply_pending
from berceau.migrations.drift import check_history
from berceau.migrations.files import read_migrations, write_migration
from berceau.migrations.naming import folder_name, later_timestamp, proposed_name
from berceau.migrations.session import Session, writing
from berceau.migrations.target import Say, Target
from berceau_engine.migrate import CreatedMigration, DataLoss


@dataclass(frozen=True)
class Request:
    """What is asked for.

    Attributes:
        name: the migration's name; None: one is made from what it does.
        create_only: write it, even if there is nothing to change, and do not apply it.
        accept_data_loss: go on although data is lost.
    """

    name: str | None = None
    create_only: bool = False
    accept_data_loss: bool = False


@dataclass(frozen=True)
class Developed:
    """What was done.

    Attributes:
        pending: names of older migrations that were applied first.
        created: the script of the new migration; None if there was nothing to change.
        applied: the new migration has been applied.
        warnings: what was lost, or cannot be applied as it stands.
    """

    pending: tuple[str, ...]
    created: Path | None
    applied: bool
    warnings: tuple[str, ...]


async def develop(config: Config, target: Target, request: Request, say: Say) -> Developed:
    """Apply what is pending, then write a migration from there to the composed schema, and apply it.

    The composed schema is taken as the last build wrote it.

    Raises ConfigurationError: the database cannot be reached, or is one of production. MigrationStateError:
    migrations and database disagree, data would be lost, or the migration fails; then no migration is left behind.
    """
    if target.production:
        raise MigrationStateError(
            "migrations are not made in production (BERCEAU_ENV is `production`)",
            hint="Make them in development; here apply them: berceau migrate deploy",
        )
    async with writing(config, target, say, shadow=True) as session:
        await check_history(session)
        pending = await apply_pending(session.connection, session.migrations, say)
        if pending:
            await check_history(session)  # the engine remembers what all migrations lead to only once all are applied
        loss = await session.engine.evaluate_data_loss(session.migrations, session.schema)
        if loss.steps == 0 and not request.create_only:
            return Developed(pending, None, applied=False, warnings=())
        warnings = _consented(loss, request)
        planned = await _plan(session, request)
        written = write_migration(session.migrations.folder, planned.name, planned.script or "")
        if request.create_only:
            return Developed(pending, written.script, applied=False, warnings=warnings)
        try:
            await apply_pending(session.connection, read_migrations(config), say)
        except MigrationStateError as error:
            await session.engine.mark_migration_rolled_back(planned.name)
            written.undo()
            raise _taken_back(error) from error
        return Developed(pending, written.script, applied=True, warnings=warnings)


def _consented(loss: DataLoss, request: Request) -> tuple[str, ...]:
    """The warnings that the user has agreed to. Raises MigrationStateError if there are others."""
    impossible = [feedback.message for feedback in loss.unexecutable]
    if impossible and not request.create_only:
        raise MigrationStateError(
            "the migration cannot be applied to the data as it is; none has been written:\n" + _listed(impossible),
            hint="Change the schema (a default, or optional first), or write the migration to change it by hand:"
            " berceau migrate dev --create-only",
        )
    losses = [feedback.message for feedback in loss.warnings]
    if losses and not request.accept_data_loss:
        raise MigrationStateError(
            "the migration would lose data; none has been written:\n" + _listed(losses),
            hint="If that is meant: --accept-data-loss. To change its SQL before it is applied, add --create-only.",
        )
    return (*losses, *impossible)


async def _plan(session: Session, request: Request) -> CreatedMigration:
    """The migration as it will be written, under the name that was given or one that tells what it does."""
    name = folder_name(request.name or "")
    if request.name and not name:
        raise MigrationStateError(f"{request.name!r} has neither letters nor digits", hint="Name it as in: add_posts")
    engine = session.engine
    created = await engine.create_migration(name, session.migrations, session.schema, draft=request.create_only)
    names = session.migrations.names
    name = name or proposed_name(created.script or "", first=not names)
    timestamp = later_timestamp(created.name.partition("_")[0], names)
    return CreatedMigration(f"{timestamp}_{name}", created.script)


def _listed(messages: list[str]) -> str:
    return "\n".join(f"  - {message}" for message in messages)


def _taken_back(error: MigrationStateError) -> MigrationStateError:
    """The error for a new migration that could not be applied and is gone again."""
    said = error.message.partition("\n")[0]
    return MigrationStateError(
        f"{said}\n  Nothing of it was kept, and its file has been removed.",
        hint="Change the schema or the data. To write the migration and change it by hand before it is applied:"
        " berceau migrate dev --create-only",
    )
