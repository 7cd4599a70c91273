"""Operations that hypothesis makes from the DMMF, on both clients; the seed is printed at the end."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from generated.inputs import Inputs
from generated.operations import NUMBERS, READS, WRITES, Operations
from harness.operations import Case, Operation
from harness.twins import Twins
from hypothesis import HealthCheck, Phase, given, settings

MODELS = (
    "Customer", "Profile", "Product", "Supplier", "Category", "Order", "OrderItem", "Review", "Scalar", "Native",
    "Awkward", "Default", "Marker", "Shelf", "Sample", "CustomerTotal",
)  # fmt: skip
READ_ONLY = frozenset({"CustomerTotal"})
EXAMPLES = {"reads": 75, "numbers": 25, "writes": 60}
"""How many operations of a kind for each model; fewer for models so poor that all are soon made."""

KINDS = {"reads": READS, "numbers": NUMBERS, "writes": WRITES}


@pytest.fixture(scope="session")
def operations(twins: Twins, runner: asyncio.Runner, dmmf: dict[str, Any]) -> Operations:
    """What draws operations: from the DMMF and from what the content holds."""
    return Operations(Inputs(dmmf, {model: runner.run(twins.records(model)) for model in MODELS}))


@pytest.mark.parametrize("kind", EXAMPLES)
@pytest.mark.parametrize("model", MODELS)
def test_both_clients_answer_alike(
    model: str, kind: str, twins: Twins, runner: asyncio.Runner, operations: Operations
) -> None:
    if kind == "writes" and model in READ_ONLY:
        kind = "reads"

    @settings(
        max_examples=EXAMPLES[kind],
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )
    @given(operations.of(model, KINDS[kind]))
    def check(operation: Operation) -> None:
        runner.run(twins.check(Case((operation,)), "generated operations"))

    check()
