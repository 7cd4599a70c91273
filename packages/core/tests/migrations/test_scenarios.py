"""Migrations as data: a folder for each case, with what is expected of it.

before.prisma, after.prisma   the schemas
by_hand.sql                   what was added to the first migration by hand
rows.sql                      the rows that are there
options.json                  what is typed: `rename`, `allow_drop`, `create_only`
expected.sql                  the migration
warnings.txt                  what is said besides
down.txt                      what is said on top of the way back
refused.txt                   instead of these: why no migration is written

Each is applied to a database with the rows, taken back, and applied again. `BERCEAU_UPDATE_SCENARIOS=1` writes what
is found into the folders, to be reviewed as a diff.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from berceau.errors import MigrationStateError
from berceau.migrations import Request

from .there_and_back import Bench, bench

SCENARIOS = Path(__file__).parent / "scenarios"
CASES = sorted(folder.name for folder in SCENARIOS.iterdir())
UPDATE = bool(os.environ.get("BERCEAU_UPDATE_SCENARIOS"))


@pytest.fixture(scope="module")
def opened(postgres: str) -> Iterator[tuple[Bench, asyncio.Runner]]:
    with bench(postgres) as found:
        yield found


@pytest.mark.parametrize("case", CASES)
def test_scenario(case: str, opened: tuple[Bench, asyncio.Runner]) -> None:
    one, runner = opened
    runner.run(play(SCENARIOS / case, one))


def test_there_are_enough() -> None:
    assert len(CASES) >= 60


async def play(folder: Path, bench: Bench) -> None:
    before, after = (text(folder / f"{name}.prisma") for name in ("before", "after"))
    options = json.loads(text(folder / "options.json") or "{}")
    history = await bench.begin(before, text(folder / "rows.sql"), text(folder / "by_hand.sql"))
    options = {key: tuple(value) if isinstance(value, list) else value for key, value in options.items()}
    try:
        plan = await bench.plan(history, after, Request(name="next", **options))
    except MigrationStateError as error:
        expect(folder / "refused.txt", f"{error}\n")
        return
    expect(folder / "refused.txt", "")
    assert plan is not None, "there is nothing to change"
    expect(folder / "expected.sql", plan.script)
    expect(folder / "warnings.txt", "".join(f"{warning}\n" for warning in plan.warnings))
    comments = plan.down.partition("\n\n")[0].splitlines()[2:]
    expect(folder / "down.txt", "".join(f"{line}\n" for line in comments))
    if not options.get("create_only"):
        await bench.check(history, before, after, plan)


def text(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.exists() else ""


def expect(file: Path, found: str) -> None:
    """A file's text; one that is not there stands for nothing."""
    if not UPDATE:
        assert found == text(file)
    elif found:
        file.write_text(found, encoding="utf-8")
    else:
        file.unlink(missing_ok=True)
