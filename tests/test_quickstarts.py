"""The quickstarts, followed word for word in an empty folder with wheels of this workspace and no Node."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Iterator
from html import escape
from pathlib import Path

import httpx
import pytest
from serving import ANSWER_SECONDS, visitor
from two_roles import Cluster, cluster_with_roles
from walkthrough import Block, Reader, blocks

from berceau_engine.postgres import connect

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """The server that the documents' addresses stand for: one database with the two roles, and an empty one."""
    with cluster_with_roles() as cluster:
        asyncio.run(create_database(cluster, "empty"))
        yield cluster


async def create_database(cluster: Cluster, name: str) -> None:
    connection = await connect(cluster.admin)
    await connection.execute(f'CREATE DATABASE "{name}"')
    await connection.close()


def steps(document: str) -> dict[str, list[Block]]:
    """The blocks of a document by heading."""
    found: dict[str, list[Block]] = {}
    for block in blocks(DOCS / document):
        found.setdefault(block.heading, []).append(block)
    return found


def test_the_quickstart_for_hosts_leads_to_a_host_in_production(folder, environment, cluster):
    instead = {
        "berceau dev": "berceau dev --port 0",
        "--port 8000": "--port 0",
        "postgresql://user:password@localhost:5432/shop": str(cluster.admin.with_database("empty")),
        "postgresql://berceau_migrate:password@localhost:5432/shop": cluster.migrate_url,
        "postgresql://berceau_app:password@localhost:5432/shop": cluster.app_url,
    }
    reader = Reader(folder, environment, instead)
    document = steps("quickstart-hosts.md")
    for heading in ("A project", "Tables"):
        for block in document[heading]:
            reader.follow(block)
    with reader.serving(document["Serve"][0]) as server, visitor(server.address) as someone:
        assert "No posts yet" in someone.page()
        someone.add(title="Tea", author="Ada")
        for block in document["Models of your own"]:
            reader.follow(block)
        server.wait_for("Restarted")
        orders = f"{server.address}/orders"
        assert httpx.post(orders, json={"item": "Cups", "customer": "Ada"}, timeout=ANSWER_SECONDS).status_code == 201
        assert httpx.get(orders, timeout=ANSWER_SECONDS).json() == ["Cups for Ada"]
        assert httpx.post(orders, json={"item": "Cups", "customer": "Eve"}, timeout=ANSWER_SECONDS).status_code == 404
        assert not {name for name in server.programs() if name.startswith(("node", "npm"))}
    reader.follow(document["A database server"][0])
    assert reader.said.count("applied") == 2
    [production] = document["Production"]
    with reader.serving(production) as server, visitor(server.address) as someone:
        someone.add(title="In production")
        assert "In production" in someone.page()
        assert httpx.get(f"{server.address}/orders", timeout=ANSWER_SECONDS).json() == []
    reader.environment["BERCEAU_ENV"] = ""
    reader.follow(Block("", "sh", "uv run berceau build --check", None, at_the_end=False))


def test_the_quickstart_for_authors_leads_to_a_wheel_installed_in_a_host(folder, environment):
    reader = Reader(folder, environment, {"berceau dev": "berceau dev --port 0"})
    document = steps("quickstart-components.md")
    *try_it, try_it_served = document["Try it"]
    *wheel, wheel_served = document["A wheel"]
    for block in (*document["A package"], *document["Tables"], *document["Pages"], *try_it):
        reader.follow(block)
    with reader.serving(try_it_served) as server, visitor(server.address) as someone:
        sign(someone, "<b>Ada</b>")
        template = folder / "acme-guestbook/src/acme_guestbook/templates/entries.html"
        template.write_text(template.read_text().replace("<h1>Gu", "<h1>Our gu"))
        assert "<h1>Our guestbook</h1>" in someone.page("/guestbook")
    for block in wheel:
        reader.follow(block)
    shutil.rmtree(folder / "acme-guestbook" / "src")
    with reader.serving(wheel_served) as server, visitor(server.address) as someone:
        sign(someone, "Grace")
        assert "guestbook" in someone.page("/")


def sign(someone, name: str) -> None:
    """Sign the guestbook, and be found in it."""
    page = someone.page("/guestbook")
    assert "Nobody has signed yet." in page
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]
    answer = someone.client.post("/guestbook", data={"csrf_token": token, "name": name, "message": "Hello"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/guestbook")
    assert f"<h2>{escape(name)}</h2><p>Hello</p>" in someone.page("/guestbook")
