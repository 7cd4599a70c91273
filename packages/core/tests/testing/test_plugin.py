"""Whole runs of pytest: in a component's own repository, and in a project that has nothing to do with Berceau."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from distributions import component, install
from kit_servers import is_gone

from berceau import embedded
from berceau.testing.server import EmbeddedServer
from berceau_engine.postgres import connect

NEEDED = ("-p", "no:cacheprovider", "-p", "no:randomly")
PYPROJECT = """\
[project]
name = "berceau-shop"
version = "1"

[project.entry-points."berceau.schemas"]
shop = "berceau_shop.prisma:schema.prisma"

[tool.pytest.ini_options]
addopts = "--strict-markers"
"""
SCHEMA = """\
model ShopItem {
  id   Int    @id @default(autoincrement())
  name String @unique
}
"""
ROUTES = """\
from fastapi import APIRouter
from berceau.fastapi import Db

router = APIRouter()

@router.get("/items")
async def items(db: Db) -> int:
    return await db.shopitem.count()
"""
TESTS = """\
import asyncpg
import pytest

@pytest.mark.asyncio
@pytest.mark.parametrize("number", range(6))
async def test_clean(db, client, component, number):
    assert (await client.get("/shop/items")).json() == 0
    assert (await db.shopitem.create(data={"name": "Tea"})).id == 1
    assert (await client.get("/shop/items")).json() == 1
    assert component.name == "shop"
    assert not hasattr(db, "demouser")

@pytest.mark.asyncio
async def test_failing(db):
    await db.shopitem.create(data={"name": "Secret tea"})
    assert await db.shopitem.count() == 7

@pytest.mark.asyncio
async def test_leaves_a_transaction_open(db):
    await db.tx().start()

@pytest.mark.asyncio
async def test_leaves_a_connection_open(db_url):
    test_leaves_a_connection_open.kept = await asyncpg.connect(
        host=db_url.rpartition("host=")[2].partition("&")[0], user="postgres", database=schema(db_url),
        server_settings={"application_name": schema(db_url)})

def schema(url):
    return url.rpartition("/")[2] if "?" not in url else url.partition("?")[0].rpartition("/")[2]

@pytest.mark.asyncio
async def test_leaves_a_client_connected(db_url):
    from berceau_client import Prisma
    test_leaves_a_client_connected.kept = Prisma(db_url)
    await test_leaves_a_client_connected.kept.connect()

@pytest.mark.asyncio
async def test_after_them(db):
    assert await db.shopitem.count() == 0
    await db.execute_raw('TRUNCATE "ShopItem"')
"""


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run pytest in a folder, as a user would."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    return subprocess.run(
        [sys.executable, "-m", "pytest", *NEEDED, *arguments],
        cwd=folder,
        env=kept | {"COLUMNS": "200"} | environment,
        capture_output=True,
        text=True,
        timeout=300,
    )


@contextmanager
def project_folder() -> Iterator[Path]:
    """Outside of pytest's own folders, which lie below no project of ours either."""
    path = Path(tempfile.mkdtemp(prefix="berceau-shop-")).resolve()
    try:
        yield path
    finally:
        shutil.rmtree(path)


@pytest.fixture(scope="module")
def repository() -> Iterator[Path]:
    """A component's own repository with its tests; the component is installed in its folder `site`."""
    with project_folder() as root:
        (root / "pyproject.toml").write_text(PYPROJECT)
        (root / "test_shop.py").write_text(TESTS)
        shop = component("shop", SCHEMA, facets={"router": "berceau_shop.routes:router"}, init="")
        install(root / "site", replace(shop, files={**shop.files, "berceau_shop/routes.py": ROUTES}))
        yield root
        EmbeddedServer(root).leave(keep=False)


def outcomes(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """Each test's outcome, from what `-rA` prints."""
    found = re.findall(r"^(PASSED|FAILED|ERROR) test_shop\.py::(\S+)", done.stdout, re.MULTILINE)
    return {name: outcome for outcome, name in found}


def test_a_component_is_tested_in_its_own_repository_serially_and_in_parallel_alike(repository):
    site = str(repository / "site")
    serial = run(repository, "-rA", "--berceau-keep", PYTHONPATH=site)
    told = run(repository, "--berceau-info", PYTHONPATH=site)
    parallel = run(repository, "-rA", "-n", "2", PYTHONPATH=site)
    text = serial.stdout

    assert outcomes(serial) == outcomes(parallel), text + serial.stderr + parallel.stdout + parallel.stderr
    failed = {name for name, outcome in outcomes(serial).items() if outcome == "FAILED"}
    assert failed == {
        "test_failing",
        "test_leaves_a_transaction_open",
        "test_leaves_a_connection_open",
        "test_leaves_a_client_connected",
    }, text
    assert len(outcomes(serial)) == 11

    assert re.search(r"berceau queries \(call\)", text)
    assert re.search(r"\d+\.\d\d ms  ShopItem\.createOne: INSERT INTO .*\n\s+parameters: 'Secret tea'", text)
    line = 1 + TESTS[: TESTS.index("await db.tx().start()")].count("\n")
    assert f"a transaction is still open, begun at test_shop.py:{line}" in text
    line = 1 + TESTS[: TESTS.index("test_leaves_a_connection_open.kept")].count("\n")
    assert f"a connection is still open; opened at test_shop.py:{line}" in text
    line = 1 + TESTS[: TESTS.index("await test_leaves_a_client_connected.kept")].count("\n")
    assert f"a client is still connected, by `connect` at test_shop.py:{line}" in text

    assert told.returncode == 0
    assert "component berceau-shop" in told.stdout
    assert "shop (berceau-shop 1.0.0)" in told.stdout
    assert "made by pushing the schema" in told.stdout
    assert re.search(r"embedded PostgreSQL in \S+, running, stopped at the end", told.stdout)
    assert is_gone(EmbeddedServer(repository))


COUNTS = """\
import pytest

@pytest.mark.asyncio
async def test_counts(db):
    assert await db.shopitem.count() == 0
    await db.shopitem.create(data={"name": "Tea"})
"""


def test_a_kept_server_serves_the_runs_to_come_whatever_has_changed_until_one_does_not_keep_it():
    with project_folder() as root:
        (root / "pyproject.toml").write_text(PYPROJECT)
        (root / "test_counts.py").write_text(COUNTS)
        server = EmbeddedServer(root)

        def kept(schema: str = SCHEMA, *options: str) -> tuple[int, list[str]]:
            """The server's process and its databases after a run."""
            install(root / "site", component("shop", schema, init=""))
            done = run(root, "-q", "--berceau-keep", *options, PYTHONPATH=str(root / "site"))
            assert "1 passed" in done.stdout, done.stdout + done.stderr
            process, databases = asyncio.run(seen(server))
            if not options:  # workers of xdist may be ended before they have dropped theirs; the next run does
                assert not [name for name in databases if name.startswith("test_")]
            return process, [name for name in databases if name.startswith("berceau_template_")]

        try:
            process, first = kept()
            assert len(first) == 1
            assert kept() == (process, first)
            assert kept(SCHEMA, "-n", "2") == (process, first)
            same, second = kept(SCHEMA.replace("@unique", "@unique\n  price Int?"))
            assert same == process
            assert len(second) == 1
            assert second != first
            embedded.stop(server.home)
            assert kept()[0] != process
        finally:
            done = run(root, "-q", PYTHONPATH=str(root / "site"))
            server.leave(keep=False)
        assert "1 passed" in done.stdout, done.stdout + done.stderr
        assert is_gone(server)


async def seen(server: EmbeddedServer) -> tuple[int, list[str]]:
    url = embedded.running_url(server.home)
    assert url is not None, "the server does not run"
    connection = await connect(url)
    try:
        start = await connection.fetchval("SELECT extract(epoch FROM pg_postmaster_start_time()) * 1000000")
        rows = await connection.fetch("SELECT datname::text FROM pg_database ORDER BY 1")
        return int(start), [row["datname"] for row in rows]
    finally:
        await connection.close()


def test_a_project_without_berceau_is_left_alone(tmp_path):
    (tmp_path / "test_plain.py").write_text(PLAIN)
    done = run(tmp_path, "--strict-markers", "-q")
    assert "1 passed, 1 error" in done.stdout, done.stdout
    assert "no pyproject.toml with [tool.berceau]" not in done.stderr
    assert "fixture 'db' not found" in done.stdout


PLAIN = """\
import sys

def test_nothing_is_loaded():
    assert {name for name in sys.modules if name.startswith("berceau")} == {
        "berceau", "berceau.errors", "berceau.testing", "berceau.testing.plugin", "berceau.testing.project"}

def test_there_are_no_fixtures(db):
    pass
"""
