"""The official client and ours on twin databases, for all tests of this folder."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from harness.compare import EXPLAINED
from harness.databases import Database, make_template
from harness.oracle import Oracle, prepare
from harness.twins import Twins, content_texts

from berceau import embedded
from berceau.client import Prisma, bind
from berceau.generator import DATA_FILE
from berceau.generator.data import render_data
from berceau_engine.postgres import DatabaseUrl
from berceau_engine.schema import SchemaTools

HERE = Path(__file__).parent
ASKED: Counter[str] = Counter()
"""How many operations were run, by how they ended on the official client."""
RUN: Counter[str] = Counter()
"""How many written cases and generated operations were run."""
SCHEMA = "\n".join((HERE / name).read_text() for name in ("schema.prisma", "../schemas/kitchen_sink.prisma"))


@pytest.fixture(scope="session")
def runner() -> Iterator[asyncio.Runner]:
    """The event loop of all cases."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="session")
def server() -> Iterator[DatabaseUrl]:
    """A PostgreSQL of this process."""
    # not below pytest's own folder, which only its owner may enter: run by root, the server is another user
    folder = Path(tempfile.mkdtemp(prefix="berceau-differential-")).resolve()
    try:
        yield DatabaseUrl.parse(embedded.start(folder, say=lambda _: None).url)
    finally:
        embedded.stop(folder)
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def dmmf() -> dict[str, object]:
    """What Prisma's parser says of the schema."""
    return SchemaTools().dmmf([("schema.prisma", SCHEMA)])


@pytest.fixture(scope="session")
def template(runner: asyncio.Runner, server: DatabaseUrl) -> DatabaseUrl:
    """The server, with the database that all others are copies of."""
    runner.run(make_template(server, SCHEMA))
    return server


@pytest.fixture(scope="session")
def client(dmmf: dict[str, object], tmp_path_factory: pytest.TempPathFactory) -> type[Prisma]:
    """The class of our client."""
    data = tmp_path_factory.mktemp("client") / DATA_FILE
    data.write_bytes(render_data([("schema.prisma", SCHEMA)], dmmf, "hash"))
    return bind(data, "differential_client").client_class()


@pytest.fixture(scope="session")
def twins(runner: asyncio.Runner, template: DatabaseUrl, client: type[Prisma]) -> Iterator[Twins]:
    """Both clients, each on its database."""
    folder = prepare(SCHEMA)
    stack = AsyncExitStack()

    async def start() -> Twins:
        mine, other = [await Database.create(template, name) for name in ("ours", "theirs")]
        for database in (mine, other):
            stack.push_async_callback(database.close)
        oracle = await Oracle.start(folder)
        stack.push_async_callback(oracle.stop)
        db = await stack.enter_async_context(client(mine.url))
        content = await mine.contents()
        return Twins(db, oracle, mine, other, content, content_texts(content), ASKED, RUN)

    try:
        yield runner.run(start())
    finally:
        runner.run(stack.aclose())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what was asked, with which seed, and how often each known difference turned up."""
    if ASKED:
        asked = ", ".join(f"{count} {how}" for how, count in sorted(ASKED.items()))
        terminalreporter.write_line(f"operations on the official client: {asked}")
        terminalreporter.write_line(f"seed of the generated ones: {config.getoption('hypothesis_seed')}")
        terminalreporter.write_line(", ".join(f"{count} {what}" for what, count in sorted(RUN.items(), reverse=True)))
    for name, times in sorted(EXPLAINED.items()):
        terminalreporter.write_line(f"known difference, {times} times: {name} (docs/differences.md)")


def pytest_unconfigure(config: pytest.Config) -> None:
    """End with a line that counts, also where nothing has failed."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and not hasattr(config, "workerinput"):
        passed, failed, broken = (len(reporter.stats.get(how, ())) for how in ("passed", "failed", "error"))
        print(f"{passed} passed, {failed + broken} failed")
