"""`berceau db pull`: read the tables that no component owns into a schema file of the host's own."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

_EPILOG = """\
Writes prisma/schema/database.prisma, and nothing that components own. Then name the models as you like (@@map keeps
the table's name), and run `berceau build`.

examples:
  berceau db pull
  berceau db pull --print     look first
  berceau db pull --force     overwrite files of your own that differ from the database
"""


def configure(pull: ArgumentParser) -> None:
    """Add the command's arguments."""
    pull.epilog = _EPILOG
    pull.add_argument("--print", action="store_true", help="print the files instead of writing them")
    pull.add_argument("--force", action="store_true", help="overwrite files of your own that differ")
    pull.add_argument("--json", action="store_true", help="print the result as JSON")


def run(arguments: Namespace) -> int:
    """Read the database; print or write."""
    import asyncio

    from berceau.cli.db.target import settings
    from berceau.cli.output import print_json
    from berceau.migrations.pull import pull, write

    config, target = settings()
    found = asyncio.run(pull(config, target))
    written = () if arguments.print else write(found, force=arguments.force)
    if found.warnings:
        print(f"warning: {found.warnings.strip()}", file=sys.stderr)
    if arguments.json:
        files = {path.relative_to(config.schema_dir).as_posix(): text for path, text in found.files.items()}
        print_json(database=str(target), files=files, written=[str(path) for path in written])
    elif arguments.print:
        for path, text in found.files.items():
            print(f"// {path.relative_to(config.root).as_posix()}\n\n{text}")
    else:
        for path in written:
            print(f"wrote {path.relative_to(config.root).as_posix()}")
        print("next: berceau build" if written else f"nothing to write: the schema has all tables of the {target}")
    return 0
