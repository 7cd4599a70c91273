"""The fixtures: `db`, `db_committed`, `db_url`, `make`, `client`, `component`.

The database part is synchronous: its connections live in a thread of their own, so that it does not matter which event
loop a test runs on, nor which mode pytest-asyncio is in.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from berceau.testing.case import Case

if TYPE_CHECKING:
    from fastapi import FastAPI

    from berceau.discovery import Component
    from berceau.testing.factories import Factory
    from berceau.testing.session import TestSession

try:
    import pytest_asyncio
except ImportError:  # only `client` needs it
    pytest_asyncio = None  # type: ignore[assignment]

SESSION = pytest.StashKey["TestSession | None"]()
FAILURE = pytest.StashKey[BaseException]()
CASE = pytest.StashKey[Case]()
READONLY = "berceau_readonly"
OWN_SERVER = "berceau_own_server"
_SCOPES = ("function", "class", "module", "package", "session")


@pytest.fixture
def _berceau_case(request: pytest.FixtureRequest) -> Iterator[Case]:
    """The database of one test, clean."""
    item = request.node
    session = session_of(request.config)
    readonly = item.get_closest_marker(READONLY)
    if item.get_closest_marker(OWN_SERVER):
        case, end = session.own_case()
    else:
        module = item.nodeid.partition("::")[0] if readonly else None
        case, end = session.case(module, readonly.kwargs.get("seed") if readonly else None), _nothing
    item.stash[CASE] = case
    try:
        yield case
        case.check(at_end=True)
    finally:
        end()


@pytest.fixture
def db(_berceau_case: Case) -> Any:
    """A connected client on a database that holds nothing but what migrations have put there."""
    return _berceau_case.client


@pytest.fixture
def db_committed(_berceau_case: Case) -> Any:
    """As `db`, for code that opens connections of its own (`db_url`): those are looked after, too."""
    _berceau_case.foreign = True
    return _berceau_case.client


@pytest.fixture
def db_url(_berceau_case: Case) -> str:
    """The address of the test's database."""
    _berceau_case.foreign = True
    return _berceau_case.url


@pytest.fixture
def make(_berceau_case: Case) -> Factory:
    """Makes records in the database of `db`: `await make.demopost(title="Tea")`."""
    from berceau.testing.factories import factory

    return factory(_berceau_case.client)


@pytest.fixture
def client(request: pytest.FixtureRequest, _berceau_case: Case) -> Any:
    """An `httpx.AsyncClient` on the host's application with all components mounted; it shares the data of `db`.

    The application is started in the event loop of the test.
    """
    if pytest_asyncio is None:
        raise pytest.UsageError("the fixture `client` needs pytest-asyncio: install `berceau[testing]`")
    marker = request.node.get_closest_marker("asyncio")
    scope = marker.kwargs.get("loop_scope") if marker else None
    scope = scope or _default_scope(request.config)
    return request.getfixturevalue(f"_berceau_client_{scope}")


@pytest.fixture
def component(request: pytest.FixtureRequest) -> Component:
    """The component under test: that of the nearest `pyproject.toml`, or the only one that is installed."""
    from berceau.discovery import discover
    from berceau.testing.project import component_of

    return component_of(request.node.path, discover(session_of(request.config).config))


def session_of(config: pytest.Config) -> TestSession:
    """The session. Raises pytest.UsageError where there is no project, or what went wrong with its client."""
    if (failure := config.stash.get(FAILURE, None)) is not None:
        raise failure
    session = config.stash.get(SESSION, None)
    if session is None:
        raise pytest.UsageError(
            f"no pyproject.toml with [tool.berceau] or a component's entry points at {config.rootpath} or above"
        )
    return session


def _default_scope(config: pytest.Config) -> str:
    try:
        return str(config.getini("asyncio_default_test_loop_scope") or "function")
    except ValueError:
        return "function"


def _nothing() -> None: ...


async def _started(request: pytest.FixtureRequest, _berceau_case: Case) -> AsyncIterator[Any]:
    import httpx

    app = _application(session_of(request.config))
    app.state.berceau.database.lend(_berceau_case.client)
    overrides = dict(app.dependency_overrides)
    try:
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client,
        ):
            yield client
    finally:
        app.dependency_overrides = overrides


def _application(session: TestSession) -> FastAPI:
    """The host's application, or for a component one with nothing else in it."""
    from fastapi import FastAPI

    from berceau.application import load
    from berceau.errors import ConfigurationError
    from berceau.fastapi import install

    config = session.config
    if config.app is None:
        app = FastAPI()
    else:
        try:
            app = load(config.app)
        except ModuleNotFoundError as error:
            if error.name != config.app.partition(":")[0].partition(".")[0]:
                raise
            raise ConfigurationError(
                f"the application {config.app!r}, which the fixture `client` starts, is not installed",
                file=config.root / "pyproject.toml",
                hint="Install what the tests need: uv sync --all-groups. Or change `app` in [tool.berceau].",
            ) from error
    if not hasattr(app.state, "berceau"):
        install(app, config=config)
    return app


def _with_scope(scope: Any) -> Any:
    """`client` for tests that run on the event loop of a scope."""

    async def started(request: pytest.FixtureRequest, _berceau_case: Case) -> AsyncIterator[Any]:
        async for client in _started(request, _berceau_case):
            yield client

    return pytest_asyncio.fixture(loop_scope=scope, name=f"_berceau_client_{scope}")(started)


if pytest_asyncio is not None:
    for _scope in _SCOPES:
        globals()[f"_berceau_client_{_scope}"] = _with_scope(_scope)
