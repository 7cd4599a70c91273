"""Follows a document as its reader would: writes the files that it shows, runs the commands that it gives, in order.

A block below "`path`:" is a file, below "`path`, at its end:" it is added to one. A block of `sh` is run by bash; the
folder and the variables carry over to the next one.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from serving import Served, served

BLOCK = re.compile(
    r"(?:^`(?P<path>[^`\n]+)`(?P<end>, at its end)?:\n\n)?^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.M | re.S
)
SERVES = re.compile(r"berceau dev|uvicorn")


@dataclass(frozen=True)
class Block:
    """A fenced block of the document, and the heading that it stands under."""

    heading: str
    kind: str
    text: str
    path: str | None
    at_the_end: bool


def blocks(document: Path) -> Iterator[Block]:
    """The document's blocks."""
    text = document.read_text(encoding="utf-8")
    headings = [(found.start(), found[1]) for found in re.finditer(r"^#+ (.+)$", text, re.MULTILINE)]
    for found in BLOCK.finditer(text):
        heading = next((title for start, title in reversed(headings) if start < found.start()), "")
        yield Block(heading, found["kind"], found["text"], found["path"], bool(found["end"]))


class Reader:
    """Somebody who follows a document in a folder."""

    def __init__(self, folder: Path, environment: Mapping[str, str], instead: Mapping[str, str]) -> None:
        """`instead` says what the reader types in place of the document's own words (`:8000`, an address)."""
        self.folder = folder
        self.environment = dict(environment)
        self.said = ""
        self._start = folder
        self._instead = instead

    def follow(self, block: Block) -> None:
        """Write the file, or run the commands to their end."""
        if block.path is not None:
            path = self.folder / block.path
            path.parent.mkdir(parents=True, exist_ok=True)
            before = path.read_text() + "\n" if block.at_the_end else ""
            path.write_text(before + block.text)
        elif block.kind == "sh":
            self._run(self._typed(block.text))

    @contextmanager
    def serving(self, block: Block) -> Iterator[Served]:
        """Run the commands; the last one serves, until the end of the `with`."""
        *before, last = self._typed(block.text).splitlines()
        assert SERVES.search(last), last
        self._run("\n".join(before))
        with served(["bash", "-ec", f"exec {last}"], self._start / "log", **self._place()) as server:
            yield server

    def _typed(self, text: str) -> str:
        for theirs, ours in self._instead.items():
            text = text.replace(theirs, ours)
        return text

    def _run(self, commands: str) -> None:
        state = self._start / "state"
        script = f'{commands}\n{{ pwd; env -0; }} > "{state}"'
        done = subprocess.run(
            ["bash", "-ec", script],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            **self._place(),
        )
        self.said = done.stdout
        assert done.returncode == 0, f"{commands}\n{self.said}"
        folder, _, variables = state.read_text().partition("\n")
        self.folder = Path(folder)
        self.environment = dict(pair.split("=", 1) for pair in variables.split("\0") if pair)

    def _place(self) -> dict[str, object]:
        return {"cwd": self.folder, "env": self.environment | {"PWD": os.fspath(self.folder)}}
