"""`berceau migrate deploy`: apply what is pending, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from berceau.config import Config
from berceau.migrations.apply import apply_pending
from berceau.migrations.session import writing
from berceau.migrations.target import Say, Target


@dataclass(frozen=True)
class Deployed:
    """What a deploy did.

    Attributes:
        applied: names of the migrations that were applied now, in order.
        total: number of migrations of the host.
    """

    applied: tuple[str, ...]
    total: int


async def deploy(config: Config, target: Target, say: Say) -> Deployed:
    """Apply the pending migrations; while another deploy is at work, wait for it.

    Raises ConfigurationError: the database cannot be reached. MigrationStateError: a migration fails or has failed.
    """
    async with writing(config, target, say) as session:
        applied = await apply_pending(session.engine, session.connection, session.migrations, say)
        return Deployed(applied, len(session.migrations.migrations))
