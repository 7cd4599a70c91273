"""Whole runs of pytest: a component's own repository, a host, a project that has nothing to do with Berceau."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest
from distributions import Distribution

from berceau.testing import server as servers
from berceau_engine.postgres import DatabaseUrl, connect

NEEDED = ("-p", "no:cacheprovider", "-p", "no:randomly")
PYPROJECT = """\
[project]
name = "acme-shop"
version = "1"

[project.entry-points."berceau.schemas"]
shop = "acme_shop:schema.prisma"
"shop.router" = "acme_shop.routes:router"

[tool.pytest.ini_options]
pythonpath = ["site"]
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


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A component's own repository, installed for those who look into its folder `site`."""
    root = tmp_path_factory.mktemp("acme-shop").resolve()
    (root / "pyproject.toml").write_text(PYPROJECT + f'\n[tool.none]\nx = "{root.name}"\n')
    (root / "test_shop.py").write_text(TESTS)
    package = root / "site" / "acme_shop"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "schema.prisma").write_text(SCHEMA)
    (package / "routes.py").write_text(ROUTES)
    return root


assert Distribution
