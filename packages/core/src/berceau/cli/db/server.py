"""`berceau db start`, `stop` and `url`: the embedded PostgreSQL by hand."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

_EPILOG = """\
examples:
  berceau db start            its address is printed on stdout, what is done on stderr
  berceau db url --json
  berceau db stop             the data in .berceau/ stay
"""


def configure(parser: ArgumentParser) -> None:
    """Add the arguments of each of them."""
    parser.epilog = _EPILOG
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(arguments: Namespace) -> int:
    """Do one of them for the project around the working folder."""
    from berceau.config import load_config

    root = load_config().root
    return {"start": _start, "stop": _stop, "url": _url}[arguments.action](root, arguments)


def _start(root: Path, arguments: Namespace) -> int:
    from berceau import embedded
    from berceau.cli.output import print_json

    server = embedded.start(root)
    if arguments.json:
        print_json(url=server.url, data=str(server.data), started=server.started)
    else:
        print(server.url)
    return 0


def _stop(root: Path, arguments: Namespace) -> int:
    from berceau import embedded
    from berceau.cli.output import print_json

    stopped = embedded.stop(root)
    if arguments.json:
        print_json(stopped=stopped)
    else:
        print("The embedded PostgreSQL is stopped." if stopped else "The embedded PostgreSQL was not running.")
    return 0


def _url(root: Path, arguments: Namespace) -> int:
    from berceau import embedded
    from berceau.cli.output import print_json
    from berceau.errors import EmbeddedServerError

    url = embedded.running_url(root)
    if url is None:
        raise EmbeddedServerError("the embedded PostgreSQL does not run", hint="Start it: berceau db start")
    if arguments.json:
        print_json(url=url)
    else:
        print(url)
    return 0
