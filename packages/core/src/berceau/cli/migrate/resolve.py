"""`berceau migrate resolve`: record what became of a migration."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from berceau.config import Config
    from berceau.migrations import Target

_EPILOG = """\
examples:
  berceau migrate resolve --rolled-back 20261121090000_extra   after putting the cause right; then deploy again
  berceau migrate resolve --applied 20261120170442_init        the database has its tables already
"""


def configure(resolve: ArgumentParser) -> None:
    """Add the command's arguments."""
    resolve.epilog = _EPILOG
    became = resolve.add_mutually_exclusive_group(required=True)
    became.add_argument("--applied", metavar="NAME", help="it is in the database now, whoever has put it there")
    became.add_argument("--rolled-back", metavar="NAME", help="nothing of it is in the database; apply it again")
    resolve.add_argument("--json", action="store_true", help="print the result as JSON")


def run(config: Config, target: Target, arguments: Namespace) -> int:
    """Record it."""
    import asyncio

    from berceau.cli.output import print_json
    from berceau.embedded import to_stderr
    from berceau.migrations import resolve

    name, applied = arguments.applied or arguments.rolled_back, arguments.applied is not None
    asyncio.run(resolve(config, target, name, applied=applied, say=to_stderr))
    if arguments.json:
        print_json(database=str(target), migration=name, recorded="applied" if applied else "rolled back")
    else:
        became = "applied" if applied else "rolled back; berceau migrate deploy applies it again"
        print(f"{name} is recorded as {became}")
    return 0
