"""`berceau migrate deploy`: apply what is pending, and nothing else. Needs no schema engine, so it starts at once."""

from __future__ import annotations

from dataclasses import dataclass

from berceau.config import Config
from berceau.migrations.apply import apply_pending
from berceau.migrations.files import read_migrations
from berceau.migrations.history import compare
from berceau.migrations.record import open_record
from berceau.migrations.session import locked
from berceau.migrations.target import Say, Target


@dataclass(frozen=True)
class Deployed:
    """What a deploy did.

    Attributes:
        applied: names of the migrations that were applied now, in order.
        total: number of migrations of the host.
        edited: names of migrations whose script was changed after being applied; they were left as they are.
        missing: names of migrations that are applied, but not in the folder.
    """

    applied: tuple[str, ...]
    total: int
    edited: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


async def deploy(config: Config, target: Target, say: Say) -> Deployed:
    """Apply the pending migrations; while another deploy is at work, wait for it.

    Raises ConfigurationError: the database cannot be reached. MigrationStateError: a migration fails or has failed.
    """
    async with locked(target, say) as connection:
        migrations = read_migrations(config)
        applied = await apply_pending(connection, migrations, say)
        history = compare(migrations, await (await open_record(connection)).rows())
        return Deployed(applied, len(migrations.migrations), history.edited, history.missing)
