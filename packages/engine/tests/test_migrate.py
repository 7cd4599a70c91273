"""The schema engine on a real PostgreSQL: every method, failures, cancellation."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from berceau_engine.errors import (
    ConnectionClosedError,
    DatabaseNotFoundError,
    DatabaseUnreachableError,
    EngineError,
    MigrationError,
    SchemaError,
)
from berceau_engine.migrate import (
    Database,
    Empty,
    MigrationList,
    SchemaEngine,
    SchemaFiles,
)
from berceau_engine.postgres import DatabaseUrl, connect

HEAD = """\
generator client {
  provider = "prisma-client"
}

datasource db {
  provider = "postgresql"
}
"""
USER = """
model User {
  id   Int    @id
  name String
}
"""
FILES = [("main.prisma", HEAD), ("user.prisma", USER)]
NOTHING = [("main.prisma", HEAD)]
RENAMED = [("main.prisma", HEAD), ("user.prisma", USER.replace("name String", "nick String"))]
EMPTY = MigrationList(Path("migrations"))
FIRST = EMPTY.with_migration(
    "20260101000000_first", 'CREATE TABLE "User" (id INTEGER PRIMARY KEY, name TEXT NOT NULL);'
)


@asynccontextmanager
async def opened(url: DatabaseUrl, files: list[tuple[str, str]] | None = None) -> AsyncIterator[SchemaEngine]:
    async with await SchemaEngine.open(files or FILES, url) as engine:
        yield engine


@pytest.fixture
async def engine(database_url: DatabaseUrl) -> AsyncIterator[SchemaEngine]:
    async with opened(database_url) as engine:
        yield engine


async def rows(url: DatabaseUrl, sql: str) -> list[tuple[Any, ...]]:
    connection = await connect(url)
    try:
        return [tuple(record) for record in await connection.fetch(sql)]
    finally:
        await connection.close()


async def execute(url: DatabaseUrl, sql: str) -> None:
    connection = await connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


async def tables(url: DatabaseUrl) -> set[tuple[str, str]]:
    found = await rows(
        url,
        "SELECT schemaname, tablename FROM pg_tables WHERE schemaname !~ '^pg_' AND schemaname <> 'information_schema'",
    )
    return {(str(schema), str(table)) for schema, table in found}


# ---------------------------------------------------------------- create


async def test_a_migration_is_thought_out_and_written_nowhere(engine: SchemaEngine, database_url: DatabaseUrl) -> None:
    created = await engine.create_migration("add user", EMPTY, FILES)
    assert created.name.endswith("_add_user")
    assert created.script is not None
    assert 'CREATE TABLE "User"' in created.script
    assert await tables(database_url) == set()
    assert not Path("migrations").exists()


async def test_without_a_change_there_is_no_script_unless_a_draft_is_wanted(engine: SchemaEngine) -> None:
    created = await engine.create_migration("init", EMPTY, FILES)
    migrations = EMPTY.with_migration(created.name, created.script or "")
    assert (await engine.create_migration("again", migrations, FILES)).script is None
    draft = await engine.create_migration("again", migrations, FILES, draft=True)
    assert draft.script is not None
    assert "CREATE" not in draft.script


async def test_a_schema_that_is_not_valid_is_refused_with_file_and_line(engine: SchemaEngine) -> None:
    with pytest.raises(SchemaError) as caught:
        await engine.create_migration("bad", EMPTY, [*NOTHING, ("a.prisma", "model A {\n  id Int @id\n  b Foo\n}\n")])
    assert [(p.file, p.line) for p in caught.value.problems] == [("a.prisma", 3)]
    assert "PostgreSQL" in await engine.version()


async def test_a_migration_script_of_the_past_that_does_not_apply_is_named_with_its_line(engine: SchemaEngine) -> None:
    migrations = FIRST.with_migration("20260102000000_bad", "SELECT 1;\n\nSELEC 2;\n")
    with pytest.raises(MigrationError, match=r"20260102000000_bad/migration\.sql:3: syntax error") as caught:
        await engine.dev_diagnostic(migrations)
    assert (caught.value.code, caught.value.meta["line"]) == ("P3006", 3)


async def test_a_migration_can_be_made_whether_or_not_the_earlier_ones_are_applied(
    engine: SchemaEngine, database_url: DatabaseUrl
) -> None:
    second = FIRST.with_migration("20260102000000_second", 'ALTER TABLE "User" ADD COLUMN age INTEGER;')
    aged = [
        ("main.prisma", HEAD),
        ("user.prisma", USER.replace("name String", "name String\n  age  Int?\n  mail String?")),
    ]
    for _ in range(2):
        assert (await engine.create_migration("x", FIRST, FILES)).script is None
        script = (await engine.create_migration("x", second, aged)).script
        assert script == '-- AlterTable\nALTER TABLE "User" ADD COLUMN     "mail" TEXT;\n'
        assert 'CREATE TABLE "User"' in ((await engine.create_migration("x", EMPTY, FILES)).script or "")
        await engine.apply_migrations(FIRST)
    assert (await rows(database_url, 'SELECT migration_name FROM "_prisma_migrations"')) == [("20260101000000_first",)]
    assert await engine.dev_diagnostic(FIRST) is None


@pytest.mark.parametrize(
    ("name", "made"), [("add user", "add_user"), ("../Größe: 2!", "gr_e_2"), ("", "migration"), ("a" * 300, "a" * 200)]
)
async def test_a_migrations_name_can_always_be_a_folders(engine: SchemaEngine, name: str, made: str) -> None:
    created = await engine.create_migration(name, EMPTY, FILES)
    assert created.name[:14].isdigit()
    assert created.name[14:] == f"_{made}"


# ---------------------------------------------------------------- apply


async def test_migrations_are_applied_once_and_in_order(engine: SchemaEngine, database_url: DatabaseUrl) -> None:
    second = FIRST.with_migration("20260102000000_second", 'ALTER TABLE "User" ADD COLUMN age INTEGER;')
    assert await engine.apply_migrations(second) == ("20260101000000_first", "20260102000000_second")
    assert await engine.apply_migrations(second) == ()
    assert await tables(database_url) == {("public", "User"), ("public", "_prisma_migrations")}
    applied = await rows(
        database_url,
        'SELECT migration_name, finished_at IS NOT NULL, applied_steps_count FROM "_prisma_migrations" ORDER BY 1',
    )
    assert applied == [("20260101000000_first", True, 1), ("20260102000000_second", True, 1)]


async def test_migrations_go_to_the_schema_of_the_address(database_url: DatabaseUrl) -> None:
    url = database_url.with_schema("my schema")
    async with opened(url) as engine:
        await engine.apply_migrations(FIRST)
        assert (await engine.diagnose_migration_history(FIRST, True)).state == "in-sync"
        assert await engine.dev_diagnostic(FIRST) is None
    assert await tables(url) == {("my schema", "User"), ("my schema", "_prisma_migrations")}


async def test_a_script_may_hold_functions_texts_and_comments_with_semicolons(
    engine: SchemaEngine, database_url: DatabaseUrl
) -> None:
    script = """
    CREATE TABLE a (t TEXT DEFAULT 'x;y'); -- a comment; with a semicolon
    CREATE FUNCTION twice(n INT) RETURNS INT LANGUAGE plpgsql AS $$ BEGIN RETURN n * 2; END; $$;
    INSERT INTO a VALUES ('one;'), (DEFAULT), ($tag$it's;$tag$);
    """
    await engine.apply_migrations(EMPTY.with_migration("20260101000000_script", script))
    assert await rows(database_url, "SELECT t FROM a ORDER BY t") == [("it's;",), ("one;",), ("x;y",)]
    assert await rows(database_url, "SELECT twice(21)") == [(42,)]


@pytest.mark.parametrize(
    ("script", "line", "state"),
    [
        ("CREATE TABLE kept (id INT);\nSELECT 1;\nSELEC 2;\n", 3, "42601"),
        ("CREATE TABLE kept (id INT);\n\nSELECT nope FROM kept;\n", 3, "42703"),
        ("CREATE TABLE kept (id INT);\nSELECT 1 / 0;\n", None, "22012"),
        ("CREATE TABLE kept (id INT);\nINSERT INTO missing VALUES (1);\n", 2, "42P01"),
    ],
)
async def test_a_failing_migration_is_named_with_its_line_and_leaves_nothing(
    engine: SchemaEngine, database_url: DatabaseUrl, script: str, line: int | None, state: str
) -> None:
    migrations = FIRST.with_migration("20260102000000_bad", script)
    with pytest.raises(MigrationError, match=r"Migration 20260102000000_bad failed") as caught:
        await engine.apply_migrations(migrations)
    assert caught.value.code == "P3018"
    assert caught.value.meta["migration"] == "20260102000000_bad"
    assert (caught.value.meta["line"], caught.value.meta["sqlstate"]) == (line, state)
    assert getattr(caught.value.__cause__, "sqlstate", None) == state
    assert ("public", "kept") not in await tables(database_url)


async def test_after_a_failure_nothing_is_applied_until_it_is_marked_as_rolled_back(
    engine: SchemaEngine, database_url: DatabaseUrl
) -> None:
    bad = FIRST.with_migration("20260102000000_bad", "SELEC 2;")
    good = FIRST.with_migration("20260102000000_bad", "CREATE TABLE good (id INT);")
    with pytest.raises(MigrationError):
        await engine.apply_migrations(bad)
    with pytest.raises(MigrationError, match="20260102000000_bad") as caught:
        await engine.apply_migrations(good)
    assert caught.value.code == "P3009"
    await engine.mark_migration_rolled_back("20260102000000_bad")
    assert await engine.apply_migrations(good) == ("20260102000000_bad",)
    assert ("public", "good") in await tables(database_url)


async def test_a_failing_script_with_a_transaction_of_its_own_leaves_none_open(
    engine: SchemaEngine, database_url: DatabaseUrl
) -> None:
    migrations = FIRST.with_migration(
        "20260102000000_bad", "BEGIN;\nCREATE TABLE kept (id INT);\nSELECT 1 / 0;\nCOMMIT;"
    )
    with pytest.raises(MigrationError, match="division by zero"):
        await engine.apply_migrations(migrations)
    assert (await engine.diagnose_migration_history(migrations)).failed == ("20260102000000_bad",)
    assert ("public", "kept") not in await tables(database_url)


async def test_a_script_that_does_not_end_its_transaction_is_refused(
    engine: SchemaEngine, database_url: DatabaseUrl
) -> None:
    with pytest.raises(MigrationError, match="begins a transaction and does not end it"):
        await engine.apply_migrations(
            FIRST.with_migration("20260102000000_open", "BEGIN;\nCREATE TABLE kept (id INT);")
        )
    assert ("public", "kept") not in await tables(database_url)


async def test_a_search_path_set_by_a_script_ends_with_it(engine: SchemaEngine) -> None:
    script = "SELECT pg_catalog.set_config('search_path', '', false);\nCREATE TABLE public.a (id INT);"
    migrations = EMPTY.with_migration("20260101000000_dump", script).with_migration(
        "20260102000000_next", "CREATE TABLE b (id INT);"
    )
    assert len(await engine.apply_migrations(migrations)) == 2
    assert (await engine.diagnose_migration_history(migrations)).state == "in-sync"


async def test_a_database_with_tables_but_without_migrations_is_left_alone(
    engine: SchemaEngine, database_url: DatabaseUrl
) -> None:
    await execute(database_url, "CREATE TABLE theirs (id INT)")
    with pytest.raises(MigrationError) as caught:
        await engine.apply_migrations(FIRST)
    assert caught.value.code == "P3005"
    assert await tables(database_url) == {("public", "theirs")}


async def test_a_folder_for_another_database_is_refused(engine: SchemaEngine) -> None:
    with pytest.raises(MigrationError) as caught:
        await engine.apply_migrations(MigrationList(Path("m"), 'provider = "mysql"\n', FIRST.migrations))
    assert caught.value.code == "P3019"


async def test_a_migration_without_a_script_is_refused(engine: SchemaEngine, tmp_path: Path) -> None:
    (tmp_path / "20260101000000_empty").mkdir()
    with pytest.raises(MigrationError) as caught:
        await engine.apply_migrations(MigrationList.read(tmp_path))
    assert caught.value.code == "P3015"


# ---------------------------------------------------------------- diagnose


async def test_the_states_of_a_migration_history(engine: SchemaEngine) -> None:
    second = FIRST.with_migration("20260102000000_second", "SELECT 1;")
    other = FIRST.with_migration("20260103000000_other", "SELECT 2;")
    empty = await engine.diagnose_migration_history(EMPTY)
    assert (empty.state, empty.has_migrations_table) == ("in-sync", False)
    await engine.apply_migrations(FIRST)
    behind = await engine.diagnose_migration_history(second)
    assert (behind.state, behind.unapplied) == ("database-is-behind", ("20260102000000_second",))
    await engine.apply_migrations(second)
    assert (await engine.diagnose_migration_history(second)).state == "in-sync"
    ahead = await engine.diagnose_migration_history(FIRST)
    assert (ahead.state, ahead.missing) == ("folder-is-behind", ("20260102000000_second",))
    diverged = await engine.diagnose_migration_history(other)
    assert (diverged.state, diverged.last_common) == ("diverged", "20260101000000_first")
    assert (diverged.missing, diverged.unapplied) == (("20260102000000_second",), ("20260103000000_other",))


async def test_an_edited_migration_is_told(engine: SchemaEngine) -> None:
    await engine.apply_migrations(FIRST)
    edited = EMPTY.with_migration("20260101000000_first", (FIRST.migrations[0].sql or "") + "\n-- edited")
    assert (await engine.diagnose_migration_history(edited)).edited == ("20260101000000_first",)
    needed = await engine.dev_diagnostic(edited)
    assert needed is not None
    assert "20260101000000_first" in needed.reason


async def test_a_database_that_was_changed_by_hand_needs_a_reset(
    engine: SchemaEngine, database_url: DatabaseUrl
) -> None:
    await engine.apply_migrations(FIRST)
    assert await engine.dev_diagnostic(FIRST) is None
    await execute(database_url, 'ALTER TABLE "User" ADD COLUMN by_hand INT')
    needed = await engine.dev_diagnostic(FIRST)
    assert needed is not None
    assert "by_hand" in needed.reason


async def test_what_a_migration_would_do_to_data_is_told(engine: SchemaEngine, database_url: DatabaseUrl) -> None:
    await engine.apply_migrations(FIRST)
    assert (await engine.evaluate_data_loss(FIRST, FILES)).steps == 0
    await execute(database_url, """INSERT INTO "User" VALUES (1, 'Ada')""")
    loss = await engine.evaluate_data_loss(FIRST, RENAMED)
    assert loss.steps == 1
    assert ["`name`" in item.message and "1 non-null values" in item.message for item in loss.warnings] == [True]
    assert ["`nick`" in item.message for item in loss.unexecutable] == [True]


# ---------------------------------------------------------------- resolve, reset


async def test_a_migration_can_be_marked_as_applied_without_applying_it(
    engine: SchemaEngine, database_url: DatabaseUrl
) -> None:
    await engine.mark_migration_applied("20260101000000_first", FIRST)
    assert await engine.apply_migrations(FIRST) == ()
    assert await tables(database_url) == {("public", "_prisma_migrations")}
    with pytest.raises(MigrationError) as caught:
        await engine.mark_migration_applied("20260101000000_first", FIRST)
    assert caught.value.code == "P3008"


async def test_only_a_failed_migration_can_be_marked_as_rolled_back(engine: SchemaEngine) -> None:
    await engine.apply_migrations(FIRST)
    with pytest.raises(MigrationError) as never:
        await engine.mark_migration_rolled_back("20260109000000_never")
    with pytest.raises(MigrationError) as fine:
        await engine.mark_migration_rolled_back("20260101000000_first")
    assert (never.value.code, fine.value.code) == ("P3011", "P3012")


async def test_a_reset_drops_what_is_in_its_schema_and_nothing_else(database_url: DatabaseUrl) -> None:
    url = database_url.with_schema("app")
    await execute(database_url, "CREATE SCHEMA other; CREATE TABLE other.theirs (id INT)")
    async with opened(url) as engine:
        await engine.apply_migrations(FIRST)
        await execute(url, "CREATE TYPE mood AS ENUM ('sad'); CREATE VIEW v AS SELECT 1 AS one; CREATE SEQUENCE s")
        await engine.reset()
        assert await tables(url) == {("other", "theirs")}
        left = "SELECT relname FROM pg_class WHERE relnamespace = 'app'::regnamespace"
        assert await rows(url, left) == []
        assert await engine.apply_migrations(FIRST) == ("20260101000000_first",)


# ---------------------------------------------------------------- push, diff, introspect, execute


async def test_a_push_brings_the_database_to_the_schema(engine: SchemaEngine, database_url: DatabaseUrl) -> None:
    assert (await engine.schema_push(FILES)).executed_steps == 1
    assert (await engine.schema_push(FILES)).executed_steps == 0
    assert await tables(database_url) == {("public", "User")}


async def test_a_push_that_loses_data_does_nothing_unless_forced(
    engine: SchemaEngine, database_url: DatabaseUrl
) -> None:
    await engine.schema_push(FILES)
    await execute(database_url, """INSERT INTO "User" VALUES (1, 'Ada')""")
    optional = [("main.prisma", HEAD), ("user.prisma", USER.replace("name String", "nick String?"))]
    refused = await engine.schema_push(optional)
    assert refused.executed_steps == 0
    assert ["`name`" in warning for warning in refused.warnings] == [True]
    assert await rows(database_url, 'SELECT name FROM "User"') == [("Ada",)]
    assert (await engine.schema_push(optional, force=True)).executed_steps > 0
    assert await rows(database_url, 'SELECT nick FROM "User"') == [(None,)]


async def test_any_two_schemas_can_be_compared(engine: SchemaEngine) -> None:
    schema = SchemaFiles(tuple(FILES))
    assert 'CREATE TABLE "User"' in (await engine.diff(Empty(), schema)).text
    assert 'DROP TABLE "public"."User"' in (await engine.diff(schema, Empty())).text
    assert "CREATE TABLE" in (await engine.diff(Database(), FIRST)).text
    assert (await engine.diff(FIRST, schema)).empty
    await engine.apply_migrations(FIRST)
    assert (await engine.diff(Database(), FIRST)).empty
    summary = await engine.diff(Database(), SchemaFiles(tuple(RENAMED)), script=False)
    assert (summary.empty, "Added column `nick`" in summary.text) == (False, True)


async def test_a_databases_schema_can_be_read(engine: SchemaEngine, database_url: DatabaseUrl) -> None:
    await execute(
        database_url,
        """
        CREATE TYPE mood AS ENUM ('sad', 'happy');
        CREATE TABLE person (id SERIAL PRIMARY KEY, mood mood NOT NULL DEFAULT 'sad', spot POINT, names TEXT[]);
        CREATE TABLE lonely (x INT);
        """,
    )
    found = await engine.introspect(NOTHING)
    text = "".join(content for _, content in found.files)
    assert "enum mood {\n  sad\n  happy\n}" in text
    assert "id    Int                   @id @default(autoincrement())" in text
    assert 'Unsupported("point")?' in text
    assert found.warnings is not None
    assert "lonely" in found.warnings


async def test_names_given_by_hand_are_kept_unless_forced(engine: SchemaEngine) -> None:
    mapped = [("main.prisma", HEAD), ("user.prisma", USER.replace("name String", 'title String @map("name")'))]
    await engine.schema_push(mapped)
    kept = dict((await engine.introspect(mapped)).files)
    forced = dict((await engine.introspect(mapped, force=True)).files)
    assert "title String" in "".join(kept.values())
    assert "title" not in "".join(forced.values())


async def test_sql_can_be_executed_several_statements_at_once(engine: SchemaEngine, database_url: DatabaseUrl) -> None:
    await engine.db_execute("CREATE TABLE a (id INT); INSERT INTO a VALUES (1), (2);")
    assert await rows(database_url, "SELECT id FROM a") == [(1,), (2,)]
    with pytest.raises(MigrationError, match='relation "a" already exists'):
        await engine.db_execute("CREATE TABLE a (id INT)")


async def test_the_servers_version_is_told(engine: SchemaEngine) -> None:
    assert (await engine.version()).startswith("PostgreSQL ")


# ---------------------------------------------------------------- every column type

EVERY_TYPE = """
enum Mood {
  SAD   @map("sad in db")
  HAPPY

  @@map("mood")
}

model Everything {
  id          Int       @id @default(autoincrement())
  big         BigInt    @default(9007199254740993)
  small       Int       @default(1) @db.SmallInt
  oid         Int       @default(1) @db.Oid
  real        Float     @default(1.5) @db.Real
  double      Float     @default(1.5)
  decimal     Decimal   @default(1.25)
  money       Decimal   @default(1.25) @db.Money
  exact       Decimal   @default(1.25) @db.Decimal(10, 2)
  flag        Boolean   @default(true)
  text        String    @default("it's")
  varchar     String    @default("v") @db.VarChar(20)
  char        String    @default("c") @db.Char(4)
  citext      String?   @db.Text
  bit         String    @default("101") @db.Bit(3)
  varbit      String    @default("1") @db.VarBit(8)
  inet        String    @default("127.0.0.1") @db.Inet
  xml         String?   @db.Xml
  uuid        String    @default(uuid()) @db.Uuid
  random      String    @default(dbgenerated("gen_random_uuid()")) @db.Uuid
  timestamp   DateTime  @default(now())
  timestamptz DateTime  @default(now()) @db.Timestamptz(6)
  fixed       DateTime  @default("2020-01-01T00:00:00.000Z")
  date        DateTime  @default("2020-01-01T00:00:00.000Z") @db.Date
  time        DateTime  @default("1970-01-01T10:00:00.000Z") @db.Time(3)
  timetz      DateTime  @default(now()) @db.Timetz(3)
  json        Json      @default("{\\"a\\": [1]}")
  plain       Json      @default("[]") @db.Json
  bytes       Bytes     @default("AQID")
  mood        Mood      @default(SAD)
  ints        Int[]     @default([1, 2])
  bigs        BigInt[]  @default([])
  floats      Float[]
  decimals    Decimal[]
  flags       Boolean[] @default([true])
  texts       String[]  @default(["a", "b;c"])
  chars       String[]  @db.VarChar(5)
  uuids       String[]  @db.Uuid
  stamps      DateTime[]
  dates       DateTime[] @db.Date
  times       DateTime[] @db.Time(0)
  jsons       Json[]
  blobs       Bytes[]
  moods       Mood[]    @default([HAPPY])
  updated     DateTime  @updatedAt
  computed    Unsupported("tsvector")?
  parentId    Int?
  parent      Everything?  @relation("tree", fields: [parentId], references: [id], onDelete: SetNull)
  children    Everything[] @relation("tree")

  @@unique([text, varchar])
  @@index([json(ops: JsonbPathOps)], type: Gin)
  @@index([big(sort: Desc), small])
  @@map("everything")
}
"""


async def test_a_table_with_every_type_of_column_makes_the_round_trip(database_url: DatabaseUrl) -> None:
    files = [("main.prisma", HEAD), ("everything.prisma", EVERY_TYPE)]
    async with opened(database_url, files) as engine:
        created = await engine.create_migration("everything", EMPTY, files)
        migrations = EMPTY.with_migration(created.name, created.script or "")
        assert await engine.apply_migrations(migrations) == (created.name,)
        await execute(database_url, "INSERT INTO everything (uuid, updated) VALUES (gen_random_uuid(), now())")
        assert (await engine.evaluate_data_loss(migrations, files)).steps == 0
        assert (await engine.diff(Database(), SchemaFiles(tuple(files)))).empty
        assert (await engine.diff(migrations, Database())).empty
        assert await engine.dev_diagnostic(migrations) is None
        assert (await engine.diagnose_migration_history(migrations, True)).state == "in-sync"
        introspected = await engine.introspect(files)
        assert dict(introspected.files)["everything.prisma"].count("\n") >= EVERY_TYPE.strip().count("\n")
        bare = await engine.introspect(NOTHING)
        assert (await engine.diff(Database(), SchemaFiles(bare.files))).empty
    assert await rows(database_url, "SELECT big, text, mood::text, ints FROM everything") == [
        (9007199254740993, "it's", "sad in db", [1, 2])
    ]


# ---------------------------------------------------------------- connections, crashes, cancellation


async def test_a_database_that_does_not_exist_is_told_when_the_engine_opens(server_url: DatabaseUrl) -> None:
    with pytest.raises(DatabaseNotFoundError, match="nowhere"):
        await SchemaEngine.open(FILES, server_url.with_database("nowhere"))


async def test_a_server_that_does_not_answer_is_told_when_the_engine_opens(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnreachableError):
        await SchemaEngine.open(FILES, DatabaseUrl.parse(f"postgresql://postgres@/postgres?host={tmp_path}"))


async def backends(url: DatabaseUrl) -> int:
    """How many connections to the database there are, apart from the one that asks."""
    sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    return int((await rows(url, sql))[0][0])


async def gone(url: DatabaseUrl) -> bool:
    """Whether all other connections end within a minute, as the server notices."""
    for _ in range(1200):
        if await backends(url) == 0:
            return True
        await asyncio.sleep(0.05)
    return False


async def test_a_connection_that_is_lost_is_told_as_such(database_url: DatabaseUrl, server_url: DatabaseUrl) -> None:
    async with opened(database_url) as engine:
        await engine.apply_migrations(FIRST)
        kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1"
        connection = await connect(server_url)
        await connection.execute(kill.replace("$1", f"'{database_url.database}'"))
        await connection.close()
        with pytest.raises(ConnectionClosedError):
            await engine.apply_migrations(FIRST)
    async with opened(database_url) as engine:
        assert await engine.apply_migrations(FIRST) == ()


async def test_a_cancelled_call_stops_the_server_and_closes_the_connections(database_url: DatabaseUrl) -> None:
    engine = await SchemaEngine.open(FILES, database_url)
    slow = EMPTY.with_migration("20260101000000_slow", "CREATE TABLE slow (id INT); SELECT pg_sleep(600);")
    call = asyncio.create_task(engine.apply_migrations(slow))
    sleeping = "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND wait_event = 'PgSleep'"
    while not await rows(database_url, sleeping):
        await asyncio.sleep(0.02)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(call, 60)
    assert await gone(database_url)
    assert ("public", "slow") not in await tables(database_url)
    with pytest.raises(EngineError, match="is closed, or has failed before"):
        await engine.version()


async def test_a_crash_of_the_engine_closes_it_and_a_new_one_works(database_url: DatabaseUrl) -> None:
    engine = await SchemaEngine.open(FILES, database_url)
    await engine.apply_migrations(FIRST)
    with pytest.raises(EngineError, match=r"migrate crashed: "):
        engine._instance.call("schemaengine_debugPanic", engine._pointer)
    with pytest.raises(EngineError):
        await engine.apply_migrations(FIRST)
    assert await gone(database_url)
    async with opened(database_url) as other:
        assert await other.apply_migrations(FIRST) == ()


async def test_calls_made_at_the_same_time_take_turns(engine: SchemaEngine) -> None:
    results = await asyncio.gather(
        engine.apply_migrations(FIRST), engine.version(), engine.apply_migrations(FIRST), engine.dev_diagnostic(FIRST)
    )
    assert (results[0], results[2], results[3]) == (("20260101000000_first",), (), None)


async def test_closing_ends_all_connections_and_frees_the_engine(database_url: DatabaseUrl) -> None:
    engine = await SchemaEngine.open(FILES, database_url)
    await engine.apply_migrations(FIRST)
    await engine.dev_diagnostic(FIRST)
    await engine.close()
    await engine.close()
    assert await gone(database_url)
    instance = weakref.ref(engine._instance)
    del engine
    gc.collect()
    assert instance() is None
