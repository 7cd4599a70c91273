"""`berceau db execute`: run a script of SQL."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

_EPILOG = """\
The script runs as one transaction, unless it has transactions of its own. Rows are not printed.

examples:
  berceau db execute --file fix.sql
  echo 'DELETE FROM "Session"' | berceau db execute --stdin
"""


def configure(execute: ArgumentParser) -> None:
    """Add the command's arguments."""
    execute.epilog = _EPILOG
    source = execute.add_mutually_exclusive_group(required=True)
    source.add_argument("--file", metavar="PATH", type=Path, help="the script")
    source.add_argument("--stdin", action="store_true", help="read the script from standard input")
    execute.add_argument("--json", action="store_true", help="print the result as JSON")


def run(arguments: Namespace) -> int:
    """Run it, and say how much was run."""
    import asyncio

    from berceau.cli.db.target import settings
    from berceau.cli.output import print_json
    from berceau.migrations.execute import execute, read_script

    script = sys.stdin.read() if arguments.stdin else read_script(arguments.file)
    _, target = settings()
    done = asyncio.run(execute(target, script, arguments.file))
    if arguments.json:
        print_json(database=str(target), statements=done.statements)
    else:
        print(f"ran {done.statements} {'statement' if done.statements == 1 else 'statements'} on the {target}")
    return 0
