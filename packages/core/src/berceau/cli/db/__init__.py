"""`berceau db`: the embedded PostgreSQL by hand, and work on a database without migrations."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from importlib import import_module

_EPILOG = """\
examples:
  berceau db start            start the embedded PostgreSQL, or say that it runs
  psql "$(berceau db url)"    its address, and nothing else, on stdout
  berceau db push             try a schema out, without a migration
  berceau db setup postgresql://postgres@host/shop    the roles and the database of a new host
"""

_COMMANDS = {
    "start": ("server", "start the embedded PostgreSQL, or use it if it runs"),
    "stop": ("server", "stop it; the data stays"),
    "url": ("server", "print the address of the project's database on it"),
    "push": ("push", "build, and bring a development database to the schema without a migration"),
    "pull": ("pull", "read the tables that no component owns into a schema file of your own"),
    "execute": ("execute", "run a script of SQL"),
    "setup": ("setup", "make the database, and the roles that migrate it and run on it"),
}
"""Module of this package, with `configure(parser)` and `run(arguments)`, and what the command does."""


def configure(parser: ArgumentParser) -> None:
    """Add the subcommands."""
    parser.epilog = _EPILOG
    commands = parser.add_subparsers(dest="action", metavar="COMMAND", required=True, title="commands")
    for name, (module, text) in _COMMANDS.items():
        command = commands.add_parser(
            name,
            help=text,
            description=text[0].upper() + text[1:] + ".",
            formatter_class=RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        import_module(f"{__name__}.{module}").configure(command)


def run(arguments: Namespace) -> int:
    """Do one of them for the project around the working folder."""
    status: int = import_module(f"{__name__}.{_COMMANDS[arguments.action][0]}").run(arguments)
    return status
