"""`berceau remove`: what becomes of the tables of a component that is no longer installed."""

from __future__ import annotations

import asyncio
import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from berceau.config import Config
    from berceau.migrations.removal import Stake

_EPILOG = """\
A component that was uninstalled or disabled leaves its tables behind, and build and migrate dev stop until it is said
what becomes of them. Kept, its models become a schema file of the host's own. Dropped, they go with a migration, after
the tables and their rows have been listed and the question has been answered with yes.

examples:
  berceau remove demo --keep-data
  berceau remove demo --drop-data
  berceau remove demo shop --drop-data --force     two at once, in a script
"""


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.epilog = _EPILOG
    parser.add_argument("names", nargs="+", metavar="NAME", help="a component that is not installed any more")
    data = parser.add_mutually_exclusive_group(required=True)
    data.add_argument("--keep-data", action="store_true", help="its models become the host's own")
    data.add_argument("--drop-data", action="store_true", help="a migration drops its tables, and is applied")
    parser.add_argument("--force", action="store_true", help="with --drop-data: do not ask")
    parser.add_argument("--create-only", action="store_true", help="with --drop-data: do not apply the migration")
    parser.add_argument(
        "--allow-drop",
        metavar="NAME",
        action="append",
        default=[],
        help="with --drop-data: something else that the schema does not have any more may be lost, too",
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(arguments: Namespace) -> int:
    """Keep or drop them."""
    from berceau.config import load_config

    config = load_config()
    return _keep(config, arguments) if arguments.keep_data else _drop(config, arguments)


def _keep(config: Config, arguments: Namespace) -> int:
    from berceau.cli.output import print_json
    from berceau.migrations.removal import keep

    kept = keep(config, arguments.names)
    files = [str(file.relative_to(config.root)) for file in kept.files]
    migration = str(kept.migration.relative_to(config.root))
    if arguments.json:
        print_json(kept=files, migration=migration)
        return 0
    for file in files:
        print(f"{file} is the host's own now")
    print(f"wrote {migration}, which records it")
    print("then: berceau migrate dev")
    return 0


def _drop(config: Config, arguments: Namespace) -> int:
    from berceau.cli.output import nothing_done, print_json, says_yes, with_option
    from berceau.config import load_environment
    from berceau.embedded import to_stderr
    from berceau.errors import MigrationStateError
    from berceau.migrations import Request, develop, find_target
    from berceau.migrations.removal import forget, removable, schema_without, stakes

    states = removable(config, arguments.names, drop=True)
    target = find_target(config, load_environment(config), to_stderr)
    found = asyncio.run(stakes(target, states))
    if not arguments.force:
        if not sys.stdin.isatty():
            raise MigrationStateError(
                "these tables would be dropped, and nobody is there to ask:\n" + "\n".join(_listed(found)),
                hint=f"If that is meant: {with_option(arguments, '--force')}",
            )
        print("\n".join(["These tables will be dropped:", *_listed(found)]), file=sys.stderr)
        if not says_yes("Go on?"):
            return nothing_done()
    schema = schema_without(config, states)
    request = Request(
        create_only=arguments.create_only,
        allow_drop=tuple(arguments.allow_drop),
        allow_all_of=tuple(states),
        command=" ".join(["berceau remove", *states, "--drop-data --force", *(["--json"] if arguments.json else [])]),
    )
    done = asyncio.run(develop(config, target, request, to_stderr, schema=schema, removed=tuple(states)))
    forget(config, states)
    migration = str(done.created.relative_to(config.root)) if done.created else None
    if arguments.json:
        tables = [{"component": one.component, "table": one.table, "rows": one.rows} for one in found]
        print_json(dropped=tables, migration=migration, applied=done.applied)
        return 0
    for warning in done.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    if migration:
        print(f"wrote {migration}" + (", and applied it" if done.applied else "; apply it: berceau migrate dev"))
    print("then: berceau build")
    return 0


def _listed(found: Sequence[Stake]) -> list[str]:
    return [
        f"  - {one.table} (component {one.component!r}): "
        + ("not in the database" if one.rows is None else f"{one.rows} row{'' if one.rows == 1 else 's'}")
        for one in found
    ]
