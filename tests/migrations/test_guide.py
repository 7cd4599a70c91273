"""What docs/migrations.md shows of the terminal is what a walk has shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from walks import WALKS, alike, steps
from walkthrough import blocks

GUIDE = Path(__file__).parents[2] / "docs" / "migrations.md"
BLOCKS = [block.text for block in blocks(GUIDE) if block.kind == "console"]


def in_general(text: str) -> str:
    """The text without names of databases and folders, and without exit codes, which only walks have."""
    text = re.sub(r"database '\w+' \((\w+|the embedded PostgreSQL)\)", "database 'DATABASE' (SERVER)", alike(text))
    return re.sub(r"^\[exit \d+\]\n", "", text, flags=re.MULTILINE).replace("…/", "FOLDER/")


SHOWN = {(command, in_general(shown)) for walk in WALKS for command, shown in steps(walk.read_text())}


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.partition("\n")[0])
def test_a_block_of_the_guide_is_found_in_a_walk(block: str) -> None:
    found = [(command, in_general(shown)) for command, shown in steps(block)]
    assert found
    for step in found:
        assert step in SHOWN


def test_there_are_blocks() -> None:
    assert len(BLOCKS) >= 10
