"""The component inside the reference host."""

from __future__ import annotations

import re

import httpx
import pytest

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def api(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """A program that speaks JSON."""
    return client


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
def browser(client: httpx.AsyncClient) -> Browser:
    client.headers.update(BROWSER)
    return Browser(client)
