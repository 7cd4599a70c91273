"""`berceau migrate dev`: write the migration that leads to the schema as it is now, and apply it."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from berceau.config import Config
    from berceau.migrations import Developed, Target

_EPILOG = """\
What is lost (a table, a column, a value of an enum, a narrower type) is listed with the rows at stake, and asked about;
in scripts it is consented to by name. Beside migration.sql stand down.sql, the way back, and components.json.

examples:
  berceau migrate dev --name add_posts
  berceau migrate dev --rename Post.headline=title --rename Author=Writer
  berceau migrate dev --allow-drop Post.subtitle --allow-drop Status.HIDDEN
  berceau migrate dev --create-only          write it, and change it by hand before it is applied
"""


def configure(dev: ArgumentParser) -> None:
    """Add the command's arguments."""
    dev.epilog = _EPILOG
    dev.add_argument("--name", metavar="NAME", help="what the migration does, as in add_posts; one is proposed")
    dev.add_argument("--create-only", action="store_true", help="write the migration, but do not apply it")
    dev.add_argument(
        "--allow-drop",
        metavar="NAME",
        action="append",
        default=[],
        help="this may be lost: Table, Table.column or Enum.value; may be repeated",
    )
    dev.add_argument(
        "--rename",
        metavar="OLD=NEW",
        action="append",
        default=[],
        help="this gets another name: Table.old=new, Table=New, Enum.old=new or Enum=New; may be repeated",
    )
    dev.add_argument(
        "--trust",
        metavar="COMPONENT",
        action="append",
        default=[],
        help="upgrades of this component may touch tables of others; may be repeated",
    )
    dev.add_argument("--json", action="store_true", help="print the result as JSON")


def run(config: Config, target: Target, arguments: Namespace) -> int:
    """Plan, ask what is to be decided, then write and apply it."""
    from berceau.cli.migrate.asking import developed
    from berceau.cli.output import nothing_done, print_json
    from berceau.migrations import Request

    request = Request(
        name=arguments.name,
        create_only=arguments.create_only,
        allow_drop=tuple(arguments.allow_drop),
        rename=tuple(arguments.rename),
        trust=tuple(arguments.trust),
        command="berceau migrate dev --json" if arguments.json else "berceau migrate dev",
    )
    done = developed(config, target, request)
    if done is None:
        return nothing_done()
    for warning in done.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    if arguments.json:
        created = None if done.created is None else str(done.created.relative_to(config.root))
        print_json(
            database=str(target), pending=done.pending, created=created, applied=done.applied, warnings=done.warnings
        )
    else:
        _show(config, target, done)
    return 0


def _show(config: Config, target: Target, done: Developed) -> None:
    for name in done.pending:
        print(f"applied {name}")
    if done.created is None:
        print(f"nothing to migrate: the {target} agrees with the schema")
        return
    print(f"wrote {done.created.relative_to(config.root)}")
    if done.applied:
        print(f"applied {done.created.parent.name}")
    else:
        print("not applied; look at it, change it, and apply it: berceau migrate dev")
