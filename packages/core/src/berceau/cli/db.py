"""`berceau db`: the embedded PostgreSQL by hand."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from pathlib import Path

_EPILOG = """\
examples:
  berceau db start            start it, or say that it runs
  psql "$(berceau db url)"    its address, and nothing else, on stdout
  berceau db stop             stop it; the data stays in .berceau/
"""


def configure(parser: ArgumentParser) -> None:
    """Add the subcommands."""
    parser.epilog = _EPILOG
    commands = parser.add_subparsers(dest="action", metavar="COMMAND", required=True, title="commands")
    for name, text in (
        ("start", "start the embedded PostgreSQL, or use it if it runs"),
        ("stop", "stop it; the data stays"),
        ("url", "print the address of the project's database on it"),
    ):
        command = commands.add_parser(
            name,
            help=text,
            description=text[0].upper() + text[1:] + ".",
            formatter_class=RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        command.add_argument("--json", action="store_true", help="print the result as JSON")


def run(arguments: Namespace) -> int:
    """Do one of them for the project around the working folder."""
    from berceau.config import load_config

    root = load_config().root
    return {"start": _start, "stop": _stop, "url": _url}[arguments.action](root, arguments)


def _start(root: Path, arguments: Namespace) -> int:
    from berceau import embedded

    server = embedded.start(root)
    if arguments.json:
        _print_json(url=server.url, data=str(server.data), started=server.started)
    else:
        print(server.url)
    return 0


def _stop(root: Path, arguments: Namespace) -> int:
    from berceau import embedded

    stopped = embedded.stop(root)
    if arguments.json:
        _print_json(stopped=stopped)
    else:
        print("The embedded PostgreSQL is stopped." if stopped else "The embedded PostgreSQL was not running.")
    return 0


def _url(root: Path, arguments: Namespace) -> int:
    from berceau import embedded
    from berceau.errors import EmbeddedServerError

    url = embedded.running_url(root)
    if url is None:
        raise EmbeddedServerError("the embedded PostgreSQL does not run", hint="Start it: berceau db start")
    if arguments.json:
        _print_json(url=url)
    else:
        print(url)
    return 0


def _print_json(**values: object) -> None:
    import json

    print(json.dumps(values))
