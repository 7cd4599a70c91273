"""Where in a test's code something was done."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

_OF_OURS = str(Path(__file__).parents[1])
_NOT_THEIRS = ("/asyncio/", "/asyncpg/", "/berceau_engine/", "/contextlib.py", "/berceau_client/")


@dataclass(frozen=True)
class Place:
    """A line of a file."""

    file: str
    line: int

    def __str__(self) -> str:
        try:
            return f"{Path(self.file).relative_to(Path.cwd())}:{self.line}"
        except ValueError:
            return f"{self.file}:{self.line}"


def caller() -> Place:
    """The line nearest to this call that is neither Berceau's nor the driver's."""
    frame = sys._getframe(1)
    while frame.f_back is not None:
        file = frame.f_code.co_filename
        if not file.startswith(_OF_OURS) and not any(part in file for part in _NOT_THEIRS):
            break
        frame = frame.f_back
    return Place(frame.f_code.co_filename, frame.f_lineno)
