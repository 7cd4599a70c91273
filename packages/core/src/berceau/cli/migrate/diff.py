"""`berceau migrate diff`: how to get from one state of a schema to another."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from berceau.config import Config
    from berceau.migrations import Target

_EPILOG = """\
A state is `empty`, `schema` (of what is installed), `migrations` (those in the folder, played through on a shadow
database), `database`, the path of a schema or of a folder of migrations, or postgresql://….

examples:
  berceau migrate diff --from database --to schema
  berceau migrate diff --from empty --to schema --script > schema.sql
  berceau migrate diff --from migrations --to schema --exit-code    0: equal, 2: they differ (1 is an error)
"""


def configure(diff: ArgumentParser) -> None:
    """Add the command's arguments."""
    diff.epilog = _EPILOG
    diff.add_argument("--from", dest="start", metavar="STATE", required=True, help="where to begin")
    diff.add_argument("--to", dest="end", metavar="STATE", required=True, help="where to get")
    diff.add_argument("--script", action="store_true", help="as SQL instead of a summary")
    diff.add_argument("--exit-code", action="store_true", help="exit with 2 if they differ")
    diff.add_argument("--json", action="store_true", help="print the result as JSON")


def run(config: Config, target: Target, arguments: Namespace) -> int:
    """Compare, and print."""
    import asyncio

    from berceau.cli.output import print_json
    from berceau.embedded import to_stderr
    from berceau.migrations.differences import difference

    found = asyncio.run(
        difference(config, target, arguments.start, arguments.end, script=arguments.script, say=to_stderr)
    )
    if arguments.json:
        key = "script" if arguments.script else "summary"
        print_json(**{"from": arguments.start, "to": arguments.end, "empty": found.empty, key: found.text})
    elif found.empty:
        print("there is no difference", file=sys.stderr)
    else:
        print(found.text.strip("\n"))
    return 2 if arguments.exit_code and not found.empty else 0
