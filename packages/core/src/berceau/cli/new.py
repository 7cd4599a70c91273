"""`berceau new`: a complete package to begin with."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from pathlib import Path

_EPILOG = """\
examples:
  berceau new component guestbook              the package guestbook/: schema, service, API, tests, CI
  berceau new component guestbook --with-ui    with a page, its template and its style
  berceau new host shop                        an application that serves components

The package passes its own checks as it is: uv sync, berceau build, ruff, mypy, pytest.
"""


def configure(parser: ArgumentParser) -> None:
    """Add the subcommands."""
    parser.epilog = _EPILOG
    commands = parser.add_subparsers(dest="kind", metavar="KIND", required=True, title="kinds")
    for kind, text in (
        ("component", "a package with tables, a service and an API, for hosts to install"),
        ("host", "an application that installs components and owns their database"),
    ):
        command = commands.add_parser(
            kind,
            help=text,
            description=text[0].upper() + text[1:] + ".",
            epilog=_EPILOG,
            formatter_class=RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        command.add_argument("name", metavar="NAME", help="lower case letters, digits and underscores")
        if kind == "component":
            command.add_argument("--with-ui", action="store_true", help="add a page with its template and style")
        command.add_argument("--in", dest="where", type=Path, default=Path(), metavar="FOLDER", help="where to put it")
        command.add_argument("--json", action="store_true", help="print what was written as JSON")


def run(arguments: Namespace) -> int:
    """Write the package."""
    from berceau.new import new_component, new_host

    where = arguments.where.resolve()
    if arguments.kind == "host":
        made = new_host(arguments.name, where)
    else:
        made = new_component(arguments.name, where, with_ui=arguments.with_ui)
    if arguments.json:
        print(json.dumps({"name": made.name, "folder": str(made.folder), "files": list(made.files)}, indent=2))
        return 0
    for file in made.files:
        print(f"wrote {made.folder.name}/{file}")
    print(f"next: cd {made.folder.name} && uv sync && uv run berceau build")
    return 0
