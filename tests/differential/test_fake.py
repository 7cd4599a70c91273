"""The client in memory answers as the one on a database does: written and generated operations on both."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from cases import CASES
from harness.databases import Database
from harness.memory import Pair, read_state
from harness.operations import Case
from harness.twins import content_texts

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
