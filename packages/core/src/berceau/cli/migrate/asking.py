"""The questions of `berceau migrate dev` on a terminal: asked between two runs, so that Ctrl-C ends at one press."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from berceau.cli.output import says_yes

if TYPE_CHECKING:
    from berceau.config import Config
    from berceau.migrations import Developed, Request, Target, UndecidedError
    from berceau_engine.schema import SchemaFile


def developed(
    config: Config,
    target: Target,
    request: Request,
    schema: tuple[SchemaFile, ...] | None = None,
    removed: Sequence[str] = (),
) -> Developed | None:
    """Develop; each time that something is to be decided, ask, and try again. None: the user wants none of it.

    Where nobody can be asked, the questions are the error.
    """
    from berceau.embedded import to_stderr
    from berceau.migrations import UndecidedError, develop

    someone = sys.stdin.isatty()
    request = replace(request, asks=someone)
    while True:
        try:
            return asyncio.run(develop(config, target, request, to_stderr, schema=schema, removed=removed))
        except UndecidedError as question:
            if not someone:
                raise
            answered = _asked(request, question)
        if answered is None:
            return None
        request = answered


def _asked(request: Request, question: UndecidedError) -> Request | None:
    if question.renames:
        rename = question.renames[0]
        old = rename.table if rename.column is None else f"{rename.table}.{rename.column}"
        if says_yes(f"Has {old} been renamed to {rename.new}?"):
            return request.answered(renamed=[str(rename)])
        return request.answered(kept=[str(rename)])
    print("The migration would lose:", file=sys.stderr)
    for loss in question.losses:
        print(f"  - {loss}", file=sys.stderr)
    if says_yes("Go on?"):
        return request.answered(drops=[loss.name for loss in question.losses])
    return None
