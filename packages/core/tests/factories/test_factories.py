"""Factories: what is required is filled in so that the database takes it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from berceau.testing.factories import FactoryError, factory


async def test_everything_that_is_required_is_filled_in_as_the_columns_take_it(make):
    pet = await make.pet()
    assert len(pet.name) <= 5
    assert len(pet.tag) == 2
    assert pet.weight == round(pet.weight, 1)
    assert (pet.nick, pet.names, pet.state.value) == (None, [], "MID")
    assert pet.ownerId is not None


async def test_what_is_given_is_taken(make):
    pet = await make.pet(name="Rex", level="HIGH", weight=Decimal("12.5"), born="2020-02-03", nick="R", names=["a"])
    assert (pet.name, pet.level.value, pet.weight, pet.nick, pet.names) == ("Rex", "HIGH", Decimal("12.5"), "R", ["a"])
    assert pet.born == datetime(2020, 2, 3, tzinfo=UTC)


async def test_the_same_seed_makes_the_same_values(db):
    async def values(seed: int) -> list[tuple[object, ...]]:
        await db.pet.delete_many()
        await db.owner.delete_many()
        pets = await factory(db, seed=seed).pet.batch(3)
        return [(pet.name, pet.tag, pet.weight, pet.seen, pet.chip, pet.ownerId) for pet in pets]

    assert await values(7) == await values(7) != await values(8)


async def test_keys_are_new_beside_those_of_others(db, make):
    await factory(db).owner.batch(5)
    await db.owner.create(data={"id": 6, "email": "x"})
    owners = [*await make.owner.batch(3), *await make.owner.batch(2)]
    assert await db.owner.count() == 11
    assert len({owner.email for owner in owners}) == 5


async def test_a_batch_is_made_in_few_statements(bound, url):
    statements = []
    async with bound.client_class()(url, on_query=statements.append) as db:
        pets = await factory(db).pet.batch(50, name=lambda number: f"p{number}")
    assert [pet.name for pet in pets] == [f"p{number}" for number in range(50)]
    assert len({pet.ownerId for pet in pets}) == 50
    assert len(statements) <= 8


async def test_small_domains_are_tried_through_and_their_end_is_told(db, make):
    await db.slot.create(data={"level": "MID", "open": True})
    await make.slot(level="LOW")
    slots = await make.slot.batch(4)
    assert len({(slot.level, slot.open) for slot in slots}) == 4
    with pytest.raises(FactoryError, match="every value of level, open that a Slot could have is taken"):
        await make.slot()
    await db.slot.delete_many()
    await make.slot.batch(2, level="HIGH")
    with pytest.raises(FactoryError, match="every value of level, open that a Slot could have with level='HIGH'"):
        await make.slot(level="HIGH")
    assert await db.slot.count() == 2


async def test_a_unique_field_with_a_fixed_default_begins_with_it(make):
    settings = await make.setting.batch(3)
    assert [setting.level.value for setting in settings] == ["MID", "LOW", "HIGH"]


async def test_parents_are_made_given_or_described(db, make):
    owner = await make.owner(email="o")
    assert (await make.pet(owner=owner)).ownerId == owner.id
    assert (await make.pet(ownerId=owner.id)).ownerId == owner.id
    pet = await make.pet(owner={"email": "p"})
    assert (await db.owner.find_unique(where={"id": pet.ownerId})).email == "p"
    assert {each.ownerId for each in await make.pet.batch(3, owner=owner)} == {owner.id}
    assert (await make.passport()).ownerId != (await make.passport()).ownerId


async def test_keys_that_share_a_field_agree(db, make):
    member = await make.member()
    found = await db.member.find_first(include={"user": {"include": {"tenant": True}}, "group": True})
    assert found.user.tenantId == found.group.tenantId == member.tenantId
    user = await make.user()
    assert (await make.member(user=user)).tenantId == user.tenantId
    assert (await make.member(tenantId=user.tenantId)).tenantId == user.tenantId
    assert (await make.member(user={"tenant": {"name": "acme"}})).tenantId not in (user.tenantId, member.tenantId)
    levels = [(await make.member(user=user)).level.value for _ in range(2)]
    assert len(set(levels)) == 2
    with pytest.raises(FactoryError, match="every value of tenantId, number, level"):
        await make.member(user=user)


async def test_contradictions_are_refused(make):
    owner, user, group = await make.owner(), await make.user(), await make.group()
    with pytest.raises(FactoryError, match=r"Pet.ownerId cannot be -1 by ownerId= and 1 by owner="):
        await make.pet(owner=owner, ownerId=-1)
    with pytest.raises(FactoryError, match=r"Member.tenantId cannot be"):
        await make.member(user=user, group=group)
    with pytest.raises(FactoryError, match=r"asks for tenantId=-1"):
        await make.member(user=user, group={"tenantId": -1})
    with pytest.raises(FactoryError, match="Owner must be unique in id, and there is one with id=5"):
        await make.owner.batch(2, id=5)


async def test_what_cannot_be_meant_is_refused(make):
    with pytest.raises(FactoryError, match=r"Pet has no field 'nam'\n  Did you mean 'name'"):
        await make.pet(nam="x")
    with pytest.raises(FactoryError, match=r"Pet.owner takes a record, a dictionary of its fields of Owner, found int"):
        await make.pet(owner=1)
    with pytest.raises(FactoryError, match=r"Pet.owner is required and cannot be None"):
        await make.pet(owner=None)
    with pytest.raises(FactoryError, match="found Tenant"):
        await make.pet(owner=await make.tenant())
    with pytest.raises(AttributeError, match="the schema has no model whose attribute would be 'cat'"):
        make.cat  # noqa: B018


async def test_optional_relations_are_left_out_and_made_when_asked_for(db, make):
    assert (await make.node()).parentId is None
    leaf = await make.node(parent={"parent": {"name": "root"}})
    found = await db.node.find_unique(where={"id": leaf.id}, include={"parent": {"include": {"parent": True}}})
    assert found.parent.parent.name == "root"


async def test_records_that_need_each_other_first_are_refused_unless_one_is_given(db, make):
    with pytest.raises(FactoryError, match=r"Chicken.egg requires a Egg, Egg.chicken requires a Chicken: each needs"):
        await make.chicken()
    manager = db.tx()
    tx = await manager.start()
    await tx.execute_raw('ALTER TABLE "Egg" ALTER COLUMN "chickenId" DROP NOT NULL')
    await tx.execute_raw('INSERT INTO "Egg" ("id") VALUES (1)')
    assert (await factory(tx).chicken(eggId=1)).eggId == 1
    await manager.rollback()  # the tables are those of the other tests, too


async def test_related_records_are_made_by_number_or_description(db, make):
    owner = await make.owner(pets=2, passport={"number": "P"})
    pet = await make.pet(friends=[{"name": "Rex"}, await make.pet()])
    found = await db.owner.find_unique(where={"id": owner.id}, include={"pets": True, "passport": True})
    assert (len(found.pets), found.passport.number) == (2, "P")
    assert len((await db.pet.find_unique(where={"id": pet.id}, include={"friends": True})).friends) == 2


async def test_a_required_field_of_an_unsupported_type_is_named(make):
    with pytest.raises(FactoryError, match=r"Shape.area is required and of the type Unsupported"):
        await make.shape()
    with pytest.raises(FactoryError, match=r"Shape.area"):
        make.shape.build()


async def test_models_and_fields_may_have_any_name(make):
    seed = await make.seed(self="s", count=2, overrides=3, class_="c")
    assert (seed.self, seed.count, seed.overrides, seed.class_) == ("s", 2, 3, "c")
    assert (await make.seed.batch(2, count=9))[1].count == 9
    assert (await make.using(batch=1, build=2)).build == 2


async def test_what_is_built_can_be_created(db, make):
    await asyncio.gather(db.pet.delete_many(), db.owner.delete_many())
    data = make.pet.build(name="Rex")
    assert data["name"] == "Rex"
    assert data["owner"]["create"].keys() == {"id", "email"}
    assert await db.pet.count() == 0
    for _ in range(3):
        await db.pet.create(data=make.pet.build())
    owner = await make.owner()
    pet = await db.pet.create(data=make.pet.build(owner=owner, friends=[{}]), include={"friends": True})
    assert (pet.ownerId, len(pet.friends)) == (owner.id, 1)
    assert make.pet.build(ownerId=owner.id)["owner"] == {"connect": {"id": owner.id}}
    made = await db.owner.create(data=make.owner.build(pets=2), include={"pets": True})
    assert len(made.pets) == 2


async def test_building_says_which_records_must_be_saved_first(db, make):
    with pytest.raises(FactoryError, match=r"Member.group shares tenantId with another relation, whose record must be"):
        make.member.build()
    user = await make.user()
    data = make.member.build(user=user, group={})
    assert data["user"] == {"connect": {"tenantId_number": {"tenantId": user.tenantId, "number": user.number}}}
    assert (await db.member.create(data=data)).tenantId == user.tenantId
