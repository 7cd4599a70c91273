"""Workers on a given server, with every kind of role: runs side by side, runs that died."""

from __future__ import annotations

import asyncio
import re
import secrets
from dataclasses import replace
from pathlib import Path

import pytest

from berceau.testing import locks
from berceau.testing.background import Background
from berceau.testing.server import Server, given_url
from berceau.testing.template import Contents, Template, ensure_template
from berceau.testing.worker import WorkerDatabase
from berceau_engine.migrate import Migration, MigrationList
from berceau_engine.postgres import DatabaseUrl, connect

MAIN = 'datasource db {\n  provider = "postgresql"\n}\n'
MODELS = "model DemoUser {\n  id String @id\n}\n"
SQL = """\
CREATE TYPE "public"."Mood" AS ENUM ('happy', 'sad');
CREATE TABLE "mood" ("name" "public"."Mood" PRIMARY KEY, "rank" SERIAL, "text" TEXT DEFAULT 'public.x');
CREATE TABLE "parent" ("id" INT PRIMARY KEY, "mood" "public"."Mood" REFERENCES "mood");
CREATE TABLE "child" ("id" INT PRIMARY KEY, "parent" INT NOT NULL REFERENCES "parent");
CREATE TABLE "log" ("id" SERIAL, "what" TEXT);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN INSERT INTO log (what) VALUES (TG_OP); RETURN NULL; END $$;
CREATE TRIGGER noted AFTER INSERT OR DELETE ON "child" FOR EACH ROW EXECUTE FUNCTION note();
CREATE MATERIALIZED VIEW "children" AS SELECT count(*) AS n FROM "child";
INSERT INTO "mood" ("name") VALUES ('happy'), ('sad');
"""


ROLE = "a role that may make schemas"
MAKER = "a role that may make databases"


@pytest.fixture(scope="module", params=[ROLE, MAKER, "a superuser"])
def server(request: pytest.FixtureRequest, postgres: str, background: Background) -> Server:
    """A database on a given server, with somebody else's schema in it."""
    url = DatabaseUrl.parse(postgres)
    name = f"given_{secrets.token_hex(4)}"
    user = name if request.param in (ROLE, MAKER) else url.user

    async def make() -> None:
        admin = await connect(url)
        if user == name:
            await admin.execute(f"CREATE ROLE {name} LOGIN" + (" CREATEDB" if request.param == MAKER else ""))
        await admin.execute(f"CREATE DATABASE {name}")
        if request.param == ROLE:
            await admin.execute(f"GRANT CREATE ON DATABASE {name} TO {user}")
        await admin.close()
        inside = await connect(url.with_database(name))
        await inside.execute('CREATE SCHEMA test_of_theirs; CREATE TABLE public."mood" (x int)')
        await inside.close()

    background.run(make())
    return Server(replace(url, user=user).with_database(name), "the test", embedded=False)


@pytest.fixture(scope="module")
def contents(server: Server) -> Contents:
    """Migrations, as they may come; no other server's, whose templates may be databases beside this one's."""
    migrations = (Migration("20260101000000_init", SQL),)
    lock = 'provider = "postgresql"\n'
    models = f"// {server.url.database}\n{MODELS}"
    return Contents((("main.prisma", MAIN), ("demo.prisma", models)), MigrationList(Path("none"), lock, migrations))


def copy_name(server: Server, word: str) -> str:
    """The name of a copy that no other server has, as copies may be databases beside each other."""
    return f"test_{server.url.database}_{word}"


async def there(worker: WorkerDatabase) -> set[str]:
    """The schemas of the given database, and all databases; templates without what follows the hash."""
    rows = await worker.holder.fetch("SELECT nspname::text FROM pg_namespace UNION ALL SELECT datname FROM pg_database")
    return {re.sub(r"^(berceau_template_[0-9a-f]{16})_\d+_\d+$", r"\1", row["nspname"]) for row in rows}


def test_workers_have_copies_of_their_own_and_are_emptied_to_what_migrations_filled_in(server, contents, background):
    first, second = (WorkerDatabase.open(background, server, contents, copy_name(server, n)) for n in ("gw0", "gw1"))

    async def write(worker: WorkerDatabase) -> None:
        await worker.client.execute_raw("INSERT INTO parent VALUES (1, 'sad')")
        await worker.client.execute_raw("INSERT INTO child VALUES (1, 1)")
        await worker.client.execute_raw("DELETE FROM mood WHERE name = 'happy'")
        await worker.client.execute_raw("UPDATE mood SET text = 'changed'")
        await worker.client.execute_raw("REFRESH MATERIALIZED VIEW children")

    async def look(worker: WorkerDatabase) -> list[object]:
        queries = (
            "SELECT name::text, rank, text FROM mood ORDER BY rank",
            "SELECT count(*) FROM parent",
            "SELECT count(*) FROM log",
            "SELECT n FROM children",
            "SELECT nextval(pg_get_serial_sequence('mood', 'rank'))",
            "SELECT nextval(pg_get_serial_sequence('log', 'id'))",
        )
        return [[tuple(row) for row in await worker.cleaner.fetch(sql)] for sql in queries]

    clean = [[("happy", 1, "public.x"), ("sad", 2, "public.x")], [(0,)], [(0,)], [(0,)], [(3,)], [(1,)]]
    try:
        background.run(write(first))
        assert background.run(look(second)) == clean
        first.prepare(None, None)
        second.prepare(None, None)
        assert background.run(look(first)) == clean
        first.prepare(None, None)
        background.run(write(first))
        first.prepare(None, None)
        assert background.run(look(first)) == clean
        assert {copy_name(server, "gw0"), copy_name(server, "gw1"), contents.name, "test_of_theirs"} <= background.run(
            there(first)
        )
    finally:
        first.close(drop=True)
        second.close(drop=True)


def test_copies_of_dead_runs_are_dropped_those_of_others_are_not(server, contents, background):
    dead = WorkerDatabase.open(background, server, contents, copy_name(server, "dead"))
    alive = WorkerDatabase.open(background, server, contents, copy_name(server, "alive"))
    dead.abandon()
    ours = None
    try:
        background.run(gone(alive, copy_name(server, "dead")))
        ours = WorkerDatabase.open(background, server, contents, copy_name(server, "ours"))
        found = background.run(there(ours))
        assert copy_name(server, "dead") not in found
        assert {copy_name(server, "alive"), copy_name(server, "ours"), "test_of_theirs"} <= found
    finally:
        for worker in filter(None, (alive, ours)):
            worker.close(drop=True)


async def gone(worker: WorkerDatabase, name: str) -> None:
    """Wait until the server has noticed that whoever held a lock is no more."""
    await locks.alone(worker.holder, name)
    await locks.let_go(worker.holder, name)


def test_a_template_that_is_no_longer_needed_is_dropped(server, contents, background):
    changed = replace(contents, schema=(*contents.schema, ("more.prisma", "// more\n")))
    WorkerDatabase.open(background, server, contents, copy_name(server, "before")).close(drop=True)
    worker = WorkerDatabase.open(background, server, changed, copy_name(server, "after"))
    try:
        found = background.run(there(worker))
        assert changed.name in found
        assert contents.name not in found
    finally:
        worker.close(drop=True)


@pytest.mark.parametrize("server", [ROLE], indirect=True, scope="module")
def test_a_role_that_may_make_nothing_is_told_what_it_needs(server, contents, background):
    async def forbid(word: str, whom: str) -> None:
        admin = await connect(replace(server.url, user="postgres"))
        name = server.url.database
        await admin.execute(
            f"{word} CREATE ON DATABASE {name} {whom} {name}; DROP SCHEMA IF EXISTS {contents.name} CASCADE"
        )
        await admin.close()

    background.run(forbid("REVOKE", "FROM"))
    try:
        with pytest.raises(Exception, match="GRANT CREATE ON DATABASE"):
            WorkerDatabase.open(background, server, contents, copy_name(server, "poor"))
    finally:
        background.run(forbid("GRANT", "TO"))


@pytest.mark.parametrize("address", ["mysql://x", "postgresql://u@h/d?pgbouncer=true"])
def test_an_address_that_cannot_be_used_names_the_variable(monkeypatch, address):
    monkeypatch.setenv("TEST_DATABASE_URL", address)
    with pytest.raises(Exception, match="TEST_DATABASE_URL"):
        given_url()


def test_who_looks_while_a_template_is_being_made_has_it_when_it_is_ready(server, contents, background):
    fresh = replace(contents, schema=(("main.prisma", MAIN), ("models.prisma", f"// {secrets.token_hex(4)}\n{MODELS}")))
    holders = []

    async def ensure() -> Template:
        holders.append(await connect(server.url))
        return await ensure_template(holders[-1], server, fresh)

    async def together() -> list[Template]:
        try:
            async with asyncio.timeout(120):
                return await asyncio.gather(*(ensure() for _ in range(4)))
        finally:
            for holder in holders:
                await holder.close()

    assert len({template.name for template in background.run(together())}) == 1
