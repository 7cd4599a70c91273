"""Building before a command that works with the schema."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from berceau.config import Config


def build_first(config: Config) -> None:
    """Build as `berceau build` does; only warnings are said."""
    from berceau.build import build
    from berceau.cli.progress import shown_progress

    with shown_progress() as progress:
        result = build(config, progress=progress)
    for warning in result.warnings:
        print(f"warning: {warning}", file=sys.stderr)
