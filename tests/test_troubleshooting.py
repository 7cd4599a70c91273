"""Each message that the document quotes is provoked for real and found, word for word, in what is said then."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from distributions import component
from hosts import Host
from machine import MACHINE, UV
from two_roles import Cluster, cluster_with_roles
from walkthrough import blocks

pytestmark = pytest.mark.xdist_group("troubleshooting")  # one server and one environment for all of them

ROOT = Path(__file__).parents[1]
MESSAGES = [block for block in blocks(ROOT / "docs" / "troubleshooting.md") if block.kind == "text"]

CONNECT = "import asyncio; from berceau.database import Database; asyncio.run(Database().connect())"
START = "from fastapi import FastAPI; from berceau.fastapi import install; app = FastAPI(); install(app)"
SEND = f"""
{START}
from fastapi.testclient import TestClient
answer = TestClient(app).post("/anywhere", data={{"name": "Ada"}})
raise SystemExit(answer.json()["detail"])
"""
COUNT = """
import asyncio
from berceau.database import Database
async def main():
    async with Database() as database:
        await database.client.shopitem.count()
asyncio.run(main())
"""
ITEM = "model ShopItem {\n  id Int @id\n  name String\n}\n"
NOWHERE = "http://127.0.0.1:9/"  # nothing listens on the discard port


@dataclass(frozen=True)
class Place:
    """Where messages are provoked: a host of its own, a PostgreSQL with roles, an environment with wheels alone."""

    host: Host
    cluster: Cluster
    wheels: Path

    def berceau(self, *words: str, program: str | Path = sys.executable, **environment: str) -> str:
        """What `berceau` says when it fails in the host's folder."""
        return self.run([program, "-m", "berceau", *words], **environment)

    def python(self, code: str, program: str | Path = sys.executable, **environment: str) -> str:
        """What Python says when code fails in the host's folder."""
        return self.run([program, "-c", code], **environment)

    def run(self, command: list[str | Path], **environment: str) -> str:
        """What a program says when it fails in the host's folder."""
        variables = MACHINE | {"PYTHONPATH": f"{self.host.root}:{self.host.site}"} | environment
        done = subprocess.run(command, cwd=self.host.root, env=variables, capture_output=True, text=True, check=False)
        assert done.returncode == 1, done
        return done.stderr

    def migrate(self, name: str) -> None:
        """Write a migration and apply it to the host's embedded PostgreSQL."""
        done = self.host.berceau("migrate", "dev", "--name", name)
        assert done.returncode == 0, done.stderr


def not_generated(place: Place) -> str:
    python = place.wheels / "bin" / "python"
    place.host.install(component("shop", ITEM))
    return place.python("import berceau_client", python) + place.python(START, python)


def stale(place: Place) -> str:
    place.host.install(component("shop", ITEM))
    place.host.build()
    place.host.install(component("shop", ITEM.replace("name", "title")))
    return place.python(START)


def no_address(place: Place) -> str:
    place.host.build()
    return place.python(CONNECT) + place.berceau("migrate", "deploy", BERCEAU_ENV="production")


def not_installed(place: Place) -> str:
    return place.berceau("db", "start", program=place.wheels / "bin" / "python")


def not_reached(place: Place) -> str:
    with socket.socket() as silent:  # bound, but not listening
        silent.bind(("127.0.0.1", 0))
        nobody = f"postgresql://me:secret@127.0.0.1:{silent.getsockname()[1]}/shop"
        said = place.berceau("migrate", "status", DATABASE_URL=nobody)
    said += place.berceau("migrate", "status", DATABASE_URL=place.cluster.url("berceau_app", "wrong"))
    return said + place.berceau("migrate", "status", DATABASE_URL=str(place.cluster.admin.with_database("shop")))


def no_table(place: Place) -> str:
    place.host.install(component("shop", ITEM))
    place.host.build()
    return place.python(COUNT, DATABASE_URL=place.cluster.app_url)


def no_shadow(place: Place) -> str:
    place.host.write("shop.prisma", ITEM)
    return place.berceau("migrate", "dev", "--name", "items", DATABASE_URL=place.cluster.migrate_url)


def data_loss(place: Place) -> str:
    file = place.host.write("shop.prisma", ITEM)
    place.migrate("items")
    add = """INSERT INTO "ShopItem" VALUES (1, 'Tea')"""
    url = place.host.berceau("db", "url").stdout.strip()
    subprocess.run([psql(), "-qX", url, "-c", add], check=True)
    file.write_text(ITEM.replace("  name String\n", ""))
    return place.berceau("migrate", "dev", "--name", "nameless")


def failed(place: Place) -> str:
    place.host.write("shop.prisma", ITEM)
    place.migrate("items")
    migration = place.host.root / "prisma" / "migrations" / "30000101000000_again"
    migration.mkdir()
    (migration / "migration.sql").write_text('CREATE TABLE "ShopItem" (id int);\n')
    return place.berceau("migrate", "deploy")


def interrupted(place: Place) -> str:
    place.host.write("shop.prisma", ITEM)
    place.migrate("items")
    forget = "UPDATE _prisma_migrations SET finished_at = NULL, applied_steps_count = 0"
    url = place.host.berceau("db", "url").stdout.strip()
    subprocess.run([psql(), "-qX", url, "-c", forget], check=True)
    return place.berceau("migrate", "deploy")


def no_right(place: Place) -> str:
    return place.berceau("migrate", "deploy", DATABASE_URL=place.cluster.app_url)


def no_record(place: Place) -> str:
    place.host.write("shop.prisma", ITEM)
    assert place.host.berceau("db", "push").returncode == 0
    migration = place.host.root / "prisma/migrations/30000101000000_items"
    migration.mkdir(parents=True)
    (migration / "migration.sql").write_text('CREATE TABLE "ShopItem" (id int);\n')
    return place.berceau("migrate", "deploy")


def claimed_twice(place: Place) -> str:
    place.host.install(component("shop", ITEM), component("store", ITEM))
    return place.berceau("build")


def missing_dependency(place: Place) -> str:
    relation = "ownerId Int\n  owner UsersUser @relation(fields: [ownerId], references: [id])"
    place.host.install(component("shop", ITEM.replace("name String", relation), requires=["users"]))
    return place.berceau("build")


def forbidden_block(place: Place) -> str:
    place.host.install(component("shop", ITEM + 'generator client {\n  provider = "anything"\n}\n'))
    return place.berceau("build")


def unknown_key(place: Place) -> str:
    place.host.set(disable=["demo"])
    return place.berceau("build")


def no_secret(place: Place) -> str:
    place.host.build()
    return place.python(START, BERCEAU_ENV="production")


def refused_form(place: Place) -> str:
    place.host.build()
    return place.python(SEND)


def port_in_use(place: Place) -> str:
    place.host.set(app="shop:create_app")
    with socket.create_server(("127.0.0.1", 0)) as other:
        return place.berceau("dev", "--port", str(other.getsockname()[1]))


def no_cache(place: Place) -> str:
    cache = place.host.root / "cache"
    cache.mkdir()
    cache.chmod(0o777)
    place.host.install(component("shop", ITEM))
    done = place.host.berceau("build", BERCEAU_CACHE_DIR=str(cache))
    assert done.returncode == 0, done.stderr
    return done.stderr


def wrong_hash(place: Place) -> str:
    return build_engine(place, lambda lock: re.sub(r"sha512-[^\"]+", "sha512-" + "A" * 86 + "==", lock))


def no_npm(place: Place) -> str:
    return build_engine(
        place,
        lambda lock: lock,
        npm_config_cache=str(place.host.root / "npm"),
        npm_config_registry=NOWHERE,
        npm_config_fetch_retries="0",
    )


def build_engine(place: Place, change: Callable[[str], str], **environment: str) -> str:
    """What a build of the engine's package from its sources says, with another lock file."""
    package = place.host.root / "engine"
    left_out = shutil.ignore_patterns("_engines", "tests", "__pycache__", ".*")
    shutil.copytree(ROOT / "packages" / "engine", package, ignore=left_out)
    lock = package / "package-lock.json"
    lock.write_text(change(lock.read_text()))
    command = [UV, "build", "--wheel", package]
    done = subprocess.run(command, env=MACHINE | environment, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    return done.stderr


def psql() -> Path:
    from berceau.embedded import binaries

    return binaries() / "psql"


PROVOKED: dict[str, Callable[[Place], str]] = {
    "The client has not been generated": not_generated,
    "The client is stale": stale,
    "No address of a database": no_address,
    "The embedded PostgreSQL is not installed": not_installed,
    "The database cannot be reached": not_reached,
    "A table does not exist": no_table,
    "No shadow database can be made": no_shadow,
    "The migration would lose something": data_loss,
    "A migration has failed": failed,
    "A migration was interrupted": interrupted,
    "The role lacks a right": no_right,
    "The database has tables, but no record of migrations": no_record,
    "A name is claimed twice": claimed_twice,
    "A dependency is missing": missing_dependency,
    "A generator or datasource block is refused": forbidden_block,
    "An unknown key": unknown_key,
    "The secret is missing": no_secret,
    "A form is refused": refused_form,
    "The port is in use": port_in_use,
    "The engines are compiled at every start": no_cache,
    "A package does not match its hash": wrong_hash,
    "npm cannot be reached": no_npm,
}


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A server with two roles and an empty database."""
    with cluster_with_roles() as cluster:
        yield cluster


@pytest.fixture(scope="module")
def environment(wheels: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with `berceau` from its wheel: without a client and without the embedded PostgreSQL."""
    environment = tmp_path_factory.mktemp("environment") / "venv"
    subprocess.run([UV, "venv", "-q", environment], env=MACHINE, check=True)
    packages = [wheels["berceau"], wheels["berceau-engine"]]
    subprocess.run([UV, "pip", "install", "-q", "--python", environment, *packages], env=MACHINE, check=True)
    return environment


@pytest.fixture
def place(folder: Path, cluster: Cluster, environment: Path) -> Place:
    """A host without components, in a folder of its own."""
    return Place(Host(folder / "shop"), cluster, environment)


def test_the_document_quotes_what_is_provoked_and_nothing_else():
    assert {block.heading for block in MESSAGES} == set(PROVOKED)


@pytest.mark.parametrize("heading", PROVOKED)
def test_the_message_is_said_word_for_word(heading, place):
    said = one_line(PROVOKED[heading](place))
    for block in MESSAGES:
        if block.heading == heading:
            pattern = ".*?".join(re.escape(part) for part in one_line(block.text).split("…"))
            assert re.search(pattern, said), f"{block.text}\nis not in\n{said}"


def one_line(text: str) -> str:
    """The text without its layout, which uv changes."""
    return " ".join(text.split())
