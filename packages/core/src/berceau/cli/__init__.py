"""The `berceau` command: a table of commands, of which only the chosen one's module is imported."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import NamedTuple, NoReturn


class Command(NamedTuple):
    """Where a command lives, and what it does in one line.

    The module has `configure(parser: ArgumentParser) -> None`, which adds arguments, description and examples, and
    `run(arguments: Namespace) -> int`, which returns the exit code.
    """

    module: str
    help: str


COMMANDS: dict[str, Command] = {
    "new": Command("berceau.cli.new", "write a complete package to begin with: a component or a host"),
    "components": Command("berceau.cli.components", "list the installed components and the state of each"),
    "build": Command("berceau.cli.build", "compose the schemas of all components and generate the client"),
    "migrate": Command("berceau.cli.migrate", "create, apply and inspect migrations"),
    "remove": Command("berceau.cli.remove", "remove a component that is no longer installed, with or without its data"),
    "db": Command("berceau.cli.db", "the embedded PostgreSQL; push, pull, execute; the roles of a database"),
    "dev": Command("berceau.cli.dev", "serve with reload, on an embedded PostgreSQL if no address is set"),
}

DONE = 0
PROBLEM = 1
INTERRUPTED = 130

_DESCRIPTION = """\
Database models as installable packages: compose their schemas, build one typed client, migrate, serve."""
_EPILOG = """\
examples:
  berceau components          what is installed, and whether it can be composed
  berceau build               write prisma/schema and the client
  berceau build --check       change nothing; exit with 1 if anything would change
  berceau COMMAND --help      all about one command

exit codes: 0 done, 1 something is for you to put right (see stderr), 2 wrong usage
"""


class _Version(argparse.Action):
    """Prints the version and exits; it is looked up only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from importlib.metadata import version

        print(f"berceau {version('berceau')}")
        parser.exit()


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 the user must do something, 2 wrong usage."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        arguments = _parser(_chosen(words)).parse_args(words, argparse.Namespace(words=tuple(words)))
        status: int = import_module(COMMANDS[arguments.command].module).run(arguments)
        sys.stdout.flush()
    except SystemExit as stop:  # argparse has printed help (0) or what is wrong with the usage (2)
        return stop.code if isinstance(stop.code, int) else PROBLEM
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # the reader (`| head`) has seen enough; keep the interpreter's own flush quiet too
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PROBLEM
    except Exception as error:
        if not _is_for_the_user(error):
            raise
        _print_error(error)
        return PROBLEM
    return status


def _chosen(words: Sequence[str]) -> str | None:
    """The first word that is no option: the top level has no option that takes a value."""
    return next((word for word in words if not word.startswith("-")), None)


def _parser(chosen: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="berceau",
        usage="berceau [-h] [--version] COMMAND ...",
        description=_DESCRIPTION + "\n\ncommands:\n" + "\n".join(_listed(COMMANDS)),
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", prog="berceau", required=True, help=argparse.SUPPRESS
    )
    for name, command in COMMANDS.items():
        subparser = commands.add_parser(
            name,
            description=command.help[0].upper() + command.help[1:] + ".",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        if name == chosen:
            import_module(command.module).configure(subparser)
    return parser


def _listed(commands: Mapping[str, Command]) -> Iterator[str]:
    width = max(map(len, commands))
    return (f"  {name.ljust(width)}  {command.help}" for name, command in commands.items())


def _print_error(error: Exception) -> None:
    from berceau.errors import Problems

    for problem in error.problems if isinstance(error, Problems) else (error,):
        print(f"error: {problem}", file=sys.stderr)


def _is_for_the_user(error: Exception) -> bool:
    """Whether the message alone helps; anything else is our mistake and keeps its traceback."""
    from berceau.errors import BerceauError
    from berceau_engine.errors import PrismaError

    return isinstance(error, (BerceauError, PrismaError))
