"""`berceau migrate dev`: write the migration that leads to the schema as it is now, and apply it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from berceau.config import Config
from berceau.errors import BerceauError, MigrationStateError, Problems
from berceau.migrations.agreement import Agreement
from berceau.migrations.apply import apply_pending
from berceau.migrations.drift import check_history
from berceau.migrations.files import WrittenMigration, read_migrations, write_migration
from berceau.migrations.planning import Plan, Planner
from berceau.migrations.refreshing import refresh_ways_back
from berceau.migrations.request import Request
from berceau.migrations.session import Session, writing
from berceau.migrations.target import Say, Target
from berceau.migrations.telling import telling, trying
from berceau.migrations.upgrades import find_upgrades
from berceau.migrations.way_back import DOWN
from berceau.provenance import RECORD, ComponentState, component_changes, composed_states, known_states
from berceau_engine.migration_list import SCRIPT
from berceau_engine.schema import SchemaFile


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


async def develop(
    config: Config,
    target: Target,
    request: Request,
    say: Say,
    *,
    schema: tuple[SchemaFile, ...] | None = None,
    removed: Sequence[str] = (),
) -> Developed:
    """Apply what is pending, then write a migration from there to the composed schema, and apply it.

    The composed schema is taken as the last build wrote it, or is given as `schema`; `removed` are components that are
    to be removed with their tables.

    Raises ConfigurationError: the database cannot be reached, or is one of production. MigrationStateError:
    migrations and database disagree, the migration fails, or cannot be as it is asked for. UndecidedError: something
    would be lost. Then no migration is left behind.
    """
    if target.production:
        raise MigrationStateError(
            "migrations are not made in production (BERCEAU_ENV is `production`)",
            hint="Make them in development; here apply them: berceau migrate deploy",
        )
    async with writing(config, target, say, shadow=True) as session:
        played = len(session.migrations.migrations)
        async with telling(say, trying(played)):
            await check_history(session)
        pending = await apply_pending(session.connection, session.migrations, say)
        warnings: tuple[str, ...] = ()
        if pending:
            async with telling(say, "Looking at what was applied"):
                await check_history(session)
                warnings = await refresh_ways_back(session, pending)
        async with telling(say, "Thinking out the migration"):
            plan = await _plan(config, session, request, schema or session.schema, removed)
        if plan is None:  # the database is what the migrations lead to, and that is the schema
            (await Agreement.of(config, session.connection, schema or session.schema)).keep()
            return Developed(pending, None, applied=False, warnings=warnings)
        _show_upgrades(plan, say)
        written = write_migration(
            session.migrations.folder,
            plan.name,
            {SCRIPT: plan.script, DOWN: plan.down, RECORD: plan.components},
        )
        if not request.create_only:
            await _apply(config, session, plan, written, request, say)
        return Developed(pending, written.script, not request.create_only, (*warnings, *plan.warnings))


async def _plan(
    config: Config, session: Session, request: Request, schema: tuple[SchemaFile, ...], removed: Sequence[str]
) -> Plan | None:
    from berceau.discovery import discover

    before, after = known_states(session.migrations), composed_states(schema)
    if gone := sorted(before.keys() - after.keys() - set(removed)):
        raise Problems([_not_composed(name, before[name]) for name in gone])
    changes = [change for change in component_changes(before, after) if change.before and change.after]
    upgrades = find_upgrades(changes, discover(config)) if changes else ()
    unknown = sorted(set(request.trust) - {upgrade.component for upgrade in upgrades})
    if unknown:
        names = ", ".join(sorted({upgrade.component for upgrade in upgrades})) or "none does"
        raise MigrationStateError(
            f"--trust {unknown[0]}: no component of that name has upgrades in this migration",
            hint=f"Components with upgrades here: {names}.",
        )
    return await Planner(session, request, schema, before, after, upgrades).plan()


def _not_composed(name: str, state: ComponentState) -> BerceauError:
    return MigrationStateError(
        f"its tables are in the migrations, but it is not composed any more ({state.distribution} {state.version})",
        component=name,
        hint=f"Install it again, or: berceau remove {name} --keep-data | --drop-data",
    )


def _show_upgrades(plan: Plan, say: Say) -> None:
    """Say what components bring of their own, before it is applied."""
    for upgrade in plan.upgrades:
        say(f"Upgrade of component {upgrade.component!r} to {upgrade.version}, {upgrade.moment}.sql:")
        for line in upgrade.sql.strip().splitlines():
            say(f"    {line}".rstrip())


async def _apply(
    config: Config, session: Session, plan: Plan, written: WrittenMigration, request: Request, say: Say
) -> None:
    try:
        await apply_pending(session.connection, read_migrations(config), say)
    except MigrationStateError as error:
        await session.engine.mark_migration_rolled_back(plan.name)
        written.undo()
        raise _taken_back(error, plan, request) from error


def _taken_back(error: MigrationStateError, plan: Plan, request: Request) -> MigrationStateError:
    """The error for a new migration that could not be applied and is gone again; an upgrade is named as its own."""
    said, *more = error.message.splitlines()
    details = "".join(f"\n{line}" for line in more if line.lstrip().startswith("DETAIL:"))
    at = f"\n  At: {_line(plan.script, error.line)}" if error.line else ""
    owner, file, line = None, None, None
    for upgrade in plan.upgrades:
        start = plan.script.count("\n", 0, plan.script.index(upgrade.marked.strip())) + 1
        if error.line and start <= error.line <= start + upgrade.sql.count("\n") + 1:
            owner, file, line = upgrade.component, upgrade.file, error.line - start
    return MigrationStateError(
        f"{said}{at}{details}\n  Nothing of it was kept, and its file has been removed.",
        component=owner,
        file=file,
        line=line,
        hint="Change the schema or the data; or have it written and change it by hand before it is applied:\n"
        f"    {request.words(create_only=True)}",
    )


def _line(script: str, number: int) -> str:
    lines = script.splitlines()
    return lines[number - 1].strip() if 0 < number <= len(lines) else ""
