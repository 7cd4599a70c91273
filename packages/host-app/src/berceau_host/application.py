"""`create_app()`: what `berceau dev` and every ASGI server start."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI

from berceau.config import load_config, load_environment
from berceau.fastapi import NavigationLink, install
from berceau_host import health, home

TEMPLATES = Path(__file__).parent / "templates"


def create_app() -> FastAPI:
    """The application; it connects to the database when it starts, not before.

    Raises:
        ConfigurationError, DiscoveryError, CompositionError, StaleClientError: see `berceau.fastapi.install`.
    """
    config = load_config()
    production = load_environment(config).production
    app = FastAPI(
        title="Berceau",
        docs_url=None if production else "/docs",
        redoc_url=None,
        openapi_url=None if production else "/openapi.json",
    )
    app.include_router(home.router)
    app.include_router(health.router)
    install(app, config=config, templates=[TEMPLATES], navigation=[NavigationLink("Home", "/")])
    return app
