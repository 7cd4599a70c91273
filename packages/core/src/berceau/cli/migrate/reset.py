"""`berceau migrate reset`: drop all and apply all migrations anew."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from berceau.cli.migrate.counting import migrations

if TYPE_CHECKING:
    from berceau.config import Config
    from berceau.migrations import Target

_EPILOG = """\
examples:
  berceau migrate reset           asks first
  berceau migrate reset --force   in scripts

Refused when BERCEAU_ENV is production.
"""


def configure(reset: ArgumentParser) -> None:
    """Add the command's arguments."""
    reset.epilog = _EPILOG
    reset.add_argument("--force", action="store_true", help="do not ask")
    reset.add_argument("--json", action="store_true", help="print the result as JSON")


def run(config: Config, target: Target, arguments: Namespace) -> int:
    """Ask, then do it."""
    import asyncio

    from berceau.cli.output import confirmed, nothing_done, print_json
    from berceau.embedded import to_stderr
    from berceau.migrations import reset

    asked = arguments.force or target.production  # which is refused anyway
    if not asked and not confirmed(f"all data in the {target} would be lost", arguments):
        return nothing_done()
    done = asyncio.run(reset(config, target, to_stderr))
    if arguments.json:
        print_json(database=str(target), applied=done.applied)
        return 0
    for name in done.applied:
        print(f"applied {name}")
    print(f"the {target} is empty but for what {migrations(done.total)} made")
    return 0
