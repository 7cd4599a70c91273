"""The list of known differences in the documentation."""

from __future__ import annotations

import re
from pathlib import Path

from harness.differences import STEP_RULES, VALUE_RULES

LIST = Path(__file__).parents[2] / "docs" / "differences.md"


def test_every_rule_is_documented_and_nothing_else() -> None:
    rules = {*VALUE_RULES, *STEP_RULES}
    assert set(re.findall(r"^### (.+)$", LIST.read_text(), re.MULTILINE)) == rules
