"""The reference host: what it serves, and when it refuses to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from berceau.errors import ConfigurationError
from berceau_host import create_app

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    for name in ("DATABASE_URL", "BERCEAU_ENV", "BERCEAU_SECRET"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
async def started(db_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FastAPI]:
    monkeypatch.setenv("DATABASE_URL", db_url)
    app = create_app()
    async with app.router.lifespan_context(app):
        yield app


def client(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test")


async def test_the_first_page_lists_the_components(started):
    async with client(started) as browser:
        page = await browser.get("/")
    assert page.status_code == 200
    assert '<h2><a href="/demo">Posts</a></h2>' in page.text
    assert "<code>berceau-demo</code>" in page.text
    assert '<a href="/" aria-current="page">Home</a>' in page.text


async def test_the_demo_is_served(started):
    async with client(started) as browser:
        assert "No posts yet" in (await browser.get("/demo/posts")).text
        assert (await browser.get("/demo/api/posts")).json()["total"] == 0


async def test_it_is_made_and_described_without_a_database(monkeypatch):
    app = create_app()
    async with client(app) as program:
        paths = (await program.get("/openapi.json")).json()["paths"]
        assert (await program.get("/health")).json() == {"status": "ok"}
    assert {"/health", "/health/ready", "/demo/api/posts"} <= set(paths)


async def test_it_is_ready_while_the_database_answers(started):
    async with client(started) as balancer:
        assert (await balancer.get("/health/ready")).json() == {"status": "ok"}
        await started.state.berceau.database.client.disconnect()
        gone = await balancer.get("/health/ready")
        assert (gone.status_code, (await balancer.get("/health")).status_code) == (503, 200)
    assert "retry-after" in gone.headers


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
async def test_production_does_not_show_its_description(monkeypatch, path):
    monkeypatch.setenv("BERCEAU_ENV", "production")
    monkeypatch.setenv("BERCEAU_SECRET", "s" * 32)
    async with client(create_app()) as visitor:
        assert (await visitor.get(path)).status_code == 404


async def test_development_shows_its_description():
    async with client(create_app()) as visitor:
        assert (await visitor.get("/docs")).status_code == 200


def test_outside_of_a_project_it_says_what_is_missing(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match=r"\[tool\.berceau\]"):
        create_app()


async def test_a_page_that_does_not_exist_looks_like_the_others(started):
    async with client(started) as browser:
        page = await browser.get("/nowhere", headers={"accept": "text/html"})
    assert page.status_code == 404
    assert '<a href="/demo">Posts</a>' in page.text


async def test_forms_of_other_sites_are_refused_before_any_route(started):
    async with client(started) as browser:
        answer = await browser.post("/nowhere", headers={"origin": "https://evil.example"})
    assert answer.status_code == 403
