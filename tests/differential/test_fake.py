"""The client in memory answers as the one on a database does: written and generated operations on both."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from cases import CASES
from generated.inputs import Inputs
from generated.operations import READS, WRITES, Operations
from harness import ours
from harness.databases import Database
from harness.memory import Pair, read_state
from harness.operations import Case, Operation, op
from harness.twins import content_texts
from hypothesis import HealthCheck, Phase, given, settings

from berceau.client import Prisma
from berceau.testing.fake import fake_client
from berceau_engine.postgres import DatabaseUrl


@pytest.fixture(scope="session")
def pair(runner: asyncio.Runner, template: DatabaseUrl, client: type[Prisma]) -> Iterator[Pair]:
    """Both clients with the same content."""
    stack = AsyncExitStack()

    async def start() -> Pair:
        database = await Database.create(template, "beside_memory")
        stack.push_async_callback(database.close)
        db = await stack.enter_async_context(client(database.url))
        content = await database.contents()
        fake: Any = fake_client(client)
        return Pair(db, fake, fake._memory, database, content, await read_state(db), content_texts(content))

    try:
        yield runner.run(start())
    finally:
        runner.run(stack.aclose())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_written_operations_give_the_same(case: Case, pair: Pair, runner: asyncio.Runner) -> None:
    runner.run(pair.check(case))


MODELS = (
    "Customer", "Profile", "Product", "Supplier", "Category", "Order", "OrderItem", "Review", "Scalar", "Default",
    "Marker",
)  # fmt: skip
EXAMPLES = 25


@pytest.fixture(scope="session")
def operations(pair: Pair, runner: asyncio.Runner, dmmf: dict[str, Any]) -> Operations:
    """What draws operations: from the DMMF and from what the content holds."""
    records = {}
    for model in MODELS:
        order = [{name: "asc"} for name in pair.memory.memory.models.models[model].identifier]
        records[model] = runner.run(ours.run(pair.db, op(f"{model}.findMany", orderBy=order)))
    return Operations(Inputs(dmmf, records))


@pytest.mark.parametrize("actions", [READS, WRITES], ids=["reads", "writes"])
@pytest.mark.parametrize("model", MODELS)
def test_generated_operations_give_the_same(
    model: str, actions: tuple[str, ...], pair: Pair, runner: asyncio.Runner, operations: Operations
) -> None:
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,),
    )
    @given(operations.of(model, actions))
    def check(operation: Operation) -> None:
        runner.run(pair.check(Case((operation,))))

    check()
