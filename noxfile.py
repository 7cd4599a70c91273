"""What is done with the workspace: `uv run nox` for everything, `uv run nox -s tests` for one of the sessions below.

The sessions use the environment that `uv run` has just brought up to date, so that a fresh clone is installed once and
a change is tested at once. With a Python given (`uv run nox -s tests -P 3.13`) nox has uv make an environment of its
own for that one, in `.nox`, with the same packages.

What follows `--` goes to the program: `uv run nox -s tests -- packages/engine -k promise`.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import nox

nox.needs_version = ">=2026.4"
nox.options.default_venv_backend = "uv"
nox.options.reuse_venv = "yes"
nox.options.sessions = ["lint", "types", "tests", "e2e"]

# Tests start hundreds of processes that import the same modules: what Python compiles is kept, whatever is set here.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

ROOT = Path(__file__).parent
SOURCES = [
    str(path.relative_to(ROOT)) for path in (*ROOT.glob("packages/*/src"), *ROOT.glob("packages/components/*/src"))
]
DEMO = "packages/components/demo/src"


@nox.session(python=False)
def tests(session: nox.Session) -> None:
    """All tests that need nothing but uv, on all cores; those that need a browser are in `e2e`."""
    prepare(session)
    session.run("pytest", "-n", "logical", "--dist", "loadgroup", "-m", "not e2e", *session.posargs)


@nox.session(python=False)
def e2e(session: nox.Session) -> None:
    """The tests that drive a real browser; where there is none they are skipped, but with CI set they fail."""
    prepare(session)
    session.run("pytest", "-m", "e2e", *session.posargs)


@nox.session(python=False)
def lint(session: nox.Session) -> None:
    """Style, form, and the direction of imports between the packages."""
    sync(session)
    session.run("ruff", "check", *session.posargs)
    session.run("ruff", "format", "--check")
    session.run("lint-imports", "--no-logo")


@nox.session(python=False)
def types(session: nox.Session) -> None:
    """mypy and pyright, both strict: all packages, the client and what uses it, files of right and wrong uses."""
    prepare(session)
    session.run("mypy", *SOURCES)
    with TemporaryDirectory() as folder:  # pyright passes over environments
        session.run("python", "-c", COPY_STUBS, folder)
        session.run("pyright", folder, DEMO)
    session.run("pytest", "tests/types", *session.posargs)


COPY_STUBS = """
import shutil, sys
from berceau.config import load_config
shutil.copytree(load_config().client_dir, f"{sys.argv[1]}/berceau_client", ignore=shutil.ignore_patterns("*.py"))
"""


@nox.session(python=False)
def differential(session: nox.Session) -> None:
    """The client beside the official one from npm: same operations, same answers. `-- --hypothesis-seed=5`: others."""
    sync(session)
    session.run("pytest", "tests/differential", "--hypothesis-seed=1", *session.posargs)


@nox.session(python=False)
def official(session: nox.Session) -> None:
    """Prisma's own command line, from npm, on databases that we migrated, and ours on those that it migrated."""
    sync(session)
    session.run("pytest", "tests/official", *session.posargs)


@nox.session(python=False)
def kills(session: nox.Session) -> None:
    """Deploys that are killed at 50 random moments; among the tests there are 5."""
    sync(session)
    file = "packages/core/tests/migrations/test_deploy_processes.py"
    session.run("pytest", file, *session.posargs, env={"BERCEAU_KILL_ROUNDS": "50"})


@nox.session(python=False)
def debian(session: nox.Session) -> None:
    """Every migration command on Debian's PostgreSQL 15; skipped where there is none, but with CI set it fails."""
    sync(session)
    session.run("pytest", "tests/migrations", "-k", "debian", *session.posargs)


@nox.session(python=False)
def concurrency(session: nox.Session) -> None:
    """A minute of 200 tasks over 5 connections, cancelled at random moments; among the tests it takes 8 seconds."""
    sync(session)
    file = "packages/core/tests/client/test_concurrency.py"
    session.run("pytest", "-s", file, *session.posargs, env={"BERCEAU_CONCURRENCY_SECONDS": "60"})


@nox.session(python=False)
def there_and_back(session: nox.Session) -> None:
    """Migrations between 300 pairs of random schemas: up, down, up; among the tests there are 4."""
    sync(session)
    file = "packages/core/tests/migrations/test_there_and_back.py"
    session.run("pytest", file, *session.posargs, env={"BERCEAU_THERE_AND_BACK": "300"})


@nox.session
def random_order(session: nox.Session) -> None:
    """The core suite in random order, for ten seeds or as many as are given: `-- 100`; `-- 3 slow`: all core tests.

    The core suite is what is quick of `packages/core`: the client, the test kit, composition, pages.
    """
    folder = session.virtualenv.location
    session.run_install("uv", "sync", external=True, env={"UV_PROJECT_ENVIRONMENT": folder})
    session.run_install("uv", "pip", "install", "pytest-randomly>=4", "--python", folder, external=True)
    session.run("berceau", "build")
    seeds, *also = session.posargs or ["10"]
    chosen = ["packages/core", "-n", "logical", "--dist", "loadgroup"] + (
        [] if also == ["slow"] else ["-m", "not slow"]
    )
    for seed in range(1, int(seeds) + 1):
        session.run("pytest", "-q", "-p", "randomly", f"--randomly-seed={seed}", *chosen)


@nox.session
def bench(session: nox.Session) -> None:
    """The client beside its limit and its peers; writes docs/benchmarks.md. With `-- --quick` a short look."""
    folder = session.virtualenv.location
    session.run_install("uv", "sync", "--group", "bench", external=True, env={"UV_PROJECT_ENVIRONMENT": folder})
    session.run("python", "benchmarks/speed", *session.posargs)


@nox.session(python=False)
def build(session: nox.Session) -> None:
    """Wheels and source distributions of the four packages, in `dist`."""
    shutil.rmtree(ROOT / "dist", ignore_errors=True)
    session.run("uv", "build", "--all-packages", "--out-dir", "dist", *session.posargs, external=True)


def prepare(session: nox.Session) -> None:
    """The environment up to date, and in it the client over the models of all components.

    On a new machine the engines are compiled, once, before many processes need them at the same time.
    """
    sync(session)
    session.run("python", "-c", "from berceau_engine.wasm import load; load('compiler_postgresql'); load('migrate')")
    session.run("berceau", "build")


def sync(session: nox.Session) -> None:
    """Fill an environment of the session's own; that of `uv run` is full."""
    if session.python:
        folder = session.virtualenv.location
        session.run_install("uv", "sync", external=True, env={"UV_PROJECT_ENVIRONMENT": folder})
