"""The client in memory: its own ways; that it answers as a database does is tested in `tests/differential`."""

from __future__ import annotations

import asyncio

import pytest

from berceau.testing.fake import FakePrisma, NotFakedError
from berceau_client import Prisma, models
from berceau_client.errors import (
    ClientNotConnectedError,
    DataError,
    FieldNotFoundError,
    ForeignKeyViolationError,
    MissingRequiredValueError,
    RecordNotFoundError,
    TransactionError,
    TransactionExpiredError,
    UniqueViolationError,
)


@pytest.fixture
def db() -> Prisma:
    return FakePrisma()


async def test_it_is_the_client_with_its_classes(db):
    post = await db.demopost.create(data={"title": "Tea", "author": {"create": {"name": "Ada"}}})
    assert isinstance(db, Prisma)
    assert isinstance(post, models.DemoPost)
    assert await models.DemoPost.prisma(db).count() == 1


async def test_each_is_a_database_of_its_own(db):
    await db.demouser.create(data={"name": "Ada"})
    assert await FakePrisma().demouser.count() == 0


async def test_errors_are_those_of_the_client(db):
    ada = await db.demouser.create(data={"name": "Ada"})
    with pytest.raises(UniqueViolationError, match="`name`"):
        await db.demouser.create(data={"name": "Ada"})
    with pytest.raises(ForeignKeyViolationError, match="DemoPost_authorId_fkey"):
        await db.demopost.create(data={"title": "x", "authorId": ada.id.replace(ada.id[0], "0")[:-4] + "0000"})
    with pytest.raises(FieldNotFoundError, match="did you mean 'name'"):
        await db.demouser.create(data={"nam": "Ada"})
    with pytest.raises(MissingRequiredValueError, match=r"data\.name: must be given"):
        await db.demouser.create(data={})
    with pytest.raises(RecordNotFoundError):
        await db.demouser.find_unique_or_raise(where={"name": "Eve"})
    assert await db.demouser.update(where={"name": "Eve"}, data={"email": "e"}) is None


async def test_what_fails_changes_nothing(db):
    with pytest.raises(UniqueViolationError):
        await db.demouser.create_many(data=[{"name": "Ada"}, {"name": "Ada"}])
    assert await db.demouser.count() == 0


@pytest.mark.parametrize(
    ("words", "call"),
    [
        ("raw SQL: SELECT 1", lambda db: db.query_raw("SELECT 1")),
        ("raw SQL: SELECT 2", lambda db: db.demouser.query_first("SELECT 2")),
        ("raw SQL: DELETE", lambda db: db.execute_raw("DELETE")),
        ("groupBy", lambda db: db.demouser.group_by("name", count=True)),
        ("aggregate with max", lambda db: db.demouser.aggregate(max={"createdAt": True})),
    ],
)
async def test_what_it_does_not_know_is_named(db, words, call):
    with pytest.raises(NotFakedError, match=f"FakePrisma does not support {words}"):
        await call(db)


async def test_a_transaction_is_kept_or_given_up(db):
    async with db.tx() as tx:
        await tx.demouser.create(data={"name": "Ada"})
        assert await db.demouser.count() == 0
    with pytest.raises(ZeroDivisionError):
        async with db.tx() as tx:
            await tx.demouser.delete_many()
            raise ZeroDivisionError
    assert await db.demouser.count() == 1


async def test_transactions_keep_each_other_s_changes(db):
    await db.demouser.create_many(data=[{"name": "Ada"}, {"name": "Bob"}])
    async with db.tx() as one, db.tx() as other:
        await one.demouser.update(where={"name": "Ada"}, data={"email": "a"})
        await other.demouser.delete(where={"name": "Bob"})
        await other.demouser.create(data={"name": "Cleo"})
    found = await db.demouser.find_many(order={"name": "asc"})
    assert [(user.name, user.email) for user in found] == [("Ada", "a"), ("Cleo", None)]


async def test_two_transactions_with_one_key_collide_at_the_end(db):
    with pytest.raises(UniqueViolationError):
        async with db.tx() as one, db.tx() as other:
            await one.demouser.create(data={"name": "Ada"})
            await other.demouser.create(data={"name": "Ada"})
    assert await db.demouser.count() == 1


async def test_after_an_error_a_transaction_can_only_go_back(db):
    with pytest.raises(TransactionError, match="had failed before"):
        async with db.tx() as tx:
            await tx.demouser.create(data={"name": "Ada"})
            with pytest.raises(UniqueViolationError):
                await tx.demouser.create(data={"name": "Ada"})
            with pytest.raises(DataError, match="current transaction is aborted"):
                await tx.demouser.count()
    assert await db.demouser.count() == 0


async def test_a_nested_transaction_goes_back_alone(db):
    async with db.tx() as tx:
        await tx.demouser.create(data={"name": "Ada"})
        with pytest.raises(UniqueViolationError):
            async with tx.tx() as inner:
                await inner.demouser.create(data={"name": "Bob"})
                await inner.demouser.create(data={"name": "Ada"})
        await tx.demouser.create(data={"name": "Cleo"})
    assert sorted(user.name for user in await db.demouser.find_many()) == ["Ada", "Cleo"]


async def test_a_transaction_ends_in_time(db):
    with pytest.raises(TransactionExpiredError):
        async with db.tx(timeout=1) as tx:
            await tx.demouser.create(data={"name": "Ada"})
            while tx._runner.transaction._ended is None:
                await asyncio.sleep(0.001)
    assert await db.demouser.count() == 0


async def test_a_batch_is_one_transaction(db):
    with pytest.raises(UniqueViolationError):
        async with db.batch_() as batch:
            batch.demouser.create(data={"name": "Ada"})
            batch.demouser.create(data={"name": "Ada"})
    assert await db.demouser.count() == 0
    async with db.batch_() as batch:
        batch.demouser.create(data={"name": "Ada"})
        batch.demouser.create(data={"name": "Bob"})
    assert await db.demouser.count() == 2


async def test_it_is_connected_and_can_be_disconnected(db):
    async with db:
        await db.demouser.create(data={"name": "Ada"})
    with pytest.raises(ClientNotConnectedError):
        await db.demouser.count()
    await db.connect()
    assert await db.demouser.count() == 1
