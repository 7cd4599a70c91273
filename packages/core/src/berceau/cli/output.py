"""What commands have in common when they speak: results as JSON, and questions."""

from __future__ import annotations

import sys


def print_json(**values: object) -> None:
    """Print a result for scripts."""
    import json

    print(json.dumps(values, indent=2))


def confirmed(danger: str) -> bool:
    """Ask whether to go on, outside of any event loop, so that Ctrl-C ends it at once.

    Raises MigrationStateError if nobody is there to ask.
    """
    from berceau.errors import MigrationStateError

    if not sys.stdin.isatty():
        raise MigrationStateError(f"{danger}, and nobody is there to ask", hint="If that is meant: --force")
    if input(f"{danger[0].upper()}{danger[1:]}. Type yes to go on: ").strip() == "yes":
        return True
    print("nothing was done")
    return False
