"""`berceau migrate status`: each way in which migrations, database and schema can stand to each other."""

from __future__ import annotations

import shutil
from dataclasses import replace
from uuid import uuid4

import pytest

from berceau.errors import MigrationStateError
from berceau.migrations.catalog_sum import _SUM
from berceau.provenance import RECORD, ComponentState, record

from .conftest import ARTICLE, Host

TAG = "model Tag {\n  id Int @id\n}\n"


async def test_all_is_in_order_after_a_migration(host: Host) -> None:
    done = await host.develop("init")
    assert done.created is not None

    found = await host.status()

    assert found.in_order
    assert found.applied == (done.created.parent.name,)
    assert (found.pending, found.failed, found.drift, found.unmigrated) == ((), (), None, None)


async def test_a_new_project_has_changes_that_no_migration_has(host: Host) -> None:
    found = await host.status()

    assert not found.in_order
    assert found.unmanaged
    assert found.unmigrated == "  [+] Added tables\n    - Article"


async def test_an_empty_schema_on_an_empty_database_is_in_order(host: Host) -> None:
    host.schema("")

    assert (await host.status()).in_order


async def test_pending_migrations_are_listed(host: Host) -> None:
    written = await host.develop("init", create_only=True)
    assert written.created is not None

    found = await host.status()

    assert found.pending == (written.created.parent.name,)
    assert (found.in_order, found.applied, found.unmigrated) == (False, (), None)


async def test_a_changed_schema_is_described_after_the_last_migration(host: Host) -> None:
    await host.develop("init")
    host.schema(ARTICLE + TAG)

    found = await host.status()

    assert not found.in_order
    assert found.unmigrated == "  [+] Added tables\n    - Tag"
    assert found.drift is None


async def test_a_change_by_hand_is_told_from_a_change_of_the_schema(host: Host) -> None:
    await host.develop("init")
    await host.execute('ALTER TABLE "Article" ADD extra text')
    host.schema(ARTICLE + TAG)

    found = await host.status()

    assert found.drift == "  [*] Changed the `Article` table\n    [+] Added column `extra`"
    assert found.unmigrated is None


async def test_a_change_by_hand_is_found_while_migrations_are_pending(host: Host) -> None:
    await host.develop("init")
    host.migration("29990101000000_later", 'CREATE TABLE "Tag" ("id" INTEGER PRIMARY KEY);\n')
    await host.execute("CREATE TABLE stray ()")

    found = await host.status()

    assert found.pending == ("29990101000000_later",)
    assert found.drift is not None
    assert "stray" in found.drift


async def test_in_production_a_change_by_hand_is_told_without_a_shadow_database(host: Host) -> None:
    await host.develop("init")
    await host.execute('ALTER TABLE "Article" ADD extra text')
    host.at(production=True)

    found = await host.status()

    assert found.drift == "  [*] Changed the `Article` table\n    [+] Added column `extra`"
    assert found.unmigrated is None


async def test_in_production_a_pending_migration_leaves_open_what_was_changed_by_hand(host: Host) -> None:
    await host.develop("init", create_only=True)
    host.at(production=True)

    found = await host.status()

    assert (len(found.pending), found.drift) == (1, None)
    assert found.unchecked is not None
    assert "SHADOW_DATABASE_URL" in found.unchecked


async def test_without_a_shadow_database_it_tells_what_it_knows(host: Host, empty_role: str) -> None:
    await host.develop("init")
    await host.execute(f'GRANT SELECT ON ALL TABLES IN SCHEMA public TO "{empty_role}"')
    host.schema(ARTICLE + TAG)
    administrator = host.target
    host.at(url=replace(administrator.url, user=empty_role))

    found = await host.status()

    host.target = administrator
    assert len(found.applied) == 1
    assert found.unchecked is not None
    assert found.unchecked.startswith("whether the database has been changed by hand: ")
    assert "CREATEDB" in found.unchecked


async def test_each_migration_tells_which_versions_it_moves_between(host: Host) -> None:
    def state(name: str, version: str) -> ComponentState:
        return ComponentState(f"berceau-{name}", version, "hash")

    host.migration("20200101000000_by_hand", "SELECT 1;\n")
    folder = host.migration("20200102000000_upgrade_demo", "SELECT 1;\n").parent
    before = {"demo": state("demo", "0.1.0"), "old": state("old", "3.0"), "same": state("same", "1.0")}
    after = {"demo": state("demo", "0.2.0"), "shop": state("shop", "1.0"), "same": state("same", "1.0")}
    (folder / RECORD).write_text(record(before, after))

    assert (await host.status()).components == {
        "20200102000000_upgrade_demo": ("demo 0.1.0 → 0.2.0", "old 3.0 (removed)", "shop 1.0 (new)")
    }


async def test_a_record_of_components_that_cannot_be_read_is_named(host: Host) -> None:
    folder = host.migration("20200101000000_broken", "SELECT 1;\n").parent
    (folder / RECORD).write_text("[")
    with pytest.raises(MigrationStateError) as caught:
        await host.status()
    assert caught.value.file == folder / RECORD


async def test_a_failed_migration_tells_when_and_why(host: Host) -> None:
    host.migration("20200101000000_bad", "SELECT 1/0;\n")
    with pytest.raises(MigrationStateError):
        await host.deploy()

    found = await host.status()

    assert not found.in_order
    assert [(failed.name, failed.message) for failed in found.failed] == [("20200101000000_bad", "division by zero")]
    assert found.failed[0].started_at.startswith("20")
    assert found.pending == ()


async def test_an_edited_migration_is_listed(host: Host) -> None:
    done = await host.develop("init")
    assert done.created is not None
    done.created.write_text(done.created.read_text() + "-- more\n")

    found = await host.status()

    assert (found.edited, found.in_order) == ((done.created.parent.name,), False)


async def test_a_missing_migration_is_listed(host: Host) -> None:
    done = await host.develop("init")
    assert done.created is not None
    shutil.rmtree(done.created.parent)

    found = await host.status()

    assert (found.missing, found.in_order) == ((done.created.parent.name,), False)


async def test_looking_changes_nothing(lone_host: Host) -> None:
    await lone_host.status()

    assert lone_host.folders == []
    assert await lone_host.fetch("SELECT to_regclass('_prisma_migrations')") == [None]
    assert await lone_host.fetch("SELECT count(*) FROM pg_database WHERE datname ~ 'shadow'") == [0]


async def test_it_does_not_wait_for_a_deploy_that_is_under_way(host: Host) -> None:
    import asyncio

    from berceau_engine.postgres import connect

    other = await connect(host.target.url)
    await other.execute("SELECT pg_advisory_lock(1)")
    host.migration("20200101000000_slow", "SELECT pg_advisory_lock(1);\n")
    deploy = asyncio.create_task(host.deploy())
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'"
    while not (deploy.done() or await other.fetchval(waiting)):
        await asyncio.sleep(0.05)

    found = await host.status()

    assert not deploy.done()
    await other.close()
    assert (found.applying, found.failed, found.in_order) == (("20200101000000_slow",), (), False)
    await deploy


class TestAgreement:
    """What agreed once is not compared again, until something changes."""

    async def test_a_change_on_either_side_is_seen(self, host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
        await host.develop("init")
        assert (await host.status()).in_order
        with monkeypatch.context() as patch:
            patch.setattr("berceau_engine.migrate.start_instance", None)  # no engine can be started
            assert (await host.status()).in_order

        await host.execute('ALTER TABLE "Article" ALTER title SET DEFAULT $$a$$')
        assert (await host.status()).drift is not None
        await host.execute('ALTER TABLE "Article" ALTER title DROP DEFAULT')
        host.schema(ARTICLE + TAG)
        assert (await host.status()).unmigrated is not None

    async def test_what_a_migration_would_change_nothing_of_agrees_in_each_database(
        self, host: Host, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await host.develop("init")
        assert (await host.develop()).created is None
        name = f"test_{uuid4().hex}"
        await host.execute(f"CREATE DATABASE {name}")
        developed = host.target
        host.at(url=host.target.url.with_database(name))
        try:
            await host.deploy()
            monkeypatch.setattr("berceau_engine.migrate.start_instance", None)  # no engine can be started
            assert (await host.status()).in_order
        finally:
            host.target = developed
            await host.execute(f"DROP DATABASE {name} WITH (FORCE)")

    @pytest.mark.parametrize(
        "change",
        [
            'ALTER TABLE "Article" ALTER title TYPE varchar(9)',
            'ALTER TABLE "Article" ALTER title SET NOT NULL',
            'CREATE INDEX by_title ON "Article" (title)',
            'ALTER TABLE "Article" DROP CONSTRAINT "Article_pkey"',
            'ALTER TABLE "Article" ADD FOREIGN KEY (id) REFERENCES "Article"',
            'ALTER TABLE "Article" ADD more serial',
            "CREATE TYPE kind AS ENUM ('ONE')",
            "CREATE TYPE kind AS ENUM ()",
            "CREATE VIEW seen AS SELECT 1 AS one",
        ],
    )
    async def test_the_sum_changes_with_everything_that_is_compared(self, host: Host, change: str) -> None:
        await host.execute('CREATE TABLE "Article" (id int CONSTRAINT "Article_pkey" PRIMARY KEY, title text)')
        before = await host.fetch(_SUM)
        await host.execute(change)
        assert await host.fetch(_SUM) != before
