"""The written list of cases: every operation, argument and nested write, on both clients."""

from __future__ import annotations

import asyncio

import pytest
from cases import CASES
from harness.operations import Case
from harness.twins import Twins


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_both_clients_answer_alike(case: Case, twins: Twins, runner: asyncio.Runner) -> None:
    runner.run(twins.check(case, "written cases"))
