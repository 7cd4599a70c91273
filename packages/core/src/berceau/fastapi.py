"""Berceau in a FastAPI application: `install(app)` adds what components need, `Db` hands a route the database.

A host:

    def create_app() -> FastAPI:
        app = FastAPI()
        install(app)
        return app

A component:

    @router.get("/posts")
    async def posts(db: Db) -> list[Post]: ...
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, FastAPI
from fastapi.routing import iter_route_contexts
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import compile_path

from berceau.config import Config, Environment, load_config, load_environment
from berceau.csrf import MINIMUM_SECRET, CsrfMiddleware, CsrfSigner, csrf_exempt, is_csrf_exempt
from berceau.database import Database
from berceau.discovery import Component, discover
from berceau.errors import ConfigurationError
from berceau.http_errors import add_error_handlers, error_response
from berceau.mounting import CORE, MountedComponent, load_components, mount_components
from berceau.pages import NavigationLink, Pages, render
from berceau.security_headers import SecurityHeadersMiddleware
from berceau.stale_client import refuse_stale_client
from berceau.startup import StartupMessageMiddleware
from berceau.static_files import StaticFolders

if TYPE_CHECKING:
    from berceau_client import Prisma
else:
    from berceau.client import Prisma

__all__ = ["Db", "NavigationLink", "Site", "csrf_exempt", "install", "render", "site"]

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Site:
    """What an application is made of, in `app.state.berceau`.

    Attributes:
        components: those that are served.
        pages: the templates.
        database: the database service; connected while the application runs.
    """

    components: tuple[MountedComponent, ...]
    pages: Pages
    database: Database


def install(
    app: FastAPI,
    *,
    config: Config | None = None,
    components: Sequence[Component] | None = None,
    templates: Sequence[Path] = (),
    navigation: Sequence[NavigationLink] = (),
    trusted_origins: Collection[str] = (),
) -> None:
    """Make `app` a host: components with their pages and files, the database service, CSRF protection, headers, errors.

    Opens no connection: that is done when the application starts. Call it once, after the host's own routes.

    Args:
        config: the host's settings; by default those of the `pyproject.toml` around the working folder.
        components: what to mount; by default what is installed.
        templates: folders with the host's own templates and its versions of the components'. The folder `templates`
            beside `pyproject.toml` comes before them.
        navigation: the host's own links, before those of the components.
        trusted_origins: other sites (`https://shop.example`) whose scripts may send requests that change something.

    Raises:
        ConfigurationError: the settings are wrong, or `BERCEAU_SECRET` is missing in production.
        StaleClientError: the client was not built from the components that are installed.
        DiscoveryError, CompositionError, Problems: a component cannot be loaded, or paths clash.
    """
    config = config or load_config()
    environment = load_environment(config)
    signer = _signer(environment)
    components = discover(config) if components is None else components
    refuse_stale_client(config, components)
    mounted = load_components(components)
    mount_components(app, mounted)
    static = StaticFolders(
        {CORE: _HERE / "static"} | {each.component.name: each.static for each in mounted if each.static is not None}
    )
    static.mount(app)
    pages = Pages(
        {CORE: _HERE / "templates"}
        | {each.component.name: each.templates for each in mounted if each.templates is not None},
        [config.root / "templates", *templates],
        static=static,
        navigation=[*navigation, *(each.link for each in mounted if each.link is not None)],
        reload=not environment.production,
    )
    app.state.berceau = Site(mounted, pages, Database(environment.database_url))
    _protect(app, signer, trusted_origins)
    add_error_handlers(app)
    _connect_around(app, app.state.berceau.database)


def _signer(environment: Environment) -> CsrfSigner:
    """Without a secret, which is fine in development, forms hold until the process ends."""
    if environment.production and len(environment.secret or "") < MINIMUM_SECRET:
        raise ConfigurationError(
            "BERCEAU_SECRET is missing" if not environment.secret else "BERCEAU_SECRET is too short",
            hint=f"In production it signs the forms: set it to at least {MINIMUM_SECRET} random characters, the same "
            "in every process. `python -c 'import secrets; print(secrets.token_urlsafe(48))'` makes one.",
        )
    return CsrfSigner(environment.secret)


def _protect(app: FastAPI, signer: CsrfSigner, trusted_origins: Collection[str]) -> None:
    exempt = [route.path for route in iter_route_contexts(app.routes) if is_csrf_exempt(route.endpoint)]
    app.add_middleware(
        CsrfMiddleware,
        signer=signer,
        refuse=_refuse,
        trusted_origins=trusted_origins,
        exempt=[compile_path(path)[0] for path in exempt if path],
    )
    documentation = {path for path in (app.docs_url, app.redoc_url, app.swagger_ui_oauth2_redirect_url) if path}
    app.add_middleware(SecurityHeadersMiddleware, without_policy=documentation)


def _refuse(request: Request, reason: str) -> Response:
    return error_response(request, 403, reason)


def _connect_around(app: FastAPI, database: Database) -> None:
    """Connect before everything else that starts with the application, and disconnect after all of it has stopped."""
    app.add_middleware(StartupMessageMiddleware)
    inner = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[Any]:
        await database.connect()
        try:
            async with inner(app) as state:
                yield state
        finally:
            await database.disconnect()

    app.router.lifespan_context = lifespan


def site(connection: HTTPConnection) -> Site:
    """What `install` has put into the application that the request is for."""
    found = getattr(connection.app.state, "berceau", None)
    if not isinstance(found, Site):
        raise RuntimeError("Nothing is installed in this application: call berceau.fastapi.install(app).")
    return found


async def _client(connection: HTTPConnection) -> Prisma:
    return site(connection).database.client


Db = Annotated[Prisma, Depends(_client)]
"""The client, connected: `async def posts(db: Db)`."""
