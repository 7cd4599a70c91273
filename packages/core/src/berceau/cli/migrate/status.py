"""`berceau migrate status`: show what is applied, pending, failed, edited or drifted."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from berceau.cli.migrate.counting import migrations

if TYPE_CHECKING:
    from berceau.config import Config
    from berceau.migrations import Status, Target

_EPILOG = """\
Changes nothing. Exits with 1 if something is to be done.

examples:
  berceau migrate status
  berceau migrate status --json | jq .pending
"""


def configure(status: ArgumentParser) -> None:
    """Add the command's arguments."""
    status.epilog = _EPILOG
    status.add_argument("--json", action="store_true", help="print the result as JSON")


def run(config: Config, target: Target, arguments: Namespace) -> int:
    """Show it; 1 if something is to be done."""
    import asyncio

    from berceau.embedded import to_stderr
    from berceau.migrations import status

    found = asyncio.run(status(config, target, to_stderr))
    if arguments.json:
        from dataclasses import asdict

        from berceau.cli.output import print_json

        print_json(**asdict(found), in_order=found.in_order)
    else:
        print("\n".join(_lines(found)))
    return 0 if found.in_order else 1


def _lines(found: Status) -> list[str]:
    """The status for people, and what to do."""
    begun = (*found.applying, *(failed.name for failed in found.failed))
    lines = [f"{found.database}: {migrations(len({*found.applied, *found.pending, *begun}))}"]
    lines += [f"  applied  {_named(name, found)}" for name in found.applied]
    lines += [f"  running  {_named(name, found)}, by another process" for name in found.applying]
    for failed in found.failed:
        if failed.interrupted:
            lines += [f"  interrupted  {_named(failed.name, found)}, begun at {failed.started_at}"]
        else:
            said = failed.message.replace("\n", "\n           ")
            lines += [f"  failed   {_named(failed.name, found)}, at {failed.started_at}", f"           {said}"]
    lines += [f"  edited   {name}, after it was applied" for name in found.edited]
    lines += [f"  missing  {name}, which is applied, but not in the folder" for name in found.missing]
    lines += [f"  pending  {_named(name, found)}" for name in found.pending]
    if found.drift:
        lines += ["  the database has been changed otherwise than by migrations:", _deeper(found.drift)]
    if found.unmigrated:
        lines += ["  the schema has changes that no migration has:", _deeper(found.unmigrated)]
    lines += [f"  not built yet: {change}" for change in found.unbuilt]
    if found.unchecked:
        lines += [f"  not checked: {found.unchecked}"]
    return [*lines, *_advice(found)]


def _named(name: str, found: Status) -> str:
    """A migration, with what it does to components."""
    told = ", ".join(found.components.get(name, ()))
    return f"{name} ({told})" if told else name


def _advice(found: Status) -> list[str]:
    if found.applying:
        return ["Wait for the other process."]
    if found.failed:
        last = found.failed[-1]
        if last.interrupted:
            return ["What to do with it: berceau migrate deploy tells"]
        return [f"Put the cause right, then: berceau migrate resolve --rolled-back {last.name}"]
    if found.edited or found.missing:
        return ["Get the files back from version control."]
    if found.drift and found.unmanaged:
        if not found.pending:
            return ["How to take these tables over: berceau migrate deploy tells"]
        return [f"If these are the tables of a migration, say so: berceau migrate resolve --applied {found.pending[0]}"]
    if found.drift:
        return ["Undo these changes, or put them into the schema and into a migration."]
    if found.pending:
        return ["Apply what is pending: berceau migrate deploy"]
    if found.unmigrated:
        return ["Write the migration: berceau migrate dev --name NAME"]
    if found.unbuilt:
        return ["Build the client: berceau build"]
    if found.unchecked:
        return ["Everything else is in order."]
    return ["Nothing is to be done."]


def _deeper(text: str) -> str:
    return "\n".join("  " + line for line in text.splitlines())
