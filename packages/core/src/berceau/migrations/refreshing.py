"""Ways back of migrations that were changed by hand after they were written: made anew when they are applied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import asyncpg

from berceau.migrations.generated import repaired_for
from berceau.migrations.losses import Comparison, destructive_steps
from berceau.migrations.ownership import ModelNames, Owners
from berceau.migrations.scripts import said
from berceau.migrations.session import Session
from berceau.migrations.trial import trial
from berceau.migrations.way_back import DOWN, WayBack, digest, made_for, there_and_back, way_back
from berceau_engine.migrate import Migration, MigrationList


async def refresh_ways_back(session: Session, applied: Sequence[str]) -> tuple[str, ...]:
    """Make `down.sql` anew for those of the applied migrations whose script it was not made for; what is wrong then.

    A `down.sql` of the user's own making is left alone, and a migration without one stays without.
    """
    warnings = []
    for number, migration in enumerate(session.migrations.migrations):
        file = session.migrations.folder / migration.name / DOWN
        made = made_for(file) if migration.name in applied else None
        if made is None or made == digest(migration.sql or ""):
            continue
        history = replace(session.migrations, migrations=session.migrations.migrations[:number])
        back, lost = await _way_back(session, history, migration)
        file.write_text(back.text(migration.sql or "", lost), encoding="utf-8", newline="\n")
        warnings += [f"the way back of {migration.name} is not whole: {back.problem}"] if back.problem else []
    return tuple(warnings)


async def _way_back(session: Session, history: MigrationList, migration: Migration) -> tuple[WayBack, list[str]]:
    """The way back, and what it cannot restore."""
    script = migration.sql or ""
    first, start, generated, last = await way_back(session.engine, history, script, (), session.schema)
    try:
        down = first + await repaired_for(session, session.schema, generated, start) + last
        async with trial(session) as shadow:
            before = await shadow.play(history)
            after = await shadow.run(script)
            comparison = Comparison(before, after, Owners({}, {}), ModelNames({}, {}))
            lost = list(map(str, destructive_steps(comparison)))
            return await there_and_back(shadow, before, after, script, WayBack(down)), lost
    except asyncpg.PostgresError as error:  # several transactions, or a statement that stands alone
        return WayBack(generated, f"it was not tried: {said(error)}"), []
