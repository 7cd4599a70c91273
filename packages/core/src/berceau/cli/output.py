"""What commands have in common when they speak: results as JSON, and questions."""

from __future__ import annotations

import shlex
import sys
from argparse import Namespace


def print_json(**values: object) -> None:
    """Print a result for scripts."""
    import json

    print(json.dumps(values, indent=2))


def with_option(arguments: Namespace, option: str) -> str:
    """The command as it was typed, with an option more: what an error proposes."""
    return shlex.join(["berceau", *arguments.words, option])


def confirmed(danger: str, arguments: Namespace) -> bool:
    """Ask whether to go on, outside of any event loop, so that Ctrl-C ends it at once.

    Raises MigrationStateError if nobody is there to ask.
    """
    from berceau.errors import MigrationStateError

    if not sys.stdin.isatty():
        hint = f"If that is meant: {with_option(arguments, '--force')}"
        raise MigrationStateError(f"{danger}, and nobody is there to ask", hint=hint)
    return _answer(f"{danger[0].upper()}{danger[1:]}. Type yes to go on: ") == "yes"


def says_yes(question: str) -> bool:
    """Whether the user on the terminal answers yes; no is the default."""
    return _answer(f"{question} [y/N] ").lower() in ("y", "yes")


def nothing_done() -> int:
    """Say that the user wanted none of it; returns the exit code."""
    print("nothing was done", file=sys.stderr)
    return 1


def _answer(question: str) -> str:
    """What is typed, the question being on stderr; nothing at the end of the input (Ctrl-D)."""
    print(question, end="", file=sys.stderr, flush=True)
    try:
        return input().strip()
    except EOFError:
        print(file=sys.stderr)
        return ""
