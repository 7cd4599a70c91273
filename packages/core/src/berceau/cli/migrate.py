"""`berceau migrate`: create, apply and inspect migrations."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from berceau.config import Config
    from berceau.migrations import Status, Target

_EPILOG = """\
The database is that of MIGRATION_DATABASE_URL, or else of DATABASE_URL; in development, if neither is set, the
embedded PostgreSQL. The files in prisma/migrations are Prisma's own.

examples:
  berceau migrate dev --name add_posts    after a change of the schema
  berceau migrate status                  what is applied, what is pending; exits with 1 if something is to be done
  berceau migrate deploy                  in production and CI
"""


def configure(parser: ArgumentParser) -> None:
    """Add the subcommands."""
    parser.epilog = _EPILOG
    commands = parser.add_subparsers(dest="action", metavar="COMMAND", required=True, title="commands")

    def add(name: str, text: str) -> ArgumentParser:
        description = text[0].upper() + text[1:] + "."
        return commands.add_parser(
            name, help=text, description=description, formatter_class=RawDescriptionHelpFormatter, allow_abbrev=False
        )

    dev = add("dev", "build, write the migration that leads to the schema as it is now, and apply it")
    dev.add_argument("--name", metavar="NAME", help="what the migration does, as in add_posts; one is proposed")
    dev.add_argument("--create-only", action="store_true", help="write the migration, but do not apply it")
    dev.add_argument("--accept-data-loss", action="store_true", help="go on although the migration loses data")
    add("deploy", "apply the pending migrations; parallel deploys wait for each other")
    status = add("status", "show what is applied, pending, failed, edited or drifted")
    status.add_argument("--json", action="store_true", help="print the result as JSON")
    resolve = add("resolve", "record what became of a migration that failed, or was applied by other means")
    became = resolve.add_mutually_exclusive_group(required=True)
    became.add_argument("--applied", metavar="NAME", help="it is in the database now, whoever has put it there")
    became.add_argument("--rolled-back", metavar="NAME", help="nothing of it is in the database; apply it again")
    reset = add("reset", "drop all that is in the development database, with all data, and apply all migrations anew")
    reset.add_argument("--force", action="store_true", help="do not ask")


def run(arguments: Namespace) -> int:
    """Do one of them, on the database that the environment names."""
    from berceau.config import load_config, load_environment

    config = load_config()
    environment = load_environment(config)
    if arguments.action == "dev":
        _build(config)
    from berceau.embedded import to_stderr
    from berceau.migrations import find_target

    target = find_target(config, environment, to_stderr)
    actions = {"dev": _dev, "deploy": _deploy, "status": _status, "resolve": _resolve, "reset": _reset}
    return actions[arguments.action](config, target, arguments)


def _build(config: Config) -> None:
    from berceau.build import build
    from berceau.cli.progress import shown_progress

    with shown_progress() as progress:
        result = build(config, progress=progress)
    for warning in result.warnings:
        print(f"warning: {warning}", file=sys.stderr)


def _dev(config: Config, target: Target, arguments: Namespace) -> int:
    import asyncio

    from berceau.embedded import to_stderr
    from berceau.migrations import Request, develop

    request = Request(arguments.name, arguments.create_only, arguments.accept_data_loss)
    done = asyncio.run(develop(config, target, request, to_stderr))
    for name in done.pending:
        print(f"applied {name}")
    for warning in done.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    if done.created is None:
        print(f"nothing to migrate: the {target} agrees with the schema")
        return 0
    print(f"wrote {done.created.relative_to(config.root)}")
    if done.applied:
        print(f"applied {done.created.parent.name}")
    else:
        print("not applied; look at it, change it, and apply it: berceau migrate dev")
    return 0


def _deploy(config: Config, target: Target, arguments: Namespace) -> int:
    import asyncio

    from berceau.embedded import to_stderr
    from berceau.migrations import deploy

    done = asyncio.run(deploy(config, target, to_stderr))
    for name in done.applied:
        print(f"applied {name}")
    if not done.applied:
        print(f"nothing to apply: the {target} is up to date, with {_migrations(done.total)}")
    return 0


def _status(config: Config, target: Target, arguments: Namespace) -> int:
    import asyncio

    from berceau.migrations import status

    found = asyncio.run(status(config, target))
    if arguments.json:
        import json
        from dataclasses import asdict

        print(json.dumps({**asdict(found), "in_order": found.in_order}, indent=2))
    else:
        print("\n".join(_lines(found)))
    return 0 if found.in_order else 1


def _resolve(config: Config, target: Target, arguments: Namespace) -> int:
    import asyncio

    from berceau.embedded import to_stderr
    from berceau.migrations import resolve

    name, applied = arguments.applied or arguments.rolled_back, arguments.applied is not None
    asyncio.run(resolve(config, target, name, applied=applied, say=to_stderr))
    print(f"{name} is recorded as {'applied' if applied else 'rolled back; berceau migrate deploy applies it again'}")
    return 0


def _reset(config: Config, target: Target, arguments: Namespace) -> int:
    import asyncio

    from berceau.embedded import to_stderr
    from berceau.errors import MigrationStateError
    from berceau.migrations import reset

    if not arguments.force and not target.production:
        if not sys.stdin.isatty():
            raise MigrationStateError(
                f"all data in the {target} would be lost, and nobody is there to ask", hint="If that is meant: --force"
            )
        if input(f"All data in the {target} will be lost. Type yes to go on: ").strip() != "yes":
            print("nothing was done")
            return 1
    done = asyncio.run(reset(config, target, to_stderr))
    for name in done.applied:
        print(f"applied {name}")
    print(f"the {target} is empty but for what {_migrations(done.total)} made")
    return 0


def _lines(found: Status) -> list[str]:
    """The status for people, and what to do."""
    begun = (*found.applying, *(failed.name for failed in found.failed))
    lines = [f"{found.database}: {_migrations(len({*found.applied, *found.pending, *begun}))}"]
    lines += [f"  applied  {name}" for name in found.applied]
    lines += [f"  running  {name}, by another process" for name in found.applying]
    for failed in found.failed:
        lines += [f"  failed   {failed.name}, at {failed.started_at}", f"           {failed.message}"]
    lines += [f"  edited   {name}, after it was applied" for name in found.edited]
    lines += [f"  missing  {name}, which is applied, but not in the folder" for name in found.missing]
    lines += [f"  pending  {name}" for name in found.pending]
    if found.drift:
        lines += ["  the database has been changed otherwise than by migrations:", _deeper(found.drift)]
    if found.unmigrated:
        lines += ["  the schema has changes that no migration has:", _deeper(found.unmigrated)]
    return [*lines, *_advice(found)]


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


def _migrations(count: int) -> str:
    return "1 migration" if count == 1 else f"{count} migrations"
