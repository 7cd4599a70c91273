"""Correct uses of a client, each of which mypy and pyright have to accept, with the types that results have."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, assert_type

from pydantic import BaseModel
from shop_client import Base64, Json, Prisma, bases, enums, errors, models, types
from shop_client.factories import Factory


class Total(BaseModel):
    total: int


class Named(bases.BaseCustomer):
    name: str


async def reading(db: Prisma) -> None:
    assert_type(await db.customer.find_unique(where={"id": "x"}), models.Customer | None)
    assert_type(await db.customer.find_unique_or_raise(where={"email": "x", "score": {"gt": 3}}), models.Customer)
    assert_type(await db.customer.find_first(order={"name": "asc"}, take=-1), models.Customer | None)
    assert_type(await db.customer.find_first_or_raise(), models.Customer)
    found = await db.customer.find_many(
        take=10,
        skip=1,
        where={
            "name": {"contains": "x", "mode": "insensitive", "not": {"equals": "y"}},
            "nickname": None,
            "priority": {"in": ["LOW", enums.Priority.HIGH]},
            "createdAt": {"gte": datetime(2020, 1, 1, tzinfo=UTC)},
            "score": {"gt": db.order.fields.number},
            "orders": {"some": {"items": {"every": {"quantity": {"lte": 3}}}, "status": "OPEN"}, "none": {}},
            "profile": {"is": {"bio": {"startswith": "x"}}},
            "referrer": {"is_not": None},
            "OR": [{"name": "x"}, {"AND": {"score": 1}}],
            "NOT": {"email": {"endswith": "x"}},
        },
        cursor={"id": "x"},
        include={
            "orders": {
                "where": {"status": {"not_in": ["PAID"]}},
                "order": [{"placedAt": "desc"}, {"number": "asc"}],
                "include": {"items": {"include": {"product": {"select": {"title": True}}}}},
                "take": 5,
                "distinct": ["status"],
            },
            "profile": True,
            "_count": {"select": {"orders": {"where": {"note": None}}, "reviews": True}},
        },
        order=[
            {"nickname": {"sort": "asc", "nulls": "last"}},
            {"orders": {"_count": "desc"}},
            {"profile": {"bio": "asc"}},
        ],
        distinct=["name", "score"],
        relation_load_strategy="query",
    )
    assert_type(found, list[models.Customer])
    for customer in found:
        assert_type(customer.id, str)
        assert_type(customer.nickname, str | None)
        assert_type(customer.priority, enums.Priority)
        assert_type(customer.orders, list[models.Order] | None)
        assert_type(customer.profile, models.Profile | None)
        assert_type(customer.count_, models.CustomerCount | None)
        if customer.orders:
            assert_type(customer.orders[0].history, list[enums.OrderStatus])
            assert_type(customer.orders[0].placedAt, datetime)
    await db.customer.find_many(select={"name": True, "orders": {"select": {"number": True}}}, omit=None)
    await db.customer.find_many(omit={"email": True})
    await db.orderitem.find_unique(where={"line": {"orderId": "x", "productId": 3}})
    await db.supplier.find_unique(where={"country_code": {"country": "x", "code": "y"}})
    await db.scalar.find_many(where={"stringList": {"has": "x"}, "jsonOpt": {"path": ["a"], "equals": Json(1)}})
    await db.scalar.find_many(where={"intList": {"has_every": [1], "is_empty": False}, "jsonOpt": None})
    await db.awkward.find_many(where={"class": "x", "from": {"in": ["x"]}, "in": None}, order={"class": "asc"})
    scalar = await db.scalar.find_first_or_raise()
    assert_type(scalar.bigint, int)
    assert_type(scalar.float, float)
    assert_type(scalar.decimalOpt, Decimal | None)
    assert_type(scalar.bytes, Base64)
    assert_type(scalar.datetimeList, list[datetime])
    assert_type((await db.awkward.find_first_or_raise()).class_, str)


async def arguments_in_variables(db: Prisma) -> None:
    customer: types.CustomerWhereInput = {"OR": [{"name": "x"}], "orders": {"some": {"items": {"none": {}}}}}
    await db.customer.find_many(where={"AND": [customer, {"referrer": {"is": customer}}]})
    await db.order.find_many(where={"customer": {"is_not": customer}, "OR": [{"customer": {"is": {"OR": [customer]}}}]})
    order: types.OrderCreateWithoutCustomerInput = {"items": {"create": [{"unitPrice": Decimal(1), "productId": 1}]}}
    orders: types.OrderCreateNestedManyInput = {"create": [order]}
    created: types.CustomerCreateInput = {"email": "x", "name": "x", "orders": orders}
    await db.customer.create(data=created)
    await db.order.create(data={"customer": {"create": created}})
    sorting: types.CustomerOrderByInput = {"name": "asc", "referrer": {"name": "asc"}}
    wanted: types.FindManyCustomerArgs = {"order": sorting, "where": customer}
    wanted["take"] = 3
    await db.customer.find_many(order=[sorting], include={"referred": wanted})
    await db.order.find_many(order={"customer": sorting})


async def writing(db: Prisma) -> None:
    created = await db.customer.create(
        data={
            "email": "x",
            "name": "x",
            "priority": "HIGH",
            "profile": {"create": {"bio": None, "settings": Json({})}},
            "orders": {
                "create": [
                    {"note": "x", "items": {"create": {"unitPrice": Decimal(1), "product": {"connect": {"id": 1}}}}}
                ],
                "connect_or_create": {"where": {"id": "x"}, "create": {"status": "PAID"}},
                "connect": [{"number": 1}],
            },
            "referrer": {"connect": {"email": "y"}},
        },
        include={"orders": True},
    )
    assert_type(created, models.Customer)
    await db.customer.create(data={"email": "x", "name": "x", "referrerId": "y"})
    assert_type(await db.customer.create_many(data=[{"email": "x", "name": "x"}], skip_duplicates=True), int)
    many = await db.customer.create_many_and_return(data=[{"email": "x", "name": "x"}], include={"referrer": True})
    assert_type(many, list[models.Customer])
    updated = await db.customer.update(
        where={"id": "x"},
        data={
            "score": {"increment": 1},
            "nickname": None,
            "orders": {
                "update": {"where": {"id": "x"}, "data": {"note": None, "history": {"push": ["OPEN"]}}},
                "update_many": {"where": {"number": {"gt": 3}}, "data": {"status": "PAID"}},
                "upsert": {"where": {"id": "x"}, "create": {}, "update": {"note": "x"}},
                "delete": {"id": "x"},
                "delete_many": [{"note": "x"}],
                "set": [],
                "disconnect": {"id": "x"},
            },
            "profile": {"upsert": {"create": {}, "update": {"bio": "x"}}, "delete": True},
            "referrer": {"disconnect": True},
        },
    )
    assert_type(updated, models.Customer | None)
    assert_type(await db.product.update_many(data={"stock": {"multiply": 2}, "tags": {"set": ["x"]}}, where={}), int)
    assert_type(await db.product.update_many_and_return(data={"stock": 1}, limit=3), list[models.Product])
    data: types.CustomerUpsertInput = {"create": {"email": "x", "name": "x"}, "update": {"name": "y"}}
    assert_type(await db.customer.upsert(where={"email": "x"}, data=data), models.Customer)
    assert_type(await db.customer.delete(where={"id": "x"}), models.Customer | None)
    assert_type(await db.customer.delete_many(where={"name": {"not": "x"}}), int)
    await db.scalar.update(where={"id": 1}, data={"float": 1, "bytes": Base64.encode(b"x"), "jsonOpt": None})


async def numbers(db: Prisma) -> None:
    assert_type(await db.product.count(where={"active": True}), int)
    counted = await db.product.count(select={"_all": True, "description": True})
    assert_type(counted["description"], int)
    result = await db.product.aggregate(count=True, sum={"stock": True}, max={"price": True}, where={"active": True})
    assert_type(result["_sum"]["stock"], int | None)
    assert_type(result["_max"]["price"], Decimal | None)
    groups = await db.product.group_by(
        by=["active", "title"],
        count={"_all": True},
        avg={"stock": True},
        having={"stock": {"_avg": {"gt": 3}}},
        order=[{"_count": {"id": "desc"}}, {"active": "asc"}],
    )
    assert_type(groups[0]["active"], bool)
    assert_type(groups[0]["_avg"]["stock"], float | None)


async def others(db: Prisma) -> None:
    assert_type(await db.query_raw("SELECT $1::int AS total", 1), list[dict[str, Any]])
    assert_type(await db.query_raw("SELECT 1 AS total", model=Total), list[Total])
    assert_type(await db.query_first("SELECT 1 AS total", model=Total), Total | None)
    assert_type(await db.customer.query_raw("SELECT * FROM customers"), list[models.Customer])
    assert_type(await db.execute_raw("DELETE FROM customers"), int)
    async with db.tx(isolation_level="Serializable", timeout=timedelta(seconds=3), max_wait=100) as tx:
        assert_type(tx, Prisma)
        await tx.customer.delete_many()
    async with db.batch_() as batch:
        batch.customer.create({"email": "x", "name": "x"})
        batch.execute_raw("SELECT 1")
    try:
        assert_type(await Named.prisma(db).find_first(), Named | None)
        assert_type(await models.Customer.prisma().find_many(), list[models.Customer])
    except errors.InputError as error:
        assert_type(error.path, tuple[str, ...])
    assert_type(await db.customertotal.find_first(), models.CustomerTotal | None)


def condition(name: str) -> types.OrderWhereInput:
    where: types.OrderWhereInput = {"customer": {"name": name}}
    return {"AND": [where, {"status": enums.OrderStatus.OPEN}]}


def as_mapping(where: types.OrderWhereInput) -> Mapping[str, object]:
    return where


async def composed(db: Prisma, where: types.OrderWhereInput) -> None:
    await db.order.find_many(where={"OR": [where, {"status": "OPEN"}, {}], "NOT": where})
    await db.order.find_many(where={"AND": {"OR": [where, {"NOT": {"AND": [where]}}]}})
    await db.order.find_many(order=[{"customer": {"profile": {"bio": "asc"}}}])


async def making(db: Prisma, make: Factory, customer: models.Customer) -> None:
    assert_type(await make.customer(), models.Customer)
    assert_type(await make.customer(email="x", priority="LOW", nickname=None, orders=3), models.Customer)
    assert_type(
        await make.customer.batch(2, name=lambda number: f"Customer {number}", priority=enums.Priority.HIGH),
        list[models.Customer],
    )
    await make.customer(referrer=customer, mentor=None, friends=[customer, {"name": "x"}])
    await make.order(customer={"name": "x"}, history=["OPEN"])
    await make.awkward(class_="x")
    assert_type(await db.customer.create(data=make.customer.build(name="x")), models.Customer)
