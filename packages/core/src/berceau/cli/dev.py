"""`berceau dev`: serve the host's application while it is being written."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

_EPILOG = """\
Starts the embedded PostgreSQL if DATABASE_URL is not set, builds the client, applies committed migrations to the
embedded database, serves the application (`app` in [tool.berceau]) and watches: a changed schema builds the client
anew, changed code restarts the server. It writes no migration, and touches no database of DATABASE_URL, unless
--auto-migrate says so.

examples:
  berceau dev
  berceau dev --port 8080
"""


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.epilog = _EPILOG
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=_port, default=8000, help="port to listen on; 0: any (default: %(default)s)")
    parser.add_argument(
        "--auto-migrate", action="store_true", help="when the schema changes, write a migration and apply it"
    )


def run(arguments: Namespace) -> int:
    """Serve until Ctrl-C."""
    from berceau.config import load_config
    from berceau.dev.supervisor import serve

    serve(load_config().root, host=arguments.host, port=arguments.port, auto_migrate=arguments.auto_migrate, say=_say)
    return 0


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise ValueError
    return port


def _say(message: str) -> None:
    print(message, flush=True)
