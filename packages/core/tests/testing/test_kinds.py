"""Copies on a given server are databases where that can be, and schemas in the given database where not."""

from __future__ import annotations

import asyncio
import re
import secrets
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from given_servers import TABLE, admin, column, execute, given_on, migrated, opened

from berceau import embedded
from berceau.testing.copies import drop_copy, make_copy
from berceau.testing.info import describe
from berceau.testing.kinds import Databases
from berceau.testing.server import Server, own_server
from berceau.testing.template import Contents, Template, ensure_template, foresee
from berceau_engine.postgres import DatabaseUrl, connect

ROOT = Path(__file__).parents[4]
VECTOR = 'CREATE EXTENSION IF NOT EXISTS "vector";\n'  # which only a superuser may make
FEW_LOCKS = {"max_connections": "20", "max_locks_per_transaction": "20"}


async def foreseen(server: Server, contents: Contents) -> Template:
    connection = await connect(server.url)
    try:
        return await foresee(connection, server, contents)
    finally:
        await connection.close()


@pytest.mark.parametrize(
    ("role", "word", "reason"),
    [
        ("SUPERUSER", "database", ""),
        ("CREATEDB", "database", ""),
        ("", "schema", r"the role 'given_\w+' may make no databases \(ALTER ROLE given_\w+ CREATEDB\)"),
    ],
)
def test_the_rights_of_the_role_decide(background, given, role, word, reason):
    server, contents = given(role), migrated(TABLE)
    before = background.run(foreseen(server, contents))
    worker = opened(background, server, contents)
    worker.close(drop=True)
    assert (worker.copy.kind.word, before.kind.word) == (word, word)
    assert re.fullmatch(reason, before.reason)


def test_a_database_is_like_the_given_one(background, given):
    look = """
        SELECT concat_ws(' ', pg_encoding_to_char(encoding), datcollate, datctype, d->>'datlocprovider',
                         d->>'datlocale', current_setting('work_mem'), current_setting('shop.name'))
        FROM pg_database, to_jsonb(pg_database) d WHERE datname = current_database()"""
    server = given("SUPERUSER", database="LC_COLLATE 'C' LC_CTYPE 'C' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'")
    settings = (
        f"ALTER DATABASE {server.url.database} SET {one}" for one in ("work_mem = '7MB'", "shop.name = 'Tea''s'")
    )
    background.run(execute(server.url, *settings))
    worker = opened(background, server, migrated(TABLE))
    expected = background.run(column(server.url, look))
    assert expected == ["UTF8 C C b C.UTF-8 7MB Tea's"]
    assert background.run(column(worker.url, look)) == expected
    worker.close(drop=True)


def test_default_privileges_of_the_given_database_hold_for_copies(background, given):
    server, contents = given(), migrated(TABLE)
    background.run(execute(server.url, "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC"))
    worker = opened(background, server, contents)
    assert worker.copy.kind.word == "schema"
    assert "has default privileges" in background.run(foreseen(server, contents)).reason
    assert background.run(column(worker.url, "SELECT relacl::text LIKE '%{=r/%' FROM pg_class WHERE relname = 'post'"))
    worker.close(drop=True)


def test_extensions_of_the_given_database_are_there_as_far_as_the_role_may_make_them(background, given):
    for role, sql, word in (
        ("SUPERUSER", VECTOR, "database"),
        ("CREATEDB", VECTOR, "schema"),
        ("CREATEDB", "", "database"),
    ):
        server, contents = given(role), migrated(sql + TABLE)
        background.run(execute(admin(server), VECTOR))
        worker = opened(background, server, contents)
        again = opened(background, server, contents)
        assert (worker.copy.kind.word, again.copy.kind.word) == (word, word), (role, sql)
        told = background.run(foreseen(server, contents))
        assert told.kind.word == word
        assert ("permission denied to create extension" in told.reason) == (word == "schema")
        if sql:
            assert background.run(column(worker.url, "SELECT vector_dims('[1,2]'::vector)")) == [2]
        worker.close(drop=True)
        again.close(drop=True)


def test_what_only_the_given_database_has_is_found_there(background, given):
    server, contents = given(), migrated("CREATE TABLE post (id INT PRIMARY KEY REFERENCES auth.users);\n")
    background.run(execute(server.url, "CREATE SCHEMA auth; CREATE TABLE auth.users (id INT PRIMARY KEY)"))
    worker = opened(background, server, contents)
    worker.close(drop=True)
    assert worker.copy.kind.word == "schema"
    assert 'schema "auth" does not exist' in background.run(foreseen(server, contents)).reason


def test_a_server_that_lets_the_role_into_the_given_database_only(background):
    ours, stop = own_server()
    try:
        file = Path(str(background.run(column(ours.url, "SHOW hba_file"))[0]))
        file.write_text(f"local all {ours.url.user} trust\nlocal shop maker trust\nlocal all maker reject\n")
        background.run(execute(ours.url, "CREATE ROLE maker LOGIN CREATEDB", "CREATE DATABASE shop OWNER maker"))
        background.run(execute(ours.url, "SELECT pg_reload_conf()"))
        server, contents = Server(replace(ours.url, user="maker").with_database("shop"), "here", False), migrated(TABLE)
        opened(background, server, contents).close(drop=True)
        worker = opened(background, server, contents)
        worker.close(drop=True)
        assert worker.copy.kind.word == "schema"
        assert "pg_hba.conf rejects connection" in background.run(foreseen(server, contents)).reason
    finally:
        stop()


def test_workers_that_begin_and_end_at_once_share_the_room_for_locks_of_a_small_server(background, project):
    url = embedded.start(project, say=lambda _: None, settings=FEW_LOCKS).url
    tables = (f"CREATE TABLE t{n} (id SERIAL PRIMARY KEY, name TEXT UNIQUE, other INT);\n" for n in range(60))
    contents = migrated("".join(tables))

    async def all_at_once(server: Server) -> None:
        holders = [await connect(server.url) for _ in range(8)]
        template = await ensure_template(holders[0], server, contents)
        copies = await asyncio.gather(*(make_copy(one, template, f"test_{n}") for n, one in enumerate(holders)))
        await asyncio.gather(*(drop_copy(one, copy) for one, copy in zip(holders, copies, strict=True)))
        for holder in holders:
            await holder.close()

    with given_on(DatabaseUrl.parse(url), background) as given:
        background.run(all_at_once(given("")))


def test_a_migration_that_is_wrong_fails_as_everywhere(background, given):
    with pytest.raises(Exception, match='relation "nothing" does not exist') as caught:
        opened(background, given(), migrated("ALTER TABLE nothing ADD x INT;\n"))
    assert "cannot be made in a database of its own" in "".join(caught.value.__notes__)


def test_roles_that_share_a_database_do_not_wait_for_each_other(background, given):
    server, contents = given("CREATEDB"), migrated(TABLE)
    background.run(execute(admin(server), f"CREATE ROLE {server.url.user}_poor LOGIN"))
    poor = replace(server, url=replace(server.url, user=f"{server.url.user}_poor"))
    background.run(execute(admin(server), f"GRANT CREATE ON DATABASE {server.url.database} TO {poor.url.user}"))
    workers = [opened(background, one, contents) for one in (server, poor, replace(server, url=admin(server)))]
    assert [worker.copy.kind.word for worker in workers] == ["database", "schema", "database"]
    for worker in workers:
        worker.close(drop=True)
    background.run(execute(admin(server), f"DROP OWNED BY {poor.url.user} CASCADE; DROP ROLE {poor.url.user}"))


def test_what_a_run_left_that_was_killed_while_its_database_was_copied_is_dropped(background, given):
    server, other = given(), given()
    databases = background.run(databases_of(server))
    names = [f"test_{secrets.token_hex(4)}_main" for _ in range(3)]
    limits = [databases.limit, background.run(databases_of(other)).limit, -1]
    for name, limit in zip(names, limits, strict=True):  # ours, that of runs in another database, somebody's
        background.run(execute(server.url, f"CREATE DATABASE {name} CONNECTION LIMIT {limit}"))
    opened(background, server, migrated(TABLE)).close(drop=True)
    found = background.run(column(server.url, "SELECT datname::text FROM pg_database"))
    assert [name in found for name in names] == [False, True, True]


async def databases_of(server: Server) -> Databases:
    connection = await connect(server.url)
    try:
        return await Databases.on(connection, server)
    finally:
        await connection.close()


def test_the_template_is_ended_by_nobody_who_is_connected_to_it(background, given):
    """A pool between us and the server keeps its connections."""
    server, contents = given(), migrated(TABLE)

    async def pooled() -> None:
        holder = await connect(server.url)
        making = asyncio.create_task(ensure_template(holder, server, contents))
        url = server.url.with_database((await databases_of(server)).template_name(contents.name))
        kept = []
        while not making.done():
            with suppress(Exception):  # not there yet, or nobody is let in any more
                kept.append(await connect(url))
            await asyncio.sleep(0.02)
        await making
        assert kept
        for connection in (*kept, holder):
            connection.terminate()

    background.run(pooled())
    worker = opened(background, server, contents)
    worker.close(drop=True)
    assert worker.copy.kind.word == "database"


@pytest.mark.parametrize(("role", "expected"), [("CREATEDB", "each in a database"), ("", "because the role 'given_")])
def test_what_would_be_used_is_told_with_the_reason(monkeypatch, given, role, expected):
    server = given(role)
    monkeypatch.setenv("TEST_DATABASE_URL", str(server.url))
    lines = describe(ROOT, workers="1", keep=False).splitlines()
    (copies,) = (line for line in lines if line.startswith("copies:"))
    assert expected in copies, copies
