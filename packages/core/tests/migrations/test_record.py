"""The record of migrations: row for row what Prisma's engine writes and reads, though it is not asked."""

from __future__ import annotations

from typing import Any

import pytest

from berceau.errors import MigrationStateError
from berceau.migrations import resolve
from berceau.migrations.files import read_migrations
from berceau.migrations.history import compare
from berceau.migrations.lock import PRISMA_KEY
from berceau.migrations.record import open_record
from berceau_engine.errors import MigrationError
from berceau_engine.migrate import HistoryDiagnosis, SchemaEngine
from berceau_engine.postgres import connect

from .conftest import MAIN, Host

ONE, TWO, THREE = "20200101000000_one", "20200102000000_two", "20200103000000_three"
COLUMNS = """
SELECT column_name, data_type, character_maximum_length, is_nullable, column_default
FROM information_schema.columns WHERE table_name = '_prisma_migrations' ORDER BY ordinal_position
"""


async def engine_of(host: Host) -> SchemaEngine:
    return await SchemaEngine.open([("main.prisma", MAIN)], host.target.url)


async def rows(host: Host) -> list[dict[str, Any]]:
    """The record's rows, with what differs each time made comparable."""
    connection = await connect(host.target.url)
    try:
        found = [dict(row) for row in await connection.fetch("SELECT * FROM _prisma_migrations ORDER BY started_at")]
    finally:
        await connection.close()
    for row in found:
        assert row["started_at"] <= (row["finished_at"] or row["started_at"])
        row["id"] = len(row["id"]), row["id"].count("-")
        for name in ("started_at", "finished_at", "rolled_back_at"):
            row[name] = row[name] and type(row[name])
        row["logs"] = row["logs"] and "ERROR: division by zero" in row["logs"]
    return found


async def shape(host: Host) -> list[tuple[Any, ...]]:
    connection = await connect(host.target.url)
    try:
        return [tuple(row) for row in await connection.fetch(COLUMNS)]
    finally:
        await connection.close()


async def test_the_rows_are_those_that_the_schema_engine_writes(host: Host) -> None:
    host.migration(ONE, "CREATE TABLE one ();\n")
    host.migration(TWO, "CREATE TABLE two ();\nSELECT 1/0;\n")
    with pytest.raises(MigrationStateError):
        await host.deploy()
    await resolve(host.config, host.target, TWO, applied=False, say=host.said.append)
    await resolve(host.config, host.target, TWO, applied=True, say=host.said.append)
    ours, our_shape = await rows(host), await shape(host)
    await host.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")

    async with await engine_of(host) as engine:
        migrations = read_migrations(host.config)
        with pytest.raises(MigrationError, match="failed"):
            await engine.apply_migrations(migrations)
        await engine.mark_migration_rolled_back(TWO)
        await engine.mark_migration_applied(TWO, migrations)

    assert ours == await rows(host)
    assert our_shape == await shape(host)


async def test_history_is_read_as_the_schema_engine_reads_it(host: Host) -> None:
    async def both() -> tuple[HistoryDiagnosis, Any]:
        connection = await connect(host.target.url)
        try:
            history = compare(read_migrations(host.config), await (await open_record(connection)).rows())
        finally:
            await connection.close()
        async with await engine_of(host) as engine:
            return await engine.diagnose_migration_history(read_migrations(host.config)), history

    def agree(theirs: HistoryDiagnosis, ours: Any) -> None:
        assert ours.recorded is theirs.has_migrations_table
        assert ours.edited == theirs.edited
        assert tuple(failed.name for failed in ours.failed) == theirs.failed
        assert set(ours.pending) == set(theirs.unapplied) - set(theirs.failed)
        assert ours.missing == theirs.missing

    one = host.migration(ONE, "CREATE TABLE one ();\nSELECT 1;\n")
    agree(*await both())
    await host.deploy()
    host.migration(TWO, "CREATE TABLE two ();\n")
    agree(*await both())
    one.write_bytes(b"CREATE TABLE one ();\r\nSELECT 1;\r\n")  # what git makes of it on Windows
    agree(*await both())
    one.write_text("CREATE TABLE one ();\nSELECT 2;\n")
    host.migration(THREE, "SELECT 1/0;\n")
    with pytest.raises(MigrationStateError):
        await host.deploy()
    agree(*await both())
    one.unlink()
    one.parent.rmdir()
    agree(*await both())


@pytest.mark.parametrize(
    "script",
    [
        "SELECT pg_catalog.set_config('search_path', '', false);\nCREATE TABLE public.one ();\n",
        "SET search_path = pg_catalog; SET ROLE pg_read_all_data;\n",
        "-- nothing but a comment",
        "",
        "BEGIN;\nCREATE TABLE one ();\nCOMMIT;\nCREATE TABLE other ();",
        "CREATE TABLE one (); ROLLBACK; CREATE TABLE one ();",
        "DO $$ BEGIN CREATE TABLE one (); COMMIT; END $$",
        "SELECT 'it''s; \\';",
    ],
)
async def test_whatever_a_script_does_to_its_session_it_is_recorded_as_applied(host: Host, script: str) -> None:
    host.migration(ONE, script)
    host.migration(TWO, "CREATE TABLE two ();\n")

    assert (await host.deploy()).applied == (ONE, TWO)
    assert await host.fetch("SELECT applied_steps_count FROM _prisma_migrations WHERE finished_at IS NOT NULL") == [
        1,
        1,
    ]
    assert await host.fetch("SELECT to_regclass('public.two')::text") == ["two"]


async def test_a_transaction_that_is_not_ended_is_a_failure(host: Host) -> None:
    host.migration(ONE, "BEGIN;\nCREATE TABLE one ();\n")

    with pytest.raises(MigrationStateError, match="begins a transaction and does not end it"):
        await host.deploy()
    assert await host.tables() == []
    assert [failed.name for failed in (await host.status()).failed] == [ONE]


class TestInterrupted:
    """A row that says that a migration was begun, and nobody who says how it ended."""

    async def leave(self, host: Host, script: str, steps: int = 0) -> None:
        host.migration(ONE, "CREATE TABLE one ();\n")
        await host.deploy()
        host.migration(TWO, script)
        async with await engine_of(host) as engine:
            await engine.mark_migration_applied(TWO, read_migrations(host.config))
        await host.execute(
            f"UPDATE _prisma_migrations SET finished_at = NULL, logs = NULL, applied_steps_count = {steps}"
            f" WHERE migration_name = '{TWO}'"
        )

    async def test_it_is_told_from_a_failed_one(self, host: Host) -> None:
        await self.leave(host, "CREATE TABLE two ();\n")

        found = await host.status()
        assert [(failed.name, failed.interrupted) for failed in found.failed] == [(TWO, True)]
        with pytest.raises(MigrationStateError) as caught:
            await host.deploy()
        assert f"the migration {TWO} was interrupted, at 20" in str(caught.value)
        assert "all of it is in the database, or nothing" in str(caught.value)
        assert f"berceau migrate resolve --rolled-back {TWO}" in str(caught.value)

    async def test_one_that_is_no_transaction_may_be_there_in_part(self, host: Host) -> None:
        await self.leave(host, "CREATE INDEX CONCURRENTLY a ON one (id);\n")

        with pytest.raises(MigrationStateError, match="all, some or nothing of it may be in the database"):
            await host.deploy()

    async def test_one_that_ran_to_its_end_is_finished_by_the_next_deploy(self, host: Host) -> None:
        await self.leave(host, "CREATE TABLE two ();\n", steps=1)

        assert (await host.deploy()).applied == ()
        assert host.said[-1].startswith(f"{TWO} had been applied entirely")
        assert (await host.status()).failed == ()


async def test_the_official_lock_is_held_while_migrations_are_applied(host: Host) -> None:
    host.migration(
        ONE,
        "CREATE TABLE held AS SELECT l.objid::bigint AS key FROM pg_locks l WHERE l.locktype = 'advisory'"
        " AND l.pid = pg_backend_pid();\n",
    )

    await host.deploy()

    assert PRISMA_KEY in await host.fetch("SELECT key FROM held")


async def test_roles_with_rights_by_default_may_not_write_to_it(host: Host, empty_role: str) -> None:
    await host.execute(f'ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON TABLES TO "{empty_role}"')
    host.migration(ONE, "CREATE TABLE one (id int);\n")

    await host.deploy()

    rights = "has_table_privilege('{0}', '{1}', 'INSERT'), has_table_privilege('{0}', '{1}', 'SELECT')"
    for table, expected in (("one", "(t,t)"), ("_prisma_migrations", "(f,t)")):
        assert await host.fetch(f"SELECT ({rights.format(empty_role, table)})::text") == [expected]
    await host.execute(f'ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM "{empty_role}"')
