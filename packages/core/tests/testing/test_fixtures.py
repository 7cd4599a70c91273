"""The fixtures as a component author uses them, on the models of the demo component."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import ClassVar

import asyncpg
import pytest

from berceau.errors import ConfigurationError
from berceau.testing.fixtures import _application, session_of
from berceau_client import Prisma
from berceau_client.errors import UniqueViolationError
from berceau_engine.postgres import connect


async def add(db: Prisma, name: str = "Ada"):
    return await db.demouser.create(data={"name": name, "posts": {"create": [{"title": "Tea"}]}})


@pytest.mark.parametrize("_number", range(2))
async def test_each_test_finds_an_empty_database(db, _number):
    assert (await db.demouser.count(), await db.demopost.count()) == (0, 0)
    await add(db)
    assert (await db.demouser.count(), await db.demopost.count()) == (1, 1)


@pytest.mark.parametrize("_number", range(2))
async def test_much_data_is_cleared_too(db, _number):
    assert await db.demopost.count() == 0
    user = await add(db)
    rows = [{"title": "x" * 200, "content": "y" * 500, "authorId": user.id} for _ in range(500)]
    await db.demopost.create_many(data=rows)


async def test_a_fixture_of_the_test_shares_its_database(author, db):
    assert await db.demouser.find_unique(where={"id": author.id}) is not None


@pytest.fixture
async def author(db):
    return await add(db, "Grace")


async def test_records_are_made_in_its_database(make, db):
    post = await make.demopost(title="Tea")
    assert [(found.title, found.authorId) for found in await db.demopost.find_many()] == [("Tea", post.authorId)]


async def test_transactions_are_real_ones_nested_as_well(db):
    async with db.tx() as tx:
        await add(tx, "Ada")
        assert await db.demouser.count() == 0
        with pytest.raises(UniqueViolationError):
            async with tx.tx() as inner:
                assert inner.is_transaction()
                await add(inner, "Grace")
                await add(inner, "Ada")
        assert [user.name for user in await tx.demouser.find_many()] == ["Ada"]
    assert await db.demouser.count() == 1


async def test_an_error_does_not_poison_what_follows(db):
    await add(db)
    with pytest.raises(UniqueViolationError):
        async with db.tx() as tx:
            await add(tx)
    with pytest.raises(ZeroDivisionError):
        async with db.tx() as tx:
            await add(tx, "Grace")
            _ = 1 / 0
    assert await db.demouser.count() == 1


async def test_tasks_have_connections_of_their_own(db):
    await asyncio.gather(*(add(db, f"User {number}") for number in range(20)))
    assert await db.demouser.count() == 20


async def test_what_a_batch_does_is_done_at_once(db):
    async with db.batch_() as batch:
        batch.demouser.create({"name": "Ada"})
        batch.demouser.create({"name": "Grace"})
    assert await db.demouser.count() == 2


async def test_a_cancelled_query_leaves_a_usable_client(db):
    task = asyncio.create_task(db.query_raw("SELECT pg_sleep(60)"))
    await db.query_raw("SELECT 1")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await db.demouser.count() == 0


async def test_other_connections_see_what_was_written(db_committed, db_url):
    await add(db_committed)
    async with Prisma(db_url) as other:
        assert await other.demouser.count() == 1
        await add(other, "Grace")
    assert await db_committed.demouser.count() == 2
    connection = await connect(db_url)
    assert await connection.fetchval('SELECT count(*) FROM "DemoUser"') == 2
    await connection.close()


async def test_what_others_wrote_is_cleared_as_well(db):
    assert await db.demouser.count() == 0


async def test_a_client_that_was_disconnected_is_back_in_the_next_test(db):
    await db.disconnect()
    assert not db.is_connected()
    await db.connect()
    assert await db.demouser.count() == 0


async def test_the_application_shares_the_data(client, db):
    assert (await client.post("/demo/api/posts", json={"title": "Tea", "author": "Ada"})).status_code == 201
    assert [user.name for user in await db.demouser.find_many()] == ["Ada"]
    await add(db, "Grace")
    assert (await client.get("/demo/api/posts")).json()["total"] == 2
    assert (await client.get("/health/ready")).json() == {"status": "ok"}


@pytest.mark.asyncio(loop_scope="class")
@pytest.mark.xdist_group("loop_of_a_class")
class TestOnTheLoopOfAClass:
    loops: ClassVar[set[asyncio.AbstractEventLoop]] = set()

    @pytest.mark.parametrize("_number", range(2))
    async def test_the_client_belongs_to_the_loop_of_the_test_and_finds_an_empty_database(self, client, db, _number):
        self.loops.add(asyncio.get_running_loop())
        assert len(self.loops) == 1
        assert (await client.get("/demo/api/posts")).json()["total"] == 0
        await add(db)


def test_the_fixtures_need_no_event_loop(db):
    assert asyncio.run(db.demouser.count()) == 0


async def fill(db: Prisma) -> None:
    await add(db, "Ada")


@pytest.mark.berceau_readonly(seed=fill)
class TestWhatOnlyReads:
    @pytest.mark.parametrize("_number", range(2))
    async def test_all_see_what_was_filled_in_once(self, db, _number):
        assert [user.name for user in await db.demouser.find_many()] == ["Ada"]

    async def test_writes_are_refused(self, db, db_url):
        with pytest.raises(Exception, match="read-only transaction"):
            await add(db, "Grace")
        connection = await connect(db_url)
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await connection.execute('DELETE FROM "DemoUser"')
        await connection.close()


@pytest.mark.berceau_own_server
async def test_a_server_of_its_own_may_be_changed_as_a_whole(db):
    await add(db)
    await db.execute_raw("ALTER SYSTEM SET work_mem = '8MB'")
    assert await db.demouser.count() == 1


async def test_the_component_is_that_of_the_nearest_project(component):
    assert component.name == "demo"


def test_an_application_that_is_not_installed_is_named(pytestconfig):
    session = session_of(pytestconfig)
    other = replace(session.config, app="shop_of_nobody:create_app")
    with pytest.raises(ConfigurationError, match=r"shop_of_nobody:create_app.* is not installed\n.*uv sync"):
        _application(replace(session, _config=other))
