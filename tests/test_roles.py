"""The two roles: one changes tables, the other uses what is in them and can do nothing else.

Two ways to make them, the init script of the image and `berceau db setup`, which are held to the same.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from two_roles import PASSWORDS, ROOT, Cluster, cluster_set_up, cluster_with_roles, empty_cluster

from berceau.database import Database
from berceau_engine.errors import AuthenticationError, DataError
from berceau_engine.postgres import connect

pytestmark = pytest.mark.xdist_group("roles")  # one server for all of them

FORBIDDEN = [
    "CREATE TABLE public.mine (id int)",
    "CREATE TEMPORARY TABLE mine (id int)",
    "CREATE SCHEMA mine",
    'CREATE VIEW public.mine AS SELECT * FROM "DemoPost"',
    "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql RETURN 1",
    "CREATE TYPE public.mine AS ENUM ('ONE')",
    'CREATE INDEX mine ON "DemoPost" (title)',
    'ALTER TABLE "DemoPost" ADD COLUMN mine int',
    'ALTER TABLE "DemoPost" DISABLE TRIGGER ALL',
    "ALTER TYPE \"DemoPostStatus\" ADD VALUE 'MINE'",
    'DROP TABLE "DemoPost"',
    'DROP TYPE "DemoPostStatus"',
    'TRUNCATE "DemoPost"',
    "COMMENT ON TABLE \"DemoPost\" IS 'mine'",
    "DROP SCHEMA public CASCADE",
    "DROP DATABASE berceau",
    "CREATE DATABASE mine",
    "CREATE ROLE mine",
    "SET ROLE berceau_migrate",
    "ALTER ROLE berceau_migrate PASSWORD 'mine'",
    "INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ('1', '2', '3')",
    "UPDATE _prisma_migrations SET rolled_back_at = now()",
    "DELETE FROM _prisma_migrations",
]


@pytest.fixture(scope="module", params=[cluster_with_roles, cluster_set_up])
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """A server on which the migrating role has applied the reference host's migrations."""
    with request.param() as cluster:
        done = subprocess.run(
            [sys.executable, "-m", "berceau", "migrate", "deploy"],
            cwd=ROOT,
            env=os.environ | {"BERCEAU_ENV": "production", "MIGRATION_DATABASE_URL": cluster.migrate_url},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert "applied" in done.stdout
        yield cluster


async def test_the_running_role_uses_the_tables_that_the_migrating_role_has_made(cluster):
    async with Database(cluster.app_url) as database:
        db = database.client
        post = await db.demopost.create(data={"title": "Tea", "author": {"create": {"name": "Ada"}}})
        assert await db.demopost.count() == 1
        assert (await db.demopost.update(where={"id": post.id}, data={"title": "Coffee"})).title == "Coffee"
        assert (await db.demopost.delete(where={"id": post.id})).id == post.id


async def test_the_running_role_uses_tables_and_sequences_of_later_migrations(cluster):
    owner = await connect(cluster.migrate_url)
    await owner.execute('CREATE TABLE "Later" (id serial PRIMARY KEY)')
    await owner.close()
    runner = await connect(cluster.app_url)
    assert await runner.fetchval('INSERT INTO "Later" DEFAULT VALUES RETURNING id') == 1
    await runner.close()


@pytest.mark.parametrize("statement", FORBIDDEN)
async def test_the_running_role_changes_nothing_but_rows(cluster, statement):
    connection = await connect(cluster.app_url)
    try:
        with pytest.raises(Exception, match=r"must be owner|permission denied") as caught:
            await connection.execute(statement)
        assert caught.value.sqlstate == "42501"
    finally:
        await connection.close()


async def test_a_query_beyond_the_rights_of_the_role_says_so(cluster):
    async with Database(cluster.app_url) as database:
        with pytest.raises(DataError, match="permission denied"):
            await database.client.execute_raw('TRUNCATE "DemoPost"')


async def test_another_role_is_not_let_into_the_database(cluster):
    admin = await connect(cluster.admin)
    await admin.execute("CREATE ROLE stranger LOGIN PASSWORD 'secret'")
    await admin.close()
    with pytest.raises(DataError, match="permission denied for database"):
        await connect(cluster.url("stranger", "secret"))


@pytest.mark.parametrize("role", ["berceau_migrate", "berceau_app"])
async def test_a_role_needs_its_password(cluster, role):
    with pytest.raises(AuthenticationError):
        await connect(cluster.url(role, "wrong"))


@pytest.mark.parametrize("missing", PASSWORDS)
async def test_without_a_password_nothing_is_made(missing):
    with empty_cluster() as cluster:
        done = cluster.initialize(**{name: value for name, value in PASSWORDS.items() if name != missing})
        assert done.returncode != 0
        connection = await connect(cluster.admin)
        assert await connection.fetchval("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'berceau%'") == 0
        await connection.close()
