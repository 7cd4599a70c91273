"""`berceau migrate rollback`: take applied migrations back, newest first, each in one transaction."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from berceau.config import Config
from berceau.errors import MigrationStateError
from berceau.migrations.apply import earlier_failure
from berceau.migrations.catalog import Catalog, read_catalog
from berceau.migrations.history import applied_migrations, failed_migrations
from berceau.migrations.losses import Comparison, Loss, find_losses
from berceau.migrations.ownership import ModelNames, Owners
from berceau.migrations.request import UndecidedError, listed, unconsented
from berceau.migrations.scripts import run_script, said
from berceau.migrations.session import Session, writing
from berceau.migrations.target import Say, Target
from berceau.migrations.way_back import DOWN
from berceau.provenance import changes_of

# The official `migrate status` takes any row for one of an applied migration, `rolled_back_at` or not.
_FORGET = "DELETE FROM _prisma_migrations WHERE migration_name = $1"


@dataclass(frozen=True)
class RollbackRequest:
    """What is asked for.

    Attributes:
        to: the migration to go back to, which stays applied; None: only the newest is taken back.
        allow_drop: names of what may be lost: `Table`, `Table.column`, `Enum.value`.
        confirmed: somebody has said yes to taking migrations back.
        command: the command that was typed, for messages.
    """

    to: str | None = None
    allow_drop: tuple[str, ...] = ()
    confirmed: bool = False
    command: str = "berceau migrate rollback"

    def words(self, drops: Sequence[str]) -> str:
        """The whole command, with consent to it and to these losses."""
        words = [*self.command.split(), *(["--to", self.to] if self.to else []), "--force"]
        for name in dict.fromkeys((*self.allow_drop, *drops)):
            words += ["--allow-drop", name]
        return shlex.join(words)


@dataclass(frozen=True)
class RolledBack:
    """What was taken back, newest first; and what was lost."""

    names: tuple[str, ...]
    losses: tuple[Loss, ...]


async def rollback(config: Config, target: Target, request: RollbackRequest, say: Say) -> RolledBack:
    """Run the `down.sql` of the newest migration, or of all after `to`, and record it as Prisma does.

    They are pending then: a deploy applies them again. First all are tried in one transaction, which ends in nothing.

    Raises MigrationStateError: there is nothing to take back, a way back is missing or does not work; UndecidedError:
    it is not confirmed, or rows would be lost. Then nothing has changed; if a later one fails, those before it stay
    taken back, and the error says so.
    """
    async with writing(config, target, say) as session:
        names = await _chosen(session, request)
        scripts = {name: _way_back(session, name) for name in names}
        losses = await _tried(session, scripts)
        missing = unconsented(losses, request.allow_drop)
        if missing:
            raise UndecidedError(
                f"taking back {', '.join(names)} would lose something; nothing has been changed:\n{listed(missing)}",
                hint=f"If that is meant: {request.words([loss.name for loss in missing])}",
                losses=missing,
            )
        if not request.confirmed:
            raise UndecidedError(
                f"{', '.join(names)} would be taken back; nothing has been changed",
                hint=f"If that is meant: {request.words(())}",
            )
        done: list[str] = []
        for name, script in scripts.items():
            say(f"Taking back {name} …")
            await _run(session, name, script, done)
            done.append(name)
        return RolledBack(tuple(done), losses)


async def _chosen(session: Session, request: RollbackRequest) -> tuple[str, ...]:
    """The names of those to take back, newest first."""
    if failed := await failed_migrations(session.connection):
        raise earlier_failure(session.migrations, failed[-1])
    applied = sorted(await applied_migrations(session.connection), reverse=True)
    if not applied:
        raise MigrationStateError(f"no migration is applied to the {session.target}", hint="See berceau migrate status")
    if request.to is None:
        return (applied[0],)
    if request.to not in applied:
        raise MigrationStateError(
            f"--to {request.to}: no migration of that name is applied",
            hint=f"These are: {', '.join(reversed(applied))}",
        )
    after = tuple(name for name in applied if name > request.to)
    if not after:
        raise MigrationStateError(f"--to {request.to}: it is the newest that is applied; there is nothing to take back")
    return after


def _way_back(session: Session, name: str) -> str:
    """The script. Raises MigrationStateError: there is none, or not for the whole way."""
    file = session.migrations.folder / name / DOWN
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise MigrationStateError(
            f"the migration {name} has no way back: there is no {DOWN}",
            file=file.parent,
            hint=f"Write the SQL that takes it back into {DOWN} beside its migration.sql; or write a new migration.",
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise MigrationStateError(f"the way back cannot be read: {error}", file=file) from error


async def _tried(session: Session, scripts: dict[str, str]) -> tuple[Loss, ...]:
    """What is lost on the way back, found by going it in a transaction that is given up."""
    connection = session.connection
    before = await read_catalog(connection)
    await connection.execute("BEGIN")
    try:
        for name, script in scripts.items():
            try:
                await run_script(connection, script)
            except asyncpg.PostgresError as error:
                raise _refused(session, name, error, ()) from error
        after = await read_catalog(connection)
    finally:
        await connection.execute("ROLLBACK")
    return await find_losses(_comparison(session, before, after, tuple(scripts)), connection)


def _comparison(session: Session, before: Catalog, after: Catalog, names: Sequence[str]) -> Comparison:
    states = [
        {change.component: state for change in changes for state in (change.before, change.after) if state}
        for changes in (changes_of(session.migrations.folder / name) or () for name in names)
    ]
    return Comparison(before, after, Owners.of(*states), ModelNames.of(session.schema))


async def _run(session: Session, name: str, script: str, done: Sequence[str]) -> None:
    connection = session.connection
    try:
        async with connection.transaction():
            await run_script(connection, script)
            await connection.execute(_FORGET, name)
    except asyncpg.PostgresError as error:
        raise _refused(session, name, error, done) from error


def _refused(session: Session, name: str, error: asyncpg.PostgresError, done: Sequence[str]) -> MigrationStateError:
    kept = f" Taken back before it: {', '.join(done)}." if done else " Nothing has been changed."
    return MigrationStateError(
        f"the way back of {name} does not work: {said(error)}.{kept}",
        file=session.migrations.folder / name / DOWN,
        hint="Correct its SQL, or write a new migration that undoes what this one did.",
    )
