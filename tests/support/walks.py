"""The walks through the commands in `tests/migrations/walks`: what a terminal shows, with what differs made alike."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

WALKS = sorted((Path(__file__).parents[1] / "migrations" / "walks").glob("*.txt"))
_STEP = re.compile(r"^\$ (?P<command>.*(?:(?<=\\)\n.*)*)\n(?P<shown>(?:(?!\$ ).*\n)*)", re.MULTILINE)
_ALIKE = [
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME"),
    (r"\b20[2-9]\d(0[1-9]|1[0-2])\d{8}_", "TIMESTAMP_"),
    (r"(migrate|app):[\w-]{32}@", r"\1:PASSWORD@"),
    (r"done in \d+\.\d\d s", "done in SECONDS"),
    (r"test_[0-9a-f]{32}", "DATABASE"),
]


def steps(text: str) -> Iterator[tuple[str, str]]:
    """The commands, which go on over lines that end in a backslash, and what is shown for each."""
    for step in _STEP.finditer(text):
        yield step["command"], step["shown"]


def alike(text: str) -> str:
    """The text without what differs from run to run."""
    for pattern, word in _ALIKE:
        text = re.sub(pattern, word, text)
    return text
