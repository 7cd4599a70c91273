"""The pytest plugin: options and markers, the client built before tests are collected, reports, the end of the run.

Every run of pytest in the environment imports this module, so it imports nothing but pytest, and reads one file.
"""

from __future__ import annotations

import sys
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from berceau.testing.session import TestSession

_RUN = "berceau_run"
_MARKERS = (
    "berceau_readonly(seed=None): the module's tests share what `async def seed(db)` has written, and may only read",
    "berceau_own_server: the test has a PostgreSQL server of its own",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The command line's options."""
    group = parser.getgroup("berceau", "tests of Berceau's hosts and components on a real database")
    group.addoption(
        "--berceau-keep", action="store_true", help="leave the embedded PostgreSQL running for the next run"
    )
    group.addoption("--berceau-info", action="store_true", help="print what would be used, start nothing, and exit")


def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """`--berceau-info` instead of tests."""
    if not config.getoption("berceau_info"):
        return None
    from berceau.testing.info import describe

    print(describe(config.rootpath, workers=_workers(config), keep=config.getoption("berceau_keep")))
    return 0


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Markers for every project; fixtures and the client for those that are a host's or a component's."""
    for marker in _MARKERS:
        config.addinivalue_line("markers", marker)
    from berceau.testing.project import find

    project = find(config.rootpath)
    if project is None or config.getoption("berceau_info"):
        return
    from berceau.testing import fixtures
    from berceau.testing.session import TestSession, build_client

    if project.kind == "component":
        sys.path.insert(0, str(project.own_folder))
    given = getattr(config, "workerinput", None)
    run = (given or {}).get(_RUN) or _new_run()
    worker = given["workerid"] if given else "main"
    keep = config.getoption("berceau_keep")
    config.stash[fixtures.SESSION] = TestSession(project, run, worker, keep, of_controller=given is not None)
    config.pluginmanager.register(fixtures, "berceau-fixtures")
    if given is None and not config.getoption("collectonly"):
        try:
            build_client(project)
        except Exception as error:  # the tests that need it say so; the others can run
            config.stash[fixtures.FAILURE] = error
            print(f"berceau: the client could not be built: {error}", file=sys.stderr)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """xdist: the worker shares the run's name."""
    session = _session(node.config)
    if session is not None:
        node.workerinput[_RUN] = session.run
        session.has_workers = True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """A test that leaves something open fails."""
    case = _case(item)
    if case is None:
        return (yield)
    case.begin()
    result = yield
    case.check()
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failing test shows its queries."""
    report = yield
    case = _case(item) if report.failed else None
    if case is not None and (text := case.report()):
        report.sections.append((f"berceau queries ({report.when})", text))
    return report


def pytest_unconfigure(config: pytest.Config) -> None:
    """Close everything; whoever is last stops the embedded server."""
    session = _session(config)
    if session is not None:
        session.close()


def _session(config: pytest.Config) -> TestSession | None:
    fixtures = config.pluginmanager.get_plugin("berceau-fixtures")
    return None if fixtures is None else config.stash.get(fixtures.SESSION, None)


def _case(item: pytest.Item) -> Any:
    fixtures = item.config.pluginmanager.get_plugin("berceau-fixtures")
    return None if fixtures is None else item.stash.get(fixtures.CASE, None)


def _new_run() -> str:
    import secrets

    return secrets.token_hex(4)


def _workers(config: pytest.Config) -> str:
    """How many there would be, as xdist's option says it."""
    return str(config.getoption("numprocesses", None) or 1)
