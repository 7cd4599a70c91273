"""A real server process and a real browser, Debian's Chromium."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from selenium.webdriver import Chrome, ChromeOptions, ChromeService

from berceau.testing.fixtures import session_of
from berceau.testing.template import read_contents
from berceau.testing.worker import WorkerDatabase, generated_client

ROOT = Path(__file__).parents[2]
CHROMIUM = Path("/usr/bin/chromium")
CHROMEDRIVER = Path("/usr/bin/chromedriver")
SERVER_START = 120


@pytest.fixture(scope="session")
def e2e_database(request: pytest.FixtureRequest) -> Iterator[WorkerDatabase]:
    """The test kit's database that the server uses."""
    session = session_of(request.config)
    database = session.another("e2e", read_contents(session.config), generated_client())
    yield database
    database.close(drop=True)


@pytest.fixture(scope="session")
def server(e2e_database: WorkerDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the reference host, run by uvicorn in a process of its own."""
    log = tmp_path_factory.mktemp("server") / "log"
    command = [sys.executable, "-m", "uvicorn", "--factory", "berceau_host:create_app", "--port", "0"]
    environment = os.environ | {"DATABASE_URL": str(e2e_database.url)}
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
    try:
        yield asyncio.run(_address(process, log))
    finally:
        process.terminate()
        process.wait(SERVER_START)


async def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    for _ in range(SERVER_START * 10):
        if found := re.search(r"running on (http://[\d.:]+)", log.read_text()):
            return found[1]
        if process.poll() is not None:
            break
        await asyncio.sleep(0.1)
    raise RuntimeError(f"the server has not started:\n{log.read_text()}")


@pytest.fixture
def site(server: str, e2e_database: WorkerDatabase) -> str:
    """The server's address; its tables are empty."""
    e2e_database.prepare(None, None)
    return server


@pytest.fixture(scope="session")
def open_browser() -> Iterator[Callable[..., Chrome]]:
    """Starts browsers; each has a profile of its own and ends with the tests."""
    missing = [str(program) for program in (CHROMIUM, CHROMEDRIVER) if not program.exists()]
    if missing:
        reason = f"no browser: {' and '.join(missing)} missing; `apt-get install chromium chromium-driver` brings them"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    browsers = []
    with tempfile.TemporaryDirectory(prefix="berceau-e2e-", ignore_cleanup_errors=True) as profiles:

        def start(*, javascript: bool = True, dark: bool = False) -> Chrome:
            options = ChromeOptions()
            options.binary_location = str(CHROMIUM)
            for argument in (
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
                f"--user-data-dir={profiles}/{uuid4().hex}",
                *(["--force-dark-mode"] if dark else []),
            ):
                options.add_argument(argument)
            if not javascript:
                options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
            browser = Chrome(options, ChromeService(str(CHROMEDRIVER)))
            browsers.append(browser)
            return browser

        yield start
        for browser in browsers:
            browser.quit()


@pytest.fixture(scope="session")
def chromium(open_browser: Callable[..., Chrome]) -> Chrome:
    """One browser for all tests that need nothing special."""
    return open_browser()


@pytest.fixture
def browser(chromium: Chrome, site: str) -> Chrome:
    """The browser on the posts' page, without cookies, as wide as a desktop."""
    chromium.set_window_size(1280, 900)
    chromium.get(f"{site}/demo/posts")
    chromium.delete_all_cookies()
    chromium.refresh()
    return chromium
