"""What docs/testing.md says of errors: each is provoked, has the message on the page, and the advice mends it."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from berceau.testing.background import Background
from berceau.testing.server import Server
from berceau.testing.template import Contents
from berceau.testing.worker import WorkerDatabase
from berceau_client import Prisma
from berceau_client.errors import TableNotFoundError
from berceau_engine.migrate import Migration, MigrationList
from berceau_engine.postgres import DatabaseUrl, connect

PAGE = (Path(__file__).parents[4] / "docs/testing.md").read_text(encoding="utf-8")
MAIN = 'datasource db {\n  provider = "postgresql"\n}\n'
TABLE = "CREATE TABLE post (id INT PRIMARY KEY);\n"
COUNT = """\
CREATE FUNCTION posts() RETURNS bigint LANGUAGE plpgsql {setting} AS $$
BEGIN RETURN (SELECT count(*) FROM {table}); END $$;
"""


def messages(section: str) -> list[re.Pattern[str]]:
    """The messages that a section of the page is about, `…` standing for anything."""
    text = PAGE.partition(f"### {section}\n")[2].partition("\n#")[0]
    codes = re.findall(r"`([^`]+)`", text)
    return [re.compile(re.escape(code).replace("…", ".*")) for code in codes if re.match(r"permission|The table", code)]


@pytest.fixture
def background() -> Iterator[Background]:
    thread = Background()
    yield thread
    thread.close()


@pytest.fixture
def given(postgres: str, background: Background) -> Iterator[Server]:
    """A given server whose role may make schemas, and nothing else."""
    url = DatabaseUrl.parse(postgres)
    name = f"given_{secrets.token_hex(4)}"
    background.run(execute(url, f"CREATE DATABASE {name}"))
    background.run(execute(url, f"CREATE ROLE {name} LOGIN; GRANT CREATE ON DATABASE {name} TO {name}"))
    yield Server(replace(url, user=name).with_database(name), "TEST_DATABASE_URL", embedded=False)
    for database in background.run(owned_by(url, name)):
        background.run(execute(url, f"DROP DATABASE {database} WITH (FORCE)"))
    background.run(execute(url, f"DROP DATABASE {name} WITH (FORCE)"))
    background.run(execute(url, f"DROP ROLE {name}"))


async def execute(url: DatabaseUrl, sql: str) -> None:
    connection = await connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


async def owned_by(url: DatabaseUrl, role: str) -> list[str]:
    connection = await connect(url)
    try:
        rows = await connection.fetch("SELECT datname::text FROM pg_database WHERE datdba = $1::text::regrole", role)
        return [row["datname"] for row in rows]
    finally:
        await connection.close()


async def value(url: DatabaseUrl, sql: str) -> object:
    connection = await connect(url)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


def opened(background: Background, server: Server, sql: str) -> WorkerDatabase:
    """A worker's database, made by a migration."""
    migrations = MigrationList(Path("none"), 'provider = "postgresql"\n', (Migration("20260101000000_init", sql),))
    contents = Contents((("main.prisma", MAIN),), migrations, "troubleshooting")
    return WorkerDatabase.open(background, server, contents, f"test_{secrets.token_hex(4)}_main")


async def test_a_client_of_another_database_misses_the_table_that_db_url_has(db_url: str, postgres: str) -> None:
    (message,) = messages("Table does not exist")
    async with Prisma(postgres) as elsewhere:
        with pytest.raises(TableNotFoundError, match=message):
            await elsewhere.demouser.count()
    async with Prisma(db_url) as db:
        assert await db.demouser.count() == 0


def test_a_function_that_names_its_schema_misses_the_table_until_its_search_path_does(background, given):
    named = opened(background, given, TABLE + COUNT.format(setting="", table="public.post"))
    with pytest.raises(asyncpg.UndefinedTableError, match=r'relation "public.post" does not exist'):
        background.run(value(named.url, "SELECT posts()"))
    named.close(drop=True)
    mended = opened(background, given, TABLE + COUNT.format(setting="SET search_path = public", table="post"))
    assert background.run(value(mended.url, "SELECT posts()")) == 0
    mended.close(drop=True)


def test_a_role_that_may_make_no_tables_in_public_may_make_the_kits_schemas(background, given):
    in_public, _ = messages("Permission denied for schema")
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match=in_public):
        background.run(execute(given.url.with_schema("public"), "CREATE TABLE post ()"))
    opened(background, given, TABLE).close(drop=True)


def test_a_role_that_may_make_nothing_is_helped_by_either_right(background, given):
    (message,) = messages("Permission denied for database")
    (to_create,) = messages("Permission denied to create database")
    admin, name = replace(given.url, user="postgres"), given.url.user
    background.run(execute(admin, f"REVOKE CREATE ON DATABASE {name} FROM {name}"))
    with pytest.raises(Exception, match=message):
        opened(background, given, TABLE)
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match=to_create):
        background.run(execute(given.url, "CREATE DATABASE shadow"))
    for cure in (
        f"ALTER ROLE {name} CREATEDB",
        f"ALTER ROLE {name} NOCREATEDB; GRANT CREATE ON DATABASE {name} TO {name}",
    ):
        background.run(execute(admin, cure))
        opened(background, given, TABLE).close(drop=True)


def test_an_extension_that_the_role_may_not_make_is_used_when_it_is_there_beforehand(background, given):
    sql = 'CREATE EXTENSION IF NOT EXISTS "vector";' + TABLE
    (message,) = messages("Permission denied to create extension")
    with pytest.raises(Exception, match=message):
        opened(background, given, sql)
    background.run(execute(replace(given.url, user="postgres"), 'CREATE EXTENSION "vector"'))
    worker = opened(background, given, sql)
    assert background.run(value(worker.url, "SELECT vector_dims('[1,2]'::vector)")) == 2
    worker.close(drop=True)


def test_another_role_is_denied_the_schema_until_a_migration_grants_it(background, given):
    _, in_test = messages("Permission denied for schema")
    app, admin = f"app_{secrets.token_hex(4)}", replace(given.url, user="postgres")
    background.run(execute(admin, f"CREATE ROLE {app} LOGIN"))
    denied = opened(background, given, TABLE)
    question = "SELECT count(*) FROM {}.post"
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match=in_test):
        background.run(value(replace(denied.url, user=app), question.format(denied.copy.name)))
    denied.close(drop=True)
    granted = opened(
        background, given, TABLE + f"GRANT USAGE ON SCHEMA public TO {app}; GRANT SELECT ON post TO {app};"
    )
    assert background.run(value(replace(granted.url, user=app), question.format(granted.copy.name))) == 0
    granted.close(drop=True)
    background.run(execute(admin, f"DROP OWNED BY {app}; DROP ROLE {app}"))


DEPENDENT = """\
made = []

def test_makes():
    made.append(1)

def test_counts_on_it():
    assert made
"""


@pytest.mark.parametrize(
    ("options", "outcome"),
    [
        (["-n", "2"], "1 failed, 1 passed"),
        (["-n", "2", "--dist", "loadfile"], "2 passed"),
        (["-p", "xdist", "-n", "0"], "2 passed"),
        (["-k", "counts"], "1 failed, 1 deselected"),
    ],
)
def test_tests_that_fail_only_in_parallel_are_found_as_the_page_says(tmp_path, options, outcome):
    (tmp_path / "test_dependent.py").write_text(DEPENDENT)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "xdist", *options]
    environment = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # it needs none, and begins sooner
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300)
    assert outcome in done.stdout, done.stdout + done.stderr
