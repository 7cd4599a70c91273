"""The shadow database: made and dropped, or a given one that is emptied only if it was empty before us."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from berceau_engine.errors import MigrationError
from berceau_engine.migrate import MigrationList, SchemaEngine
from berceau_engine.postgres import DatabaseUrl, connect
from berceau_engine.shadow import ShadowDatabase

NOWHERE = Path("migrations")
FILES = [("schema.prisma", 'datasource db {\n  provider = "postgresql"\n}\nmodel A {\n  id Int @id\n}\n')]


async def run(url: DatabaseUrl, sql: str) -> list[tuple[Any, ...]]:
    connection = await connect(url)
    try:
        if sql.lstrip().upper().startswith("SELECT"):
            return [tuple(record) for record in await connection.fetch(sql)]
        await connection.execute(sql)
        return []
    finally:
        await connection.close()


async def databases(url: DatabaseUrl) -> set[str]:
    return {str(name) for (name,) in await run(url, "SELECT datname FROM pg_database")}


async def schemas(url: DatabaseUrl) -> set[str]:
    sql = "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"
    return {str(name) for (name,) in await run(url, sql)}


@pytest.fixture
async def shadow_url(make_database: Callable[[], Coroutine[None, None, DatabaseUrl]]) -> DatabaseUrl:
    """The address of an empty database to be the shadow."""
    return await make_database()


async def test_without_an_address_a_database_is_made_and_dropped_in_the_end(database_url: DatabaseUrl) -> None:
    shadow = ShadowDatabase(database_url)
    address = await shadow.prepare()
    assert (address.place, address.user) == (database_url.place, database_url.user)
    assert address.database.startswith("berceau_shadow_")
    assert address.database in await databases(database_url)
    await shadow.close()
    await shadow.close()
    assert address.database not in await databases(database_url)


async def test_each_preparation_gives_an_empty_database_with_the_schema_of_the_address(
    database_url: DatabaseUrl,
) -> None:
    shadow = ShadowDatabase(database_url.with_schema("app"))
    address = await shadow.prepare()
    await run(
        address,
        """
        CREATE TABLE a (id INT PRIMARY KEY); CREATE TABLE b (a INT REFERENCES a); CREATE VIEW v AS SELECT * FROM b;
        CREATE SCHEMA other; CREATE TYPE other.mood AS ENUM ('sad'); CREATE TABLE public.c (m other.mood);
        """,
    )
    assert await shadow.prepare() == address
    assert await schemas(address) == {"app", "public", "berceau_shadow"}
    assert await run(address, "SELECT extname FROM pg_extension") == [("plpgsql",)]
    await run(address, "CREATE TABLE a (id INT)")
    await shadow.close()


async def test_more_tables_than_one_statement_can_drop_are_dropped(database_url: DatabaseUrl) -> None:
    shadow = ShadowDatabase(database_url)
    address = await shadow.prepare()
    await run(address, "".join(f"CREATE TABLE t{n} (id INT);" for n in range(450)))
    await shadow.prepare()
    assert await run(address, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]
    await shadow.close()


async def test_a_given_database_is_empty_again_in_the_end(database_url: DatabaseUrl, shadow_url: DatabaseUrl) -> None:
    migrations = MigrationList(NOWHERE).with_migration("20260101000000_a", "")
    async with await SchemaEngine.open(FILES, database_url, shadow_url) as engine:
        assert (await engine.create_migration("a", migrations, FILES)).script
        assert await databases(database_url) >= {shadow_url.database}
    assert await run(shadow_url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]
    async with await SchemaEngine.open(FILES, database_url, shadow_url) as engine:
        assert (await engine.create_migration("a", migrations, FILES)).script


@pytest.mark.parametrize(
    "content",
    [
        "CREATE TABLE precious (id INT)",
        "CREATE VIEW precious AS SELECT 1 AS one",
        "CREATE TYPE precious AS ENUM ('a')",
        "CREATE FUNCTION precious() RETURNS INT LANGUAGE sql AS 'SELECT 1'",
        "CREATE SCHEMA other; CREATE SEQUENCE other.precious",
    ],
)
async def test_a_given_database_that_holds_anything_is_refused_and_left_alone(
    database_url: DatabaseUrl, shadow_url: DatabaseUrl, content: str
) -> None:
    await run(shadow_url, content)
    async with await SchemaEngine.open(FILES, database_url, shadow_url) as engine:
        with pytest.raises(
            MigrationError, match=rf"{shadow_url.database}.* is not empty.*SHADOW_DATABASE_URL"
        ) as caught:
            await engine.create_migration("a", MigrationList(NOWHERE), FILES)
    assert caught.value.code == "P3005"
    kept = (
        "SELECT (SELECT count(*) FROM pg_class WHERE relname = 'precious') "
        "+ (SELECT count(*) FROM pg_type WHERE typname = 'precious' AND typtype = 'e') "
        "+ (SELECT count(*) FROM pg_proc WHERE proname = 'precious')"
    )
    assert await run(shadow_url, kept) == [(1,)]


async def test_what_a_killed_process_has_left_in_a_shadow_database_is_cleared(
    database_url: DatabaseUrl, shadow_url: DatabaseUrl
) -> None:
    shadow = ShadowDatabase(database_url, shadow_url)
    await shadow.prepare()
    await run(shadow_url, "CREATE TABLE left_over (id INT)")
    assert shadow._connection is not None
    shadow._connection.terminate()  # as if the process had been killed: nothing is cleaned up
    after = ShadowDatabase(database_url, shadow_url)
    await after.prepare()
    assert await run(shadow_url, "SELECT to_regclass('left_over')::text") == [(None,)]
    await after.close()


async def test_the_main_database_is_never_taken_for_a_shadow(database_url: DatabaseUrl) -> None:
    async with await SchemaEngine.open(FILES, database_url, replace(database_url, schema="other")) as engine:
        with pytest.raises(MigrationError, match="must not be the main database"):
            await engine.create_migration("a", MigrationList(NOWHERE), FILES)
    assert await schemas(database_url) == {"public"}


async def test_a_role_that_may_not_make_databases_is_told_what_to_do(
    database_url: DatabaseUrl, server_url: DatabaseUrl
) -> None:
    role = f"role_{secrets.token_hex(4)}"
    await run(server_url, f"CREATE ROLE {role} LOGIN")
    try:
        async with await SchemaEngine.open(FILES, replace(database_url, user=role)) as engine:
            with pytest.raises(MigrationError, match=rf"Give the role '{role}' the right CREATEDB") as caught:
                await engine.create_migration("a", MigrationList(NOWHERE), FILES)
        assert caught.value.code == "P3014"
    finally:
        await run(server_url, f"DROP ROLE {role}")


async def test_two_that_use_one_shadow_database_take_turns(database_url: DatabaseUrl, shadow_url: DatabaseUrl) -> None:
    first, second = ShadowDatabase(database_url, shadow_url), ShadowDatabase(database_url, shadow_url)
    await first.prepare()
    waiting = asyncio.create_task(second.prepare())
    done, _ = await asyncio.wait([waiting], timeout=0.3)
    assert not done
    await first.close()
    assert (await asyncio.wait_for(waiting, 60)).database == shadow_url.database
    await second.close()


# ---------------------------------------------------------------- playing migrations through


async def test_migrations_that_are_played_already_are_not_played_again(database_url: DatabaseUrl) -> None:
    shadow = ShadowDatabase(database_url)
    first = MigrationList(NOWHERE).with_migration("1_a", "CREATE TABLE a (id INT)")
    second = first.with_migration("2_b", "INSERT INTO a VALUES (1)")
    rows = "SELECT count(*) FROM a"
    try:
        for _ in range(2):
            await shadow.play(second)
            assert await run(await shadow.address(), rows) == [(1,)]
        await shadow.play(first)
        assert await run(await shadow.address(), rows) == [(0,)]
        shadow.touched()
        await run(await shadow.address(), "DROP TABLE a")
        await shadow.play(second)
        assert await run(await shadow.address(), rows) == [(1,)]
    finally:
        await shadow.close()


async def test_what_one_transaction_cannot_do_is_played(database_url: DatabaseUrl) -> None:
    shadow = ShadowDatabase(database_url)
    migrations = MigrationList(NOWHERE)
    for number, script in enumerate(
        [
            "CREATE TYPE mood AS ENUM ('glad'); CREATE TABLE a (id INT, mood mood); SET search_path = nowhere;",
            "CREATE INDEX CONCURRENTLY a_id ON a (id)",
            "-- nothing",
            "ALTER TYPE mood ADD VALUE 'sad'",
            "BEGIN; INSERT INTO a VALUES (1, 'sad'); COMMIT;",
        ]
    ):
        migrations = migrations.with_migration(f"{number}_one", script)
    try:
        await shadow.play(migrations)
        assert await run(await shadow.address(), "SELECT mood::text FROM a") == [("sad",)]
    finally:
        await shadow.close()


@pytest.mark.parametrize(
    ("script", "line", "words"),
    [
        ("SELECT 1;\n\nSELECT 1 / 0;", 3, "division by zero"),
        ("SELECT 1;\nSELECT * FROM missing;", 2, 'relation "missing" does not exist'),
        ("BEGIN;\nCREATE TABLE b (id INT);", None, "begins a transaction and does not end it"),
    ],
)
async def test_a_migration_that_does_not_apply_is_named_with_its_line(
    database_url: DatabaseUrl, script: str, line: int | None, words: str
) -> None:
    history = MigrationList(NOWHERE).with_migration("1_a", "CREATE TABLE a (id INT)").with_migration("2_b", script)
    async with await SchemaEngine.open(FILES, database_url) as engine:
        with pytest.raises(MigrationError, match=words) as caught:
            await engine.create_migration("next", history, FILES)
        assert (caught.value.code, caught.value.meta["migration"], caught.value.meta["line"]) == ("P3006", "2_b", line)
        assert (await engine.create_migration("next", MigrationList(NOWHERE), FILES)).script


async def test_drift_is_found_with_all_migrations_taken_as_applied(database_url: DatabaseUrl) -> None:
    migrations = MigrationList(NOWHERE).with_migration("1_a", 'CREATE TABLE "A" (id INT PRIMARY KEY)')
    await run(database_url, 'CREATE TABLE "A" (id INT PRIMARY KEY)')
    async with await SchemaEngine.open(FILES, database_url) as engine:
        assert await engine.drift(migrations) is None
        drift = await engine.drift(migrations.with_migration("2_b", 'CREATE TABLE "B" (id INT PRIMARY KEY)'))
        assert drift is not None
        assert "Removed tables\n  - B" in drift.reason
