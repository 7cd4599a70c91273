"""Deploys as processes of their own: ten at once, and killed at random moments."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from berceau.errors import MigrationStateError
from berceau.migrations import resolve

from .conftest import Host

ROUNDS = int(os.environ.get("BERCEAU_KILL_ROUNDS", "5"))
SEED = int(os.environ.get("BERCEAU_KILL_SEED", "1"))


def started(host: Host) -> subprocess.Popen[str]:
    """`berceau migrate deploy` as a process."""
    (host.config.root / "pyproject.toml").write_text("[tool.berceau]\n")
    patient = host.target.url.with_parameter("connect_timeout", "120")  # ten at once start slowly
    return subprocess.Popen(
        [sys.executable, "-m", "berceau", "migrate", "deploy"],
        cwd=host.config.root,
        env=os.environ | {"MIGRATION_DATABASE_URL": str(patient), "BERCEAU_ENV": "production"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


async def test_ten_at_once_apply_each_migration_once(host: Host) -> None:
    names = [f"202001010000{number:02}_step" for number in range(12)]
    for number, name in enumerate(names):
        host.migration(name, f"CREATE TABLE step{number} (id int);\nSELECT pg_sleep(0.05);\n")

    deploys = [started(host) for _ in range(10)]
    said = [deploy.communicate() for deploy in deploys]

    assert [deploy.returncode for deploy in deploys] == [0] * 10, said
    applied = [line.split()[1] for output, _ in said for line in output.splitlines() if line.startswith("applied ")]
    assert sorted(applied) == names
    assert await host.fetch("SELECT migration_name FROM _prisma_migrations ORDER BY started_at") == names


def write_history(host: Host) -> list[str]:
    """Migrations of each kind: in a transaction, with transactions of their own, and outside of any."""
    scripts = ["CREATE TABLE kept (step int, at timestamptz DEFAULT now());\n"]
    for number in range(1, 12):
        row = f"INSERT INTO kept (step) VALUES ({number});\n"
        slow = "SELECT pg_sleep(0.02);\n"
        if number % 4 == 2:
            scripts.append(f"BEGIN;\nCREATE TABLE own{number} ();\n{slow}{row}COMMIT;\n")
        elif number % 4 == 3:
            scripts.append(f"CREATE INDEX CONCURRENTLY slowly{number} ON kept (step);\n")
        else:
            scripts.append(f"CREATE TABLE whole{number} ();\n{slow}{row}")
    names = [f"202001010000{number:02}_step" for number in range(len(scripts))]
    for name, script in zip(names, scripts, strict=True):
        host.migration(name, script)
    return names


async def put_right(host: Host, error: MigrationStateError) -> None:
    """Do what the message says: look whether the migration is there, remove an index that is not valid, say so."""
    name = Path(str(error.file)).parent.name
    number = int(name[12:14])
    assert "was interrupted" in error.message
    assert f"berceau migrate resolve --rolled-back {name}" in str(error)
    if number % 4 == 3:
        await host.execute(f"DROP INDEX IF EXISTS slowly{number}")
        there = False
    else:
        there = await host.fetch(f"SELECT count(*) FROM kept WHERE step = {number}") == [1]
    await resolve(host.config, host.target, name, applied=there, say=host.said.append)


@pytest.mark.parametrize("number", range(ROUNDS))
async def test_a_killed_deploy_is_explained_and_finished_by_the_next(host: Host, number: int) -> None:
    names = write_history(host)
    deploy = started(host)
    moment = random.Random(SEED * 1000 + number).uniform(0.2, 1.6)
    time.sleep(moment)  # not to wait for anything: the moment is meant to be any
    deploy.send_signal(signal.SIGKILL)
    deploy.communicate()

    await host.status()
    for _ in names:
        try:
            await host.deploy()
            break
        except MigrationStateError as error:
            await put_right(host, error)

    rows = await host.fetch("SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL ORDER BY 1")
    assert rows == names
    assert await host.fetch("SELECT step FROM kept ORDER BY step") == [1, 2, 4, 5, 6, 8, 9, 10]
    assert await host.fetch("SELECT count(*) FROM pg_class WHERE relname ~ '^(own|whole)'") == [8]
    assert await host.fetch(
        "SELECT count(*) FROM pg_index WHERE indexrelid::regclass::text ~ '^slowly' AND indisvalid"
    ) == [3]
