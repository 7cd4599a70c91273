"""`berceau db` as a user types it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


def berceau(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in `folder`."""
    return subprocess.run(
        [sys.executable, "-m", "berceau", *words],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )


@pytest.fixture
def host(project: Path) -> Path:
    """A project with a `[tool.berceau]`."""
    (project / "pyproject.toml").write_text('[project]\nname = "shop"\n\n[tool.berceau]\n')
    return project


def test_start_url_and_stop_print_their_result_alone_on_stdout(host: Path) -> None:
    url = f"postgresql://postgres:@/shop?host={host}/.berceau/postgres\n"
    inner = host / "src"
    inner.mkdir()

    started = berceau(inner, "db", "start")
    assert (started.returncode, started.stdout) == (0, url)
    assert "Started the embedded PostgreSQL in" in started.stderr
    assert berceau(inner, "db", "start").stdout == url
    asked = berceau(inner, "db", "url")
    assert (asked.returncode, asked.stdout, asked.stderr) == (0, url, "")
    assert berceau(inner, "db", "stop").stdout == "The embedded PostgreSQL is stopped.\n"
    assert berceau(inner, "db", "stop").stdout == "The embedded PostgreSQL was not running.\n"


def test_each_speaks_json(host: Path) -> None:
    data = str(host / ".berceau/postgres")
    url = f"postgresql://postgres:@/shop?host={data}"

    assert json.loads(berceau(host, "db", "start", "--json").stdout) == {"url": url, "data": data, "started": True}
    assert json.loads(berceau(host, "db", "start", "--json").stdout) == {"url": url, "data": data, "started": False}
    assert json.loads(berceau(host, "db", "url", "--json").stdout) == {"url": url}
    assert json.loads(berceau(host, "db", "stop", "--json").stdout) == {"stopped": True}


def test_the_address_of_a_server_that_does_not_run_says_how_to_start_it(host: Path) -> None:
    asked = berceau(host, "db", "url")

    assert (asked.returncode, asked.stdout) == (1, "")
    assert asked.stderr == "error: the embedded PostgreSQL does not run\n  Start it: berceau db start\n"


def test_production_is_refused_without_a_traceback(host: Path) -> None:
    started = berceau(host, "db", "start", BERCEAU_ENV="production")

    assert started.returncode == 1
    assert started.stderr.startswith("error: the embedded PostgreSQL is for development; BERCEAU_ENV is `production`\n")


@pytest.mark.parametrize("words", [("db",), ("db", "restart"), ("db", "start", "--verbose")])
def test_wrong_usage_exits_with_2(host: Path, words: tuple[str, ...]) -> None:
    assert berceau(host, *words).returncode == 2
