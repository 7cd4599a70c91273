"""The component inside the reference host, on a database of its own."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from berceau_client import Prisma

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
async def app(database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FastAPI]:
    """The host, started."""
    from berceau_host import create_app

    monkeypatch.setenv("DATABASE_URL", database_url)
    app = create_app()
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
def db(app: FastAPI) -> Prisma:
    """The client that the routes use."""
    client: Prisma = app.state.berceau.database.client
    return client


@pytest.fixture
async def api(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A program that speaks JSON."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
        yield client


class Browser:
    """Reads pages and sends their forms, as a browser without JavaScript does."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def get(self, path: str = "/demo/posts") -> httpx.Response:
        return await self.client.get(path)

    async def send(self, path: str = "/demo/posts", **fields: str) -> httpx.Response:
        """Open the page, take its hidden field, send the form."""
        token = re.findall(r'name="csrf_token" value="([^"]+)"', (await self.get()).text)[0]
        return await self.client.post(path, data={"csrf_token": token, **fields})

    async def add(self, **fields: str) -> httpx.Response:
        return await self.send(**{"title": "A title", "content": "", "author": "Ada", "status": "DRAFT", **fields})


@pytest.fixture
async def browser(app: FastAPI) -> AsyncIterator[Browser]:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=BROWSER) as client:
        yield Browser(client)
