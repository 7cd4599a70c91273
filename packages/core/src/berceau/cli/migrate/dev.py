"""`berceau migrate dev`: write the migration that leads to the schema as it is now, and apply it."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from berceau.config import Config
    from berceau.migrations import Target


def configure(dev: ArgumentParser) -> None:
    """Add the command's arguments."""
    dev.add_argument("--name", metavar="NAME", help="what the migration does, as in add_posts; one is proposed")
    dev.add_argument("--create-only", action="store_true", help="write the migration, but do not apply it")
    dev.add_argument("--accept-data-loss", action="store_true", help="go on although the migration loses data")


def run(config: Config, target: Target, arguments: Namespace) -> int:
    """Build, then write and apply it."""
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
