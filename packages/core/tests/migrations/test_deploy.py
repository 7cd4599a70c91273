"""`berceau migrate deploy`: what is pending, in order, once, whoever else deploys; and failures explained."""

from __future__ import annotations

import asyncio
import re
import shutil
from dataclasses import replace

import pytest

from berceau.errors import ConfigurationError, MigrationStateError
from berceau.migrations import find_target, reset, resolve
from berceau.migrations.lock import KEY
from berceau_engine.postgres import connect

from .conftest import Host

PRISMA_KEY = 72707369


@pytest.fixture
def history(host: Host) -> Host:
    """A host with two migrations."""
    host.migration("20200101000000_one", "CREATE TABLE one (id int PRIMARY KEY);\n")
    host.migration("20200102000000_two", "CREATE TABLE two (id int PRIMARY KEY);\n")
    return host


class TestApplying:
    async def test_pending_migrations_are_applied_in_order_and_named(self, history: Host) -> None:
        done = await history.deploy()

        assert done.applied == ("20200101000000_one", "20200102000000_two")
        assert done.total == 2
        assert await history.tables() == ["one", "two"]

    async def test_a_second_deploy_finds_nothing_to_do(self, history: Host) -> None:
        await history.deploy()

        assert (await history.deploy()).applied == ()

    async def test_it_needs_no_composed_schema(self, history: Host) -> None:
        shutil.rmtree(history.config.schema_dir)

        assert len((await history.deploy()).applied) == 2

    async def test_without_migrations_there_is_nothing_to_apply(self, host: Host) -> None:
        assert (await host.deploy()).applied == ()

    async def test_it_works_in_production(self, history: Host) -> None:
        history.at(production=True)

        assert len((await history.deploy()).applied) == 2

    async def test_the_schema_of_the_address_is_made_and_used(self, history: Host) -> None:
        history.at(url=history.target.url.with_schema("shop"))

        await history.deploy()

        assert await history.tables() == ["one", "two"]
        assert await history.fetch("SELECT count(*) FROM shop._prisma_migrations") == [2]
        assert await history.fetch("SELECT to_regclass('public.one')") == [None]

    async def test_a_long_one_is_reported_while_it_runs(self, host: Host) -> None:
        host.migration("20200101000000_slow", "SELECT pg_sleep(3);\n")

        await host.deploy()

        assert any(re.match(r"Applying 20200101000000_slow … [1-9] s", line) for line in host.said)

    async def test_statements_that_allow_no_transaction_work(self, history: Host) -> None:
        history.migration("20200103000000_index", "CREATE INDEX CONCURRENTLY slowly ON one (id);\n")

        assert len((await history.deploy()).applied) == 3


class TestOneAtATime:
    async def test_parallel_deploys_apply_each_migration_once(self, history: Host) -> None:
        history.migration("20200103000000_slow", "SELECT pg_sleep(3);\n")

        done = await asyncio.gather(*(history.deploy() for _ in range(5)))

        assert sorted(len(one.applied) for one in done) == [0, 0, 0, 0, 3]
        assert await history.fetch("SELECT count(*) FROM _prisma_migrations") == [3]
        waiting = "Waiting for another migration of this database (by postgres, server process "
        assert any(line.startswith(waiting) for line in history.said)

    async def test_an_index_built_concurrently_is_not_held_up_by_those_who_wait(self, history: Host) -> None:
        history.migration("20200103000000_slow", "SELECT pg_sleep(0.5);\n")
        history.migration("20200104000000_index", "CREATE INDEX CONCURRENTLY slowly ON one (id);\n")

        done = await asyncio.wait_for(asyncio.gather(*(history.deploy() for _ in range(3))), 300)

        assert sorted(len(one.applied) for one in done) == [0, 0, 4]

    async def test_it_waits_for_the_official_command_line_too(self, history: Host) -> None:
        other = await connect(history.target.url)
        await other.execute(f"SELECT pg_advisory_lock({PRISMA_KEY})")
        deploy = asyncio.create_task(history.deploy())
        while not (deploy.done() or history.said):
            await asyncio.sleep(0.05)
        assert not deploy.done()
        assert history.said[0].startswith("Waiting for another migration of this database")

        await other.close()

        assert len((await deploy).applied) == 2

    async def test_the_lock_is_free_afterwards_even_after_a_failure(self, history: Host) -> None:
        history.migration("20200103000000_bad", "SELECT 1/0;\n")
        with pytest.raises(MigrationStateError):
            await history.deploy()

        assert await history.fetch(f"SELECT pg_try_advisory_lock({KEY}) AND pg_try_advisory_lock({PRISMA_KEY})") == [
            True
        ]


class TestFailure:
    async def test_it_names_file_and_line_and_says_what_postgresql_said(self, history: Host) -> None:
        script = history.migration("20200103000000_bad", "CREATE TABLE three ();\n\nINSERT INTO four VALUES (1);\n")
        history.migration("20200104000000_later", "CREATE TABLE later ();\n")

        with pytest.raises(MigrationStateError) as caught:
            await history.deploy()

        assert (caught.value.file, caught.value.line) == (script, 3)
        assert 'has failed: relation "four" does not exist' in str(caught.value)
        assert "\n  in statement 2 of 2: INSERT INTO four VALUES (1)\n" in str(caught.value)
        assert "Nothing of it was kept: PostgreSQL ran it as one transaction." in str(caught.value)
        assert "\n  Applied before it: 20200101000000_one, 20200102000000_two.\n" in str(caught.value)
        assert "berceau migrate resolve --rolled-back 20200103000000_bad" in str(caught.value)
        assert await history.tables() == ["one", "two"]

    async def test_the_next_deploy_explains_it_again(self, history: Host) -> None:
        history.migration("20200103000000_bad", "SELECT 1/0;\n")
        with pytest.raises(MigrationStateError):
            await history.deploy()

        with pytest.raises(MigrationStateError) as caught:
            await history.deploy()

        message = "the migration 20200103000000_bad has failed before, at 20"
        assert message in str(caught.value)
        assert ": division by zero\n" in str(caught.value)
        assert "schema_engine" not in str(caught.value)

    async def test_without_a_position_the_statement_is_found_and_details_are_told(self, history: Host) -> None:
        script = history.migration(
            "20200103000000_bad", "INSERT INTO one VALUES (1);\n\nINSERT INTO one VALUES (1);\nSELECT 2;\n"
        )

        with pytest.raises(MigrationStateError) as caught:
            await history.deploy()

        assert (caught.value.file, caught.value.line) == (script, 3)
        assert "\n  in statement 2 of 3: INSERT INTO one VALUES (1)\n" in str(caught.value)
        assert "\n  DETAIL: Key (id)=(1) already exists.\n" in str(caught.value)

    async def test_what_cannot_run_in_a_transaction_may_have_been_kept_in_part(self, history: Host) -> None:
        await history.deploy()
        await history.execute("INSERT INTO one VALUES (1), (2)")
        history.migration("20200103000000_bad", "CREATE UNIQUE INDEX CONCURRENTLY bad ON one ((id / 10));\n")

        with pytest.raises(MigrationStateError, match="does not run as one transaction, so parts"):
            await history.deploy()

    async def test_edited_and_missing_migrations_are_named_and_do_not_stop_it(self, history: Host) -> None:
        await history.deploy()
        (history.config.migrations_dir / "20200101000000_one/migration.sql").write_text("-- edited\n")
        shutil.rmtree(history.config.migrations_dir / "20200102000000_two")
        history.migration("20200103000000_three", "CREATE TABLE three ();\n")

        done = await history.deploy()

        assert done.applied == ("20200103000000_three",)
        assert (done.edited, done.missing) == (("20200101000000_one",), ("20200102000000_two",))

    async def test_a_script_with_transactions_of_its_own_may_have_been_kept_in_part(self, history: Host) -> None:
        history.migration("20200103000000_bad", "BEGIN;\nCREATE TABLE three ();\nCOMMIT;\nSELECT 1/0;\n")

        with pytest.raises(MigrationStateError, match="parts of it may have been kept"):
            await history.deploy()
        assert await history.tables() == ["one", "three", "two"]

    async def test_resolved_as_rolled_back_it_is_applied_again(self, history: Host) -> None:
        script = history.migration("20200103000000_bad", "SELECT 1/0;\n")
        with pytest.raises(MigrationStateError):
            await history.deploy()
        script.write_text("CREATE TABLE three ();\n")

        await resolve(history.config, history.target, "20200103000000_bad", applied=False, say=history.said.append)

        assert (await history.deploy()).applied == ("20200103000000_bad",)

    async def test_resolved_as_applied_it_is_passed_over(self, history: Host) -> None:
        history.migration("20200103000000_bad", "SELECT 1/0;\n")
        history.migration("20200104000000_later", "CREATE TABLE later ();\n")
        with pytest.raises(MigrationStateError):
            await history.deploy()

        await resolve(history.config, history.target, "20200103000000_bad", applied=True, say=history.said.append)

        assert (await history.deploy()).applied == ("20200104000000_later",)

    @pytest.mark.parametrize(
        ("name", "applied", "message"),
        [
            ("20200101000000_one", True, "recorded as applied already"),
            ("20200101000000_one", False, "has not failed"),
            ("20200109000000_no", False, "was never begun"),
            ("20200109000000_no", True, "there is no migration '20200109000000_no'"),
        ],
    )
    async def test_what_cannot_be_resolved_is_refused(
        self, history: Host, name: str, applied: bool, message: str
    ) -> None:
        await history.deploy()

        with pytest.raises(MigrationStateError, match=message):
            await resolve(history.config, history.target, name, applied=applied, say=history.said.append)

    async def test_a_database_filled_by_other_means_is_refused_until_that_is_resolved(self, history: Host) -> None:
        await history.execute("CREATE TABLE one (id int PRIMARY KEY)")

        with pytest.raises(MigrationStateError, match="made by other means") as caught:
            await history.deploy()
        assert "berceau migrate resolve --applied 20200101000000_one" in str(caught.value)

        await resolve(history.config, history.target, "20200101000000_one", applied=True, say=history.said.append)
        assert (await history.deploy()).applied == ("20200102000000_two",)


class TestReset:
    async def test_everything_goes_and_all_migrations_are_applied_anew(self, history: Host) -> None:
        await history.deploy()
        await history.execute("INSERT INTO one VALUES (1); CREATE TABLE stray ()")

        done = await reset(history.config, history.target, history.said.append)

        assert done.applied == ("20200101000000_one", "20200102000000_two")
        assert await history.tables() == ["one", "two"]
        assert await history.fetch("SELECT count(*) FROM one") == [0]

    async def test_it_is_refused_in_production(self, history: Host) -> None:
        await history.deploy()
        await history.execute("INSERT INTO one VALUES (1)")
        history.at(production=True)

        with pytest.raises(MigrationStateError, match="not reset in production"):
            await reset(history.config, history.target, history.said.append)
        assert await history.fetch("SELECT count(*) FROM one") == [1]


class TestReaching:
    async def test_a_database_that_does_not_exist(self, history: Host) -> None:
        history.at(url=history.target.url.with_database("no_such"))

        with pytest.raises(ConfigurationError, match="does not exist") as caught:
            await history.deploy()
        assert 'Make the database (CREATE DATABASE "no_such") and try again.' in str(caught.value)
        assert "The address comes from DATABASE_URL." in str(caught.value)

    async def test_no_server(self, history: Host) -> None:
        history.at(url=replace(history.target.url, host="127.0.0.1", port=1), source="MIGRATION_DATABASE_URL")

        with pytest.raises(ConfigurationError, match=r"cannot be reached.*127\.0\.0\.1:1") as caught:
            await history.deploy()
        assert "The address comes from MIGRATION_DATABASE_URL." in str(caught.value)

    async def test_a_role_without_rights_is_told_which(self, history: Host, empty_role: str) -> None:
        administrator = history.target
        history.at(url=replace(administrator.url, user=empty_role))

        with pytest.raises(MigrationStateError, match="permission denied for schema public") as caught:
            await history.deploy()
        assert f'GRANT USAGE, CREATE ON SCHEMA "public" TO "{empty_role}";' in str(caught.value)
        assert "MIGRATION_DATABASE_URL" in str(caught.value)
        history.target = administrator

    async def test_a_role_that_does_not_own_the_tables_is_told_so(self, history: Host, empty_role: str) -> None:
        await history.deploy()
        await history.execute(f'GRANT CREATE ON SCHEMA public TO "{empty_role}"')
        administrator = history.target
        history.migration("20200103000000_more", "ALTER TABLE one ADD more int;\n")
        history.at(url=replace(administrator.url, user=empty_role))

        with pytest.raises(MigrationStateError, match="permission denied for table _prisma_migrations") as caught:
            await history.deploy()
        assert f'ALTER TABLE _prisma_migrations OWNER TO "{empty_role}";' in str(caught.value)

        history.target = administrator
        await history.execute(f'ALTER TABLE _prisma_migrations OWNER TO "{empty_role}"')
        history.at(url=replace(administrator.url, user=empty_role))
        with pytest.raises(MigrationStateError, match="must be owner of table one") as caught:
            await history.deploy()
        assert f'ALTER TABLE "one" OWNER TO "{empty_role}";' in str(caught.value)
        history.target = administrator


class TestTarget:
    """Which database it is."""

    def find(self, host: Host, production: bool = False, **urls: str | None) -> object:
        from berceau.config import Environment

        urls = {"database_url": None, "migration_database_url": None, "shadow_database_url": None, **urls}
        return find_target(host.config, Environment(production=production, **urls), host.said.append)  # type: ignore[arg-type]

    def test_production_needs_an_address(self, host: Host) -> None:
        with pytest.raises(ConfigurationError, match="neither MIGRATION_DATABASE_URL nor DATABASE_URL is set"):
            self.find(host, production=True)

    def test_an_address_that_is_none_names_its_variable(self, host: Host) -> None:
        with pytest.raises(ConfigurationError, match=r"^MIGRATION_DATABASE_URL: .*must start with postgresql://"):
            self.find(host, database_url="postgresql://a@b/c", migration_database_url="mysql://a@b/c")
        with pytest.raises(ConfigurationError, match=r"^DATABASE_URL: .*unknown parameter 'scema'"):
            both = "postgresql://a@b/c?scema=x"
            self.find(host, database_url=both, migration_database_url=both)

    def test_a_pooler_in_between_is_refused(self, host: Host) -> None:
        with pytest.raises(ConfigurationError, match="goes through PgBouncer"):
            self.find(host, migration_database_url="postgresql://a@b/c?pgbouncer=true")

    def test_a_shadow_database_that_is_the_database_itself_is_refused(self, host: Host) -> None:
        with pytest.raises(ConfigurationError, match="SHADOW_DATABASE_URL names the same database"):
            self.find(
                host,
                migration_database_url="postgresql://a@b/c?schema=x",
                shadow_database_url="postgresql://other@b:5432/c",
            )
