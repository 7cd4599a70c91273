"""Walks through the commands as a user types them: each file in `walks` is what the terminal shows, word for word.

With `BERCEAU_WALKS=write` the files are written anew; look at the difference before committing it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from debian import debian_server, needs_debian
from distributions import component
from walks import WALKS, alike, steps

from berceau_engine.postgres import DatabaseUrl, connect

PYPROJECT = '[tool.berceau]\noutput = "berceau_client"\ndisabled = ["demo"]\n'
UV = 'no-index = true\nfind-links = ["wheels"]\npip.target = "site"\n'
ITEM = "model ShopItem {\n  id   Int    @id\n  name String\n}\n"
POST = "model BlogPost {\n  id    Int     @id\n  title String?\n}\n"
UPGRADES = {
    "before": 'ALTER TABLE "ShopItem" ADD COLUMN price INTEGER;\nUPDATE "ShopItem" SET price = 100;\n',
    "after": 'UPDATE "ShopItem" SET name = initcap(name);\n',
}


@pytest.fixture(scope="module")
def debian() -> Iterator[str]:
    """Debian's PostgreSQL."""
    needs_debian()
    with debian_server() as url:
        yield url


@pytest.fixture(params=["embedded", "debian"])
def server(request: pytest.FixtureRequest) -> DatabaseUrl:
    """The embedded PostgreSQL 18, and Debian's 15."""
    return DatabaseUrl.parse(request.getfixturevalue("postgres" if request.param == "embedded" else "debian"))


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the components that walks install: shop, which ships an upgrade to 0.2.0, and blog."""
    folder = tmp_path_factory.mktemp("wheels")
    shop = component("shop", ITEM.replace("name String", "name String\n  price Int"), version="0.2.0")
    scripts = {f"berceau_shop/prisma/upgrades/0.2.0/{moment}.sql": sql for moment, sql in UPGRADES.items()}
    replace(shop, files={**shop.files, **scripts}).wheel(folder)
    component("shop", ITEM, version="0.1.0").wheel(folder)
    component("blog", POST, version="1.0.0").wheel(folder)
    return folder


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.stem)
async def test_the_terminal_shows(walk: Path, server: DatabaseUrl, wheels: Path, tmp_path: Path) -> None:
    url = server.with_database(f"test_{uuid4().hex}")
    administrator = await connect(server)
    await administrator.execute(f"CREATE DATABASE {url.database}")
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    (tmp_path / "uv.toml").write_text(UV)
    (tmp_path / "wheels").symlink_to(wheels)
    expected = walk.read_text()
    try:
        shown = "".join(f"$ {command}\n{typed(command, tmp_path, url)}" for command, _ in steps(expected))
    finally:
        await administrator.execute(f"DROP DATABASE {url.database} WITH (FORCE)")
        await administrator.execute("DROP ROLE IF EXISTS walk_migrate, walk_app")
        await administrator.close()
    if os.environ.get("BERCEAU_WALKS") == "write":
        walk.write_text(shown)
    assert shown == expected


def typed(command: str, folder: Path, url: DatabaseUrl) -> str:
    """What the terminal shows, with what differs from run to run made alike; the exit code, if it is not 0."""
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=os.environ
        | {
            "PYTHONPATH": str(folder / "site"),
            "UV_PYTHON": sys.executable,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "DATABASE_URL": str(url),
            "MIGRATION_DATABASE_URL": "",
            "SHADOW_DATABASE_URL": "",
            "BERCEAU_ENV": "",
            "SERVER": url.host,
            "COLUMNS": "120",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    lines = [line for line in done.stdout.splitlines() if not re.search(r" … \d+ s$", line)]  # progress
    shown = "\n".join([*lines, *([f"[exit {done.returncode}]"] if done.returncode else []), ""])
    shown = shown.replace(str(folder), "FOLDER").replace(url.host, "SERVER")
    return alike(shown)
