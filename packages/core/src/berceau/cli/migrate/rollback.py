"""`berceau migrate rollback`: take applied migrations back."""

from __future__ import annotations

import asyncio
import sys
from argparse import ArgumentParser, Namespace
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from berceau.config import Config
    from berceau.migrations import Target
    from berceau.migrations.rollback import RollbackRequest, RolledBack

_EPILOG = """\
Runs down.sql of the newest migration, or of all after the one named with --to, each in a transaction, newest first.
They are pending then, for the official command line too: berceau migrate deploy applies them again. It asks first,
and lists what would be lost; in scripts say --force, and name each loss with --allow-drop.

examples:
  berceau migrate rollback                                    take back the newest
  berceau migrate rollback --to 20261120170442_init           take back all that came after it
  berceau migrate rollback --force --allow-drop Post.subtitle
"""


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.epilog = _EPILOG
    parser.add_argument("--to", metavar="NAME", help="the migration to go back to, which stays applied")
    parser.add_argument("--force", action="store_true", help="do not ask whether it is meant")
    parser.add_argument(
        "--allow-drop",
        metavar="NAME",
        action="append",
        default=[],
        help="this may be lost: Table, Table.column or Enum.value; may be repeated",
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(config: Config, target: Target, arguments: Namespace) -> int:
    """Ask, take them back, and say which."""
    from berceau.cli.output import nothing_done, print_json
    from berceau.migrations.rollback import RollbackRequest

    command = "berceau migrate rollback --json" if arguments.json else "berceau migrate rollback"
    request = RollbackRequest(arguments.to, tuple(arguments.allow_drop), confirmed=arguments.force, command=command)
    done = _rolled_back(config, target, request)
    if done is None:
        return nothing_done()
    if arguments.json:
        print_json(database=str(target), rolled_back=done.names, lost=[loss.name for loss in done.losses])
        return 0
    for name in done.names:
        print(f"took back {name}")
    print("berceau migrate deploy applies it again" if len(done.names) == 1 else "berceau migrate deploy applies them")
    return 0


def _rolled_back(config: Config, target: Target, request: RollbackRequest) -> RolledBack | None:
    from berceau.cli.output import says_yes
    from berceau.embedded import to_stderr
    from berceau.migrations import UndecidedError
    from berceau.migrations.rollback import rollback

    while True:
        try:
            return asyncio.run(rollback(config, target, request, to_stderr))
        except UndecidedError as question:
            if not sys.stdin.isatty():
                raise
            print(question.message, file=sys.stderr)
            losses = question.losses
        if not says_yes("Go on?"):
            return None
        names = (*request.allow_drop, *(loss.name for loss in losses))
        request = replace(request, allow_drop=names, confirmed=True)
