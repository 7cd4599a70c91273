"""`berceau db setup`: the database, and the roles that migrate it and run on it."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace

_EPILOG = """\
Two roles: one owns the tables and changes them (MIGRATION_DATABASE_URL), one reads and writes rows and can do nothing
else (DATABASE_URL). Run it as often as you like: what is there already is left as it is.

Passwords come from BERCEAU_MIGRATE_PASSWORD and BERCEAU_APP_PASSWORD; others are made up, and printed this once.

examples:
  berceau db setup postgresql://postgres:secret@db.example.com:5432/shop
  berceau db setup "$ADMIN_URL" --reset-passwords --json
"""


def configure(setup: ArgumentParser) -> None:
    """Add the command's arguments."""
    setup.epilog = _EPILOG
    setup.add_argument("url", metavar="URL", help="address of the database to make, for an administrator's role")
    setup.add_argument("--migrate-role", metavar="NAME", default="berceau_migrate", help="default: berceau_migrate")
    setup.add_argument("--app-role", metavar="NAME", default="berceau_app", help="default: berceau_app")
    setup.add_argument("--reset-passwords", action="store_true", help="give roles that exist new passwords, too")
    setup.add_argument("--json", action="store_true", help="print the result as JSON")


def run(arguments: Namespace) -> int:
    """Make them, and say what was done."""
    import asyncio
    from dataclasses import asdict

    from berceau.cli.output import print_json
    from berceau.roles import Role, Setup, setup

    done = asyncio.run(
        setup(
            Setup(
                arguments.url,
                Role(arguments.migrate_role, os.environ.get("BERCEAU_MIGRATE_PASSWORD")),
                Role(arguments.app_role, os.environ.get("BERCEAU_APP_PASSWORD")),
                arguments.reset_passwords,
            )
        )
    )
    if arguments.json:
        print_json(**asdict(done))
        return 0
    lines = [f"made  {what}" for what in done.changed] + [f"kept  {what}" for what in done.kept]
    lines += [f"note  table {table} belongs to another role: migrations cannot change it" for table in done.foreign]
    lines += ["", f"MIGRATION_DATABASE_URL={done.migration_url}", f"DATABASE_URL={done.running_url}"]
    print("\n".join(lines))
    return 0
