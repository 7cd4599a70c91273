"""`berceau migrate deploy`: apply what is pending."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from berceau.cli.migrate.counting import migrations

if TYPE_CHECKING:
    from berceau.config import Config
    from berceau.migrations import Target

_EPILOG = """\
Each migration and its record are one transaction: whoever is interrupted leaves it applied, or not begun. Parallel
deploys wait for each other, and for the official command line.

examples:
  BERCEAU_ENV=production MIGRATION_DATABASE_URL=postgresql://… berceau migrate deploy
  berceau migrate deploy --json
"""


def configure(deploy: ArgumentParser) -> None:
    """Add the command's arguments."""
    deploy.epilog = _EPILOG
    deploy.add_argument("--json", action="store_true", help="print the result as JSON")


def run(config: Config, target: Target, arguments: Namespace) -> int:
    """Apply them, and say which."""
    import asyncio

    from berceau.cli.output import print_json
    from berceau.embedded import to_stderr
    from berceau.migrations import deploy

    done = asyncio.run(deploy(config, target, to_stderr))
    for name in done.edited:
        print(f"warning: {name} was edited after it was applied; the change is not applied", file=sys.stderr)
    for name in done.missing:
        print(f"warning: {name} is applied, but not in {config.migrations_dir}", file=sys.stderr)
    if done.edited or done.missing:
        print("  Get the files back from version control; put changes into a new migration.", file=sys.stderr)
    if arguments.json:
        print_json(database=str(target), applied=done.applied, edited=done.edited, missing=done.missing)
        return 0
    for name in done.applied:
        print(f"applied {name}")
    if not done.applied:
        print(f"nothing to apply: the {target} is up to date, with {migrations(done.total)}")
    return 0
