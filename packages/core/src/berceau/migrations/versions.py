"""Which component versions migrations move between, read from the `components.json` beside each script."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = "components.json"


@dataclass(frozen=True)
class Move:
    """A component that comes (`before` is None), changes, or goes (`after` is None) with a migration."""

    component: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        if self.before is None or self.after is None:
            return f"{self.component} {self.after or self.before} {'added' if self.before is None else 'removed'}"
        return f"{self.component} {self.before} → {self.after}" if self.before != self.after else self.component


def moves(folder: Path, names: Iterable[str]) -> dict[str, tuple[Move, ...]]:
    """What each migration of these names moves; those that do not tell are left out."""
    found = {name: _read(folder / name / FILE) for name in names}
    return {name: told for name, told in found.items() if told}


def _read(file: Path) -> tuple[Move, ...]:
    """The moves in a file. One that is missing or cannot be understood tells nothing: it is there to inform."""
    try:
        components = json.loads(file.read_text(encoding="utf-8"))["components"].items()
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ()
    told = (Move(str(name), _version(state, "before"), _version(state, "after")) for name, state in components)
    return tuple(move for move in told if move.before or move.after)


def _version(state: Any, when: str) -> str | None:
    side = state.get(when) if isinstance(state, dict) else None
    version = side.get("version") if isinstance(side, dict) else None
    return version if isinstance(version, str) else None
