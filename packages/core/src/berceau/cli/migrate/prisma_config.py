"""`berceau migrate prisma-config`: what the official command line needs to work on the folder."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from berceau.config import Config
    from berceau.migrations import Target

_EPILOG = """\
Written beside pyproject.toml; one that you have changed is left alone.

examples:
  berceau migrate prisma-config
  npx prisma migrate status       with the packages that the file's first lines name
"""


def configure(command: ArgumentParser) -> None:
    """Add the command's arguments."""
    command.epilog = _EPILOG
    command.add_argument("--json", action="store_true", help="print the result as JSON")


def run(config: Config, target: Target | None, arguments: Namespace) -> int:
    """Write it."""
    from berceau.cli.output import print_json
    from berceau.prisma_config import write_prisma_config

    written = write_prisma_config(config)
    if arguments.json:
        print_json(path=str(written.path), changed=written.changed)
    else:
        print(f"{'wrote' if written.changed else 'unchanged:'} {written.path.name}")
    return 0
