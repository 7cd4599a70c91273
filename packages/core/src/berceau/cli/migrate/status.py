"""`berceau migrate status`: show what is applied, pending, failed, edited or drifted."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from berceau.cli.migrate.counting import migrations

if TYPE_CHECKING:
    from berceau.config import Config
    from berceau.migrations import Status, Target


def configure(status: ArgumentParser) -> None:
    """Add the command's arguments."""
    status.add_argument("--json", action="store_true", help="print the result as JSON")


def run(config: Config, target: Target, arguments: Namespace) -> int:
    """Show it; 1 if something is to be done."""
    import asyncio

    from berceau.migrations import status

    found = asyncio.run(status(config, target))
    upgrades = {name: _upgrades(config, name) for name in (*found.applied, *found.pending)}
    if arguments.json:
        import json
        from dataclasses import asdict

        print(
            json.dumps(
                {
                    **asdict(found),
                    "upgrades": {name: lines for name, lines in upgrades.items() if lines},
                    "in_order": found.in_order,
                },
                indent=2,
            )
        )
    else:
        print("\n".join(_lines(found, upgrades)))
    return 0 if found.in_order else 1


def _lines(found: Status, upgrades: dict[str, list[str]]) -> list[str]:
    """The status for people, and what to do."""
    begun = (*found.applying, *(failed.name for failed in found.failed))
    lines = [f"{found.database}: {migrations(len({*found.applied, *found.pending, *begun}))}"]
    lines += [_with_upgrades(f"  applied  {name}", upgrades[name]) for name in found.applied]
    lines += [f"  running  {name}, by another process" for name in found.applying]
    for failed in found.failed:
        lines += [f"  failed   {failed.name}, at {failed.started_at}", f"           {failed.message}"]
    lines += [f"  edited   {name}, after it was applied" for name in found.edited]
    lines += [f"  missing  {name}, which is applied, but not in the folder" for name in found.missing]
    lines += [_with_upgrades(f"  pending  {name}", upgrades[name]) for name in found.pending]
    if found.drift:
        lines += ["  the database has been changed otherwise than by migrations:", _deeper(found.drift)]
    if found.unmigrated:
        lines += ["  the schema has changes that no migration has:", _deeper(found.unmigrated)]
    return [*lines, *_advice(found)]


def _upgrades(config: Config, name: str) -> list[str]:
    """The components that a migration takes to another version, as in `demo 0.1.0 → 0.2.0`."""
    from berceau.migrations.provenance import changes_of

    changes = changes_of(config.migrations_dir / name) or ()
    return [str(one) for one in changes if one.before and one.after and one.before.version != one.after.version]


def _with_upgrades(line: str, upgrades: list[str]) -> str:
    return f"{line} ({', '.join(upgrades)})" if upgrades else line


def _advice(found: Status) -> list[str]:
    if found.applying:
        return ["Wait for the other process."]
    if found.failed:
        name = found.failed[-1].name
        return [f"Put the cause right, then: berceau migrate resolve --rolled-back {name}"]
    if found.edited or found.missing:
        return ["Get the files back from version control."]
    if found.drift and found.unmanaged:
        first = found.pending[0] if found.pending else "NAME"
        return [f"If these are the tables of a migration, say so: berceau migrate resolve --applied {first}"]
    if found.drift:
        return ["Undo these changes, or put them into the schema and into a migration."]
    if found.pending:
        return ["Apply what is pending: berceau migrate deploy"]
    if found.unmigrated:
        return ["Write the migration: berceau migrate dev --name NAME"]
    return ["Nothing is to be done."]


def _deeper(text: str) -> str:
    return "\n".join("  " + line for line in text.splitlines())
