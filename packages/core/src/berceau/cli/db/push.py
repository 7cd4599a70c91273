"""`berceau db push`: bring a development database to the schema without a migration."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

_EPILOG = """\
For prototypes: nothing is written to prisma/migrations, and what was tried out is not known to `migrate`. Refused when
BERCEAU_ENV is production.

examples:
  berceau db push
  berceau db push --accept-data-loss    drop what the schema does not have any more
  berceau db push --force-reset         drop everything first
"""


def configure(push: ArgumentParser) -> None:
    """Add the command's arguments."""
    push.epilog = _EPILOG
    push.add_argument("--accept-data-loss", action="store_true", help="go on although data is lost")
    push.add_argument("--force-reset", action="store_true", help="drop all that is in the database first")
    push.add_argument("--json", action="store_true", help="print the result as JSON")


def run(arguments: Namespace) -> int:
    """Build, push, and say what was changed."""
    import asyncio

    from berceau.cli.building import build_first
    from berceau.cli.db.target import settings
    from berceau.cli.output import print_json
    from berceau.embedded import to_stderr
    from berceau.migrations.push import push, refuse_in_production

    config, target = settings()
    refuse_in_production(target)
    build_first(config)
    done = asyncio.run(
        push(
            config,
            target,
            to_stderr,
            accept_data_loss=arguments.accept_data_loss,
            force_reset=arguments.force_reset,
        )
    )
    for loss in done.lost:
        print(f"warning: {loss}", file=sys.stderr)
    if arguments.json:
        print_json(database=str(target), steps=done.steps, lost=done.lost)
    elif done.steps:
        print(f"the {target} has the schema now: {done.steps} {'change' if done.steps == 1 else 'changes'}")
    else:
        print(f"nothing to push: the {target} agrees with the schema")
    return 0
