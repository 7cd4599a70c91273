"""Wrong uses of a client: mypy and pyright have to reject each line that is marked as wrong, and no other one.

Two are marked for pyright alone: of a nested `update`, and of `AND`, `OR` and `NOT` behind a relation, mypy knows no
more than their names, because with all that they can hold it would take too long. Of a call of several lines pyright
names the one in which its argument begins.
"""

from datetime import datetime

from shop_client import Prisma, enums, models, types
from shop_client.factories import Factory


async def misspelt_fields(db: Prisma) -> None:
    await db.customer.find_many(where={"nmae": "x"})  # wrong
    await db.customer.find_many(where={"name": {"startsWith": "x"}})  # wrong
    await db.customer.find_many(where={"OR": [{"nmae": "x"}]})  # wrong
    await db.customer.find_many(where={"AND": {"NOT": {"OR": [{"nmae": "x"}]}}})  # wrong
    await db.customer.find_many(where={"orders": {"smoe": {}}})  # wrong
    await db.customer.find_many(
        where={  # wrong
            "name": "x",
            "orders": {
                "some": {
                    "stauts": "OPEN",
                },
            },
        },
    )
    await db.customer.find_many(where={"orders": {"none": {"OR": [{"stauts": "OPEN"}]}}})  # wrong for pyright
    await db.customer.find_many(where={"profile": {"is": {"boi": "x"}}})  # wrong
    await db.customer.find_many(where={"profile": {"boi": "x"}})  # wrong
    await db.customer.find_many(order={"nmae": "asc"})  # wrong
    await db.customer.find_many(order=[{"name": "asc"}, {"profile": {"boi": "asc"}}])  # wrong
    await db.customer.find_many(include={"orders": {"where": {"stauts": "OPEN"}}})  # wrong
    await db.customer.find_many(include={"orders": {"order": {"numbr": "asc"}}})  # wrong
    await db.customer.find_many(
        include={  # wrong
            "orders": {
                "include": {
                    "itmes": True,
                },
            },
        },
    )
    await db.customer.find_many(include={"orders": {"select": {"numbr": True}}})  # wrong
    await db.customer.find_many(include={"_count": {"select": {"ordres": True}}})  # wrong
    await db.customer.find_many(select={"nmae": True})  # wrong
    await db.customer.find_many(omit={"nmae": True})  # wrong
    await db.customer.find_many(distinct=["nmae"])  # wrong
    await db.customer.create(data={"email": "x", "name": "x", "nicknme": "x"})  # wrong
    await db.customer.create(data={"email": "x", "name": "x", "orders": {"creat": {}}})  # wrong
    await db.customer.create(data={"email": "x", "name": "x", "orders": {"create": {"nte": "x"}}})  # wrong
    await db.customer.create(data={"email": "x", "name": "x", "orders": {"connect": {"numbr": 1}}})  # wrong
    await db.customer.update(where={"id": "x"}, data={"nmae": "x"})  # wrong
    await db.customer.update(where={"id": "x"}, data={"score": {"incremnt": 1}})  # wrong
    await db.customer.update(
        where={"id": "x"},
        data={  # wrong for pyright
            "orders": {
                "update": {
                    "where": {"id": "x"},
                    "data": {
                        "nte": "x",
                    },
                },
            },
        },
    )
    await db.customer.upsert(where={"id": "x"}, data={"create": {"email": "x", "name": "x"}, "updte": {}})  # wrong
    await db.customer.count(select={"nmae": True})  # wrong
    await db.product.aggregate(sum={"title": True})  # wrong
    await db.product.aggregate(avg={"sizes": True})  # wrong
    await db.product.group_by(by=["titel"])  # wrong
    await db.product.group_by(by=["title"], having={"stok": {"_avg": {"gt": 1}}})  # wrong


async def wrong_types(db: Prisma) -> None:
    await db.customer.find_many(where={"name": 5})  # wrong
    await db.customer.find_many(where={"createdAt": {"gt": "2020-01-01"}})  # wrong
    await db.customer.find_many(where={"orders": {"some": {"number": "1"}}})  # wrong
    await db.customer.find_many(take="all")  # wrong
    await db.customer.find_many(include={"orders": {"take": "all"}})  # wrong
    await db.customer.find_many(include={"orders": {"where": {"number": "1"}}})  # wrong
    await db.customer.find_many(include=["orders"])  # wrong
    await db.customer.find_unique(where="x")  # wrong
    await db.customer.create(data={"email": "x", "name": 5})  # wrong
    await db.customer.create(data={"email": "x", "name": None})  # wrong
    await db.customer.create(data={"email": "x", "name": "x", "orders": {"create": {"note": 5}}})  # wrong
    await db.customer.create_many(data=[{"email": "x", "name": datetime(2020, 1, 1)}])  # wrong
    await db.customer.update(where={"id": "x"}, data={"score": {"increment": "1"}})  # wrong
    await db.product.update(where={"id": 1}, data={"tags": {"push": 1}})  # wrong
    await db.product.find_many(where={"tags": {"has_some": [1]}})  # wrong
    await db.customer.find_many(where={"score": {"gt": db.customer.fields.name}})  # wrong
    found: list[models.Order] = await db.customer.find_many()  # wrong
    name: str = (await db.customer.find_first_or_raise()).nickname  # wrong
    print(found, name, (await db.customer.find_first()).name)  # wrong


async def missing_required_fields(db: Prisma) -> None:
    await db.customer.create(data={"email": "x"})  # wrong
    await db.customer.create_many(data=[{"name": "x"}])  # wrong
    await db.customer.create(
        data={  # wrong
            "email": "x",
            "name": "x",
            "reviews": {
                "create": {"rating": 1},
            },
        }
    )
    await db.customer.upsert(where={"id": "x"}, data={"create": {"email": "x", "name": "x"}})  # wrong
    await db.customer.find_unique()  # wrong
    await db.customer.update(data={"name": "x"})  # wrong
    await db.supplier.find_unique(where={"country_code": {"country": "x"}})  # wrong
    await db.product.group_by()  # wrong


async def unknown_relations(db: Prisma) -> None:
    await db.customer.find_many(include={"ordres": True})  # wrong
    await db.customer.find_many(include={"name": True})  # wrong
    await db.customer.find_many(include={"orders": {"include": {"prodct": True}}})  # wrong
    await db.customer.find_many(where={"ordres": {"some": {}}})  # wrong
    await db.customer.create(data={"email": "x", "name": "x", "ordres": {"create": {}}})  # wrong
    await db.customer.find_many(order={"ordres": {"_count": "asc"}})  # wrong
    await db.customr.find_many()  # wrong
    print((await db.customer.find_first_or_raise()).ordres)  # wrong


async def wrong_enum_values(db: Prisma) -> None:
    await db.customer.find_many(where={"priority": "HIHG"})  # wrong
    await db.customer.find_many(where={"priority": {"in": ["LOW", "HIHG"]}})  # wrong
    await db.customer.find_many(where={"orders": {"some": {"status": "OPNE"}}})  # wrong
    await db.customer.find_many(include={"orders": {"where": {"status": "OPNE"}}})  # wrong
    await db.customer.find_many(order={"name": "up"})  # wrong
    await db.customer.find_many(order={"nickname": {"sort": "asc", "nulls": "frist"}})  # wrong
    await db.customer.find_many(where={"name": {"contains": "x", "mode": "insensitve"}})  # wrong
    await db.customer.create(data={"email": "x", "name": "x", "priority": "HIHG"})  # wrong
    await db.customer.create(data={"email": "x", "name": "x", "priority": enums.OrderStatus.OPEN})  # wrong
    await db.customer.update(where={"id": "x"}, data={"orders": {"create": {"status": "OPNE"}}})  # wrong
    await db.order.update(where={"id": "x"}, data={"history": {"push": ["OPNE"]}})  # wrong
    await db.customer.find_many(relation_load_strategy="joins")  # wrong
    async with db.tx(isolation_level="serial"):  # wrong
        pass


async def unknown_arguments_and_operations(db: Prisma) -> None:
    await db.customer.find_many(were={"id": "x"})  # wrong
    await db.customer.find_all()  # wrong
    await db.customertotal.create(data={})  # wrong
    db.batch_().customer.find_many()  # wrong
    Prisma(log_query=True)  # wrong


async def mixed(db: Prisma) -> None:
    where: types.OrderWhereInput = {"stauts": "OPEN"}  # wrong
    await db.customer.find_many(where=where)  # wrong


async def factories(make: Factory, customer: models.Customer) -> None:
    await make.customer(nmae="x")  # wrong
    await make.customer(name=5)  # wrong
    await make.customer(name=None)  # wrong
    await make.customer(priority="HIHG")  # wrong
    await make.customer.batch(2, name=lambda number: number)  # wrong
    await make.customer.batch()  # wrong
    await make.customer(friends=customer)  # wrong
    await make.order(customer=3)  # wrong
    make.customer.build(scroe=3)  # wrong
    await make.customr()  # wrong
    await make.customertotal()  # wrong
    print((await make.customer()).ordres)  # wrong
