"""What docs/testing.md says of errors: each is provoked, has the message on the page, and the advice mends it."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest
from given_servers import TABLE, Given, admin, column, execute, migrated, opened

from berceau.testing.server import Server
from berceau_client import Prisma
from berceau_client.errors import TableNotFoundError

PAGE = (Path(__file__).parents[4] / "docs/testing.md").read_text(encoding="utf-8")
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
def server(given: Given) -> Server:
    """A given server whose role may make schemas, and nothing else."""
    return given("")


async def test_a_client_of_another_database_misses_the_table_that_db_url_has(db_url: str, postgres: str) -> None:
    (message,) = messages("Table does not exist")
    async with Prisma(postgres) as elsewhere:
        with pytest.raises(TableNotFoundError, match=message):
            await elsewhere.demouser.count()
    async with Prisma(db_url) as db:
        assert await db.demouser.count() == 0


def test_a_function_that_names_its_schema_misses_the_table_until_its_search_path_does(background, server):
    named = opened(background, server, migrated(TABLE + COUNT.format(setting="", table="public.post")))
    with pytest.raises(asyncpg.UndefinedTableError, match=r'relation "public.post" does not exist'):
        background.run(column(named.url, "SELECT posts()"))
    named.close(drop=True)
    mended = opened(
        background, server, migrated(TABLE + COUNT.format(setting="SET search_path = public", table="post"))
    )
    assert background.run(column(mended.url, "SELECT posts()")) == [0]
    mended.close(drop=True)


def test_a_role_that_may_make_no_tables_in_public_may_make_the_kits_schemas(background, server):
    in_public, _ = messages("Permission denied for schema")
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match=in_public):
        background.run(execute(server.url.with_schema("public"), "CREATE TABLE post ()"))
    opened(background, server, migrated(TABLE)).close(drop=True)


def test_a_role_that_may_make_nothing_is_helped_by_either_right(background, server):
    (message,) = messages("Permission denied for database")
    (to_create,) = messages("Permission denied to create database")
    superuser, name = admin(server), server.url.user
    background.run(execute(superuser, f"REVOKE CREATE ON DATABASE {name} FROM {name}"))
    with pytest.raises(Exception, match=message):
        opened(background, server, migrated(TABLE))
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match=to_create):
        background.run(execute(server.url, "CREATE DATABASE shadow"))
    for cure in (
        f"ALTER ROLE {name} CREATEDB",
        f"ALTER ROLE {name} NOCREATEDB; GRANT CREATE ON DATABASE {name} TO {name}",
    ):
        background.run(execute(superuser, cure))
        opened(background, server, migrated(TABLE)).close(drop=True)


def test_an_extension_that_the_role_may_not_make_is_used_when_it_is_there_beforehand(background, server):
    sql = 'CREATE EXTENSION IF NOT EXISTS "vector";' + TABLE
    (message,) = messages("Permission denied to create extension")
    with pytest.raises(Exception, match=message):
        opened(background, server, migrated(sql))
    background.run(execute(admin(server), 'CREATE EXTENSION "vector"'))
    worker = opened(background, server, migrated(sql))
    assert background.run(column(worker.url, "SELECT vector_dims('[1,2]'::vector)")) == [2]
    worker.close(drop=True)


def test_another_role_is_denied_the_schema_until_a_migration_grants_it(background, server):
    _, in_test = messages("Permission denied for schema")
    app, superuser = f"app_{secrets.token_hex(4)}", admin(server)
    background.run(execute(superuser, f"CREATE ROLE {app} LOGIN"))
    denied = opened(background, server, migrated(TABLE))
    question = "SELECT count(*) FROM {}.post"
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match=in_test):
        background.run(column(replace(denied.url, user=app), question.format(denied.copy.name)))
    denied.close(drop=True)
    granted = opened(
        background,
        server,
        migrated(TABLE + f"GRANT USAGE ON SCHEMA public TO {app}; GRANT SELECT ON post TO {app};"),
    )
    assert background.run(column(replace(granted.url, user=app), question.format(granted.copy.name))) == [0]
    granted.close(drop=True)
    background.run(execute(superuser, f"DROP OWNED BY {app}; DROP ROLE {app}"))


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
