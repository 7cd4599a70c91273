"""What the tests of the web side share: an application with templates, and a way to call it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

import berceau
from berceau.http_errors import add_error_handlers, error_response
from berceau.pages import Pages
from berceau.static_files import StaticFolders

CORE = Path(berceau.__file__).parent
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


class Pieces:
    """An application with core's pages and error handlers, to which a test adds what it is about."""

    def __init__(self, folder: Path) -> None:
        self.templates = folder / "templates"
        self.templates.mkdir()
        self.static = StaticFolders({"berceau": CORE / "static"})
        self.originals = {"berceau": CORE / "templates", "shop": self.templates}
        self.pages = Pages(self.originals, static=self.static)
        self.app = FastAPI()
        self.app.state.berceau = self
        self.static.mount(self.app)
        add_error_handlers(self.app)

    def write(self, name: str, text: str) -> None:
        """A template of the component `shop`."""
        (self.templates / name).write_text(text)

    @staticmethod
    def refuse(request, reason):
        return error_response(request, 403, reason)


@pytest.fixture
def pieces(tmp_path: Path) -> Pieces:
    return Pieces(tmp_path)


@pytest.fixture
def call() -> Callable[..., httpx.AsyncClient]:
    def client(app, base_url: str = "http://shop.example", **options) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=options.pop("raise_app_exceptions", True))
        return httpx.AsyncClient(transport=transport, base_url=base_url, **options)

    return client
