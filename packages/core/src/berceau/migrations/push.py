"""`berceau db push`: bring a development database to the schema without a migration, for prototypes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from berceau.errors import MigrationStateError
from berceau.migrations.session import Session, writing

if TYPE_CHECKING:
    from berceau.config import Config
    from berceau.migrations.target import Say, Target

_DROP = re.compile(r"""\bDROP (TABLE|COLUMN) ((?:"[^"]+"\.)?"[^"]+")""")


@dataclass(frozen=True)
class Pushed:
    """What a push did.

    Attributes:
        steps: the number of changes; none: database and schema agreed.
        lost: what data it has lost, a sentence for each step.
    """

    steps: int
    lost: tuple[str, ...]


async def push(
    config: Config, target: Target, say: Say, *, accept_data_loss: bool = False, force_reset: bool = False
) -> Pushed:
    """Change the database to what the schema says, as the last build wrote it; with `force_reset` empty it first.

    Raises MigrationStateError: the database is one of production, data would be lost, or the data do not allow it;
    nothing has been changed then.
    """
    refuse_in_production(target)
    async with writing(config, target, say) as session:
        if force_reset:
            await session.engine.reset()
        dropped = () if accept_data_loss else await _dropped(session)
        if dropped:
            raise _would_lose(dropped)
        done = await session.engine.schema_push(session.schema, force=accept_data_loss)
    if done.unexecutable:
        raise MigrationStateError(
            f"the data do not allow the change; nothing has been changed:\n{_listed(done.unexecutable)}",
            hint="Change the schema (a default, or optional first) or the data; or, if all data in the database may"
            " go: berceau db push --force-reset",
        )
    if done.warnings and not accept_data_loss:
        raise _would_lose(done.warnings)
    return Pushed(done.executed_steps, done.warnings)


def refuse_in_production(target: Target) -> None:
    """Raise MigrationStateError for a database of production."""
    if target.production:
        raise MigrationStateError(
            "a schema is not pushed in production (BERCEAU_ENV is `production`)",
            hint="Write migrations in development; here apply them: berceau migrate deploy",
        )


async def _dropped(session: Session) -> tuple[str, ...]:
    """The tables and columns that would be dropped; the engine itself warns only of those with data in them."""
    from berceau_engine.migrate import Database, SchemaFiles

    script = (await session.engine.diff(Database(), SchemaFiles(session.schema))).text
    return tuple(f"{what.lower()} {name} would be dropped" for what, name in _DROP.findall(script))


def _would_lose(losses: tuple[str, ...]) -> MigrationStateError:
    return MigrationStateError(
        f"data would be lost; nothing has been changed:\n{_listed(losses)}",
        hint="If that is meant: berceau db push --accept-data-loss",
    )


def _listed(messages: tuple[str, ...]) -> str:
    return "\n".join(f"  - {message}" for message in messages)
