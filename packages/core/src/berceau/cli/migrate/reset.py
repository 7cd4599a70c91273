"""`berceau migrate reset`: drop all and apply all migrations anew."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from berceau.cli.migrate.counting import migrations

if TYPE_CHECKING:
    from berceau.config import Config
    from berceau.migrations import Target


def configure(reset: ArgumentParser) -> None:
    """Add the command's arguments."""
    reset.add_argument("--force", action="store_true", help="do not ask")


def run(config: Config, target: Target, arguments: Namespace) -> int:
    """Ask, then do it."""
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
    print(f"the {target} is empty but for what {migrations(done.total)} made")
    return 0
