"""`berceau migrate`: create, apply and inspect migrations."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from importlib import import_module
from typing import Any

_EPILOG = """\
The database is that of MIGRATION_DATABASE_URL, or else of DATABASE_URL; in development, if neither is set, the
embedded PostgreSQL. The files in prisma/migrations are Prisma's own.

examples:
  berceau migrate dev --name add_posts    after a change of the schema
  berceau migrate status                  what is applied, what is pending; exits with 1 if something is to be done
  berceau migrate deploy                  in production and CI
"""

_COMMANDS = {
    "dev": "build, write the migration that leads to the schema as it is now, and apply it",
    "deploy": "apply the pending migrations; parallel deploys wait for each other",
    "status": "show what is applied, pending, failed, edited or drifted",
    "resolve": "record what became of a migration that failed, or was applied by other means",
    "rollback": "take the newest migration back, or all after one, by their down.sql",
    "reset": "drop all that is in the development database, with all data, and apply all migrations anew",
    "diff": "show how to get from one state to another: empty, schema, migrations, database",
    "prisma-config": "write prisma.config.ts, for the official command line",
}
"""Each is a module of this package, with `configure(parser)` and `run(config, target, arguments)`."""
_WITHOUT_DATABASE = ("prisma-config",)


def configure(parser: ArgumentParser) -> None:
    """Add the subcommands."""
    parser.epilog = _EPILOG
    commands = parser.add_subparsers(dest="action", metavar="COMMAND", required=True, title="commands")
    for name, text in _COMMANDS.items():
        command = commands.add_parser(
            name,
            help=text,
            description=text[0].upper() + text[1:] + ".",
            formatter_class=RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        _module(name).configure(command)


def run(arguments: Namespace) -> int:
    """Do one of them, on the database that the environment names."""
    from berceau.config import load_config, load_environment

    config = load_config()
    environment = load_environment(config)
    if arguments.action == "dev":
        from berceau.cli.building import build_first

        build_first(config)
    target = None
    if arguments.action not in _WITHOUT_DATABASE:
        from berceau.embedded import to_stderr
        from berceau.migrations import find_target

        target = find_target(config, environment, to_stderr)
    status: int = _module(arguments.action).run(config, target, arguments)
    return status


def _module(command: str) -> Any:
    return import_module(f"{__name__}.{command.replace('-', '_')}")
