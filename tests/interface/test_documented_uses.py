"""What the documentation of Prisma Client Python shows works here, page by page, on a schema of its kind.

What does not is in `docs/from-prisma-client-python.md`.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from types import ModuleType
from typing import Any
from uuid import uuid4

import pytest

from berceau.client import prisma
from berceau.generator import generate
from berceau_engine.migrate import SchemaEngine
from berceau_engine.postgres import DatabaseUrl, connect
from berceau_engine.schema import SchemaTools

SCHEMA = """\
generator client {
  provider        = "prisma-client"
  previewFeatures = ["relationJoins", "fullTextSearchPostgres"]
}

datasource db {
  provider = "postgresql"
}

model User {
  id      String   @id @default(cuid())
  name    String
  points  Float    @default(0)
  balance Int      @default(0)
  meta    Json     @default("{}")
  number  Decimal  @default(0)
  emails  String[]
  posts   Post[]
  profile Profile?
}

model Profile {
  id      Int     @id @default(autoincrement())
  user    User    @relation(fields: [user_id], references: [id], onDelete: Cascade)
  user_id String  @unique
  bio     String
  image   Bytes?
  city    String?
  country String?
  views   Int     @default(0)
}

model Post {
  id          String     @id @default(cuid())
  created_at  DateTime   @default(now())
  updated_at  DateTime   @updatedAt
  title       String
  published   Boolean
  views       Int        @default(0)
  description String?
  author      User?      @relation(fields: [author_id], references: [id])
  author_id   String?
  categories  Category[]
}

model Category {
  id    Int    @id @default(autoincrement())
  name  String
  posts Post[]
}
"""
FILES = [("main.prisma", SCHEMA)]
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The client, imported under a name of its own."""
    folder = tmp_path_factory.mktemp("documented")
    generate(FILES, SchemaTools().dmmf(FILES), folder / "documented_client", "hash")
    sys.path.insert(0, str(folder))
    try:
        yield import_module("documented_client")
    finally:
        sys.path.remove(str(folder))
        for name in [name for name in sys.modules if name.split(".")[0] == "documented_client"]:
            del sys.modules[name]


@pytest.fixture(scope="module")
def url(postgres: str) -> str:
    """The address of a database with the tables."""

    async def prepare() -> DatabaseUrl:
        server, name = DatabaseUrl.parse(postgres), f"documented_{uuid4().hex}"
        connection = await connect(server)
        await connection.execute(f"CREATE DATABASE {name}")
        await connection.close()
        async with await SchemaEngine.open(FILES, server.with_database(name)) as engine:
            await engine.schema_push(FILES)
        return server.with_database(name)

    return str(asyncio.run(prepare()))


@pytest.fixture
async def db(package: ModuleType, url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    """A connected client, registered for `Model.prisma()`, and one user with two posts."""
    monkeypatch.setattr(prisma, "_registered", None)
    async with package.Prisma(datasource={"url": url}, auto_register=True) as client:
        await client.execute_raw('TRUNCATE "User", "Post", "Category" RESTART IDENTITY CASCADE')
        await client.user.create(
            {
                "id": "robert",
                "name": "Robert",
                "emails": [],
                "profile": {"create": {"bio": "My bio", "city": "Edinburgh", "country": "Scotland", "views": 250}},
                "posts": {
                    "create": [
                        {"id": "first", "title": "My first post", "published": True, "views": 7},
                        {"id": "draft", "title": "My draft post", "published": False},
                    ]
                },
            }
        )
        yield client


async def test_operations_creating(db: Any) -> None:
    assert (await db.user.create(data={"name": "Tegan"})).name == "Tegan"
    rows = [{"id": "abc", "name": "Tegan"}, {"id": "robert", "name": "Robert"}]
    assert await db.user.create_many(data=rows, skip_duplicates=True) == 1


async def test_operations_finding(db: Any) -> None:
    assert await db.user.find_unique(where={"id": "1"}) is None
    assert len((await db.user.find_unique_or_raise(where={"id": "robert"}, include={"posts": True})).posts) == 2
    where = {"title": {"contains": "post"}}
    assert (await db.post.find_first(where=where, order={"id": "asc"})).id == "draft"
    assert (await db.post.find_first_or_raise(skip=1, where=where, order={"id": "asc"})).id == "first"
    found = await db.post.find_many(
        take=5, skip=1, where=where, cursor={"id": "draft"}, include={"categories": True}, order={"id": "asc"}
    )
    assert [(post.id, post.categories) for post in found] == [("first", [])]
    assert len(await db.profile.find_many(distinct=["city", "country"])) == 1
    sorted_ = await db.user.find_first(include={"posts": {"order_by": {"id": "asc"}, "take": 1}})
    assert [post.id for post in sorted_.posts] == ["draft"]


@pytest.mark.parametrize(
    ("model", "where", "found"),
    [
        ("post", {"author": {"is": {"name": "Robert"}, "is_not": {"name": "Tegan"}}}, True),
        ("post", {"categories": {"none": {"name": "Excluded"}}}, True),
        ("post", {"categories": {"some": {"name": {"contains": "Special"}}}}, False),
        ("post", {"categories": {"every": {"name": {"contains": "Category"}}}}, True),
        ("post", {"title": {"search": "first & post"}}, True),
        (
            "post",
            {
                "title": {
                    "equals": "my FIRST post", "not_in": ["a", "b"], "lt": "z", "lte": "y", "gt": "a", "gte": "b",
                    "contains": "IRS", "startswith": "MY", "endswith": "POST", "in": ["my first post"],
                    "mode": "insensitive", "not": {"contains": "draft"},
                }
            },
            True,
        ),
        ("post", {"views": {"equals": 7, "in": [7], "not_in": [4], "lt": 10, "gt": 0, "not": {"gt": 10}}}, True),
        ("user", {"points": {"in": [0.0, 1.2], "not_in": [4.7], "lt": 100.5, "gte": 0, "not": {"gt": 10.0}}}, True),
        ("post", {"updated_at": {"not_in": [NOW], "gt": datetime(2020, 1, 1), "not": {"equals": NOW}}}, True),
        ("post", {"published": {"equals": True, "not": False}}, True),
        ("profile", {"image": None}, True),
        ("user", {"number": {"equals": Decimal(0), "in": [Decimal("0.0")], "not": Decimal("1.5")}}, True),
        ("user", {"emails": {"is_empty": True}}, True),
        ("user", {"emails": {"has_some": ["a", "b"]}}, False),
        ("post", {"AND": [{"title": {"contains": "My"}}, {"title": {"contains": "first"}}]}, True),
        ("post", {"OR": [{"title": {"contains": "prisma"}}, {"published": True}]}, True),
        ("post", {"NOT": [{"title": {"contains": "post"}}]}, False),
    ],
)  # fmt: skip
async def test_operations_filtering(db: Any, model: str, where: dict[str, Any], found: bool) -> None:
    assert (await getattr(db, model).find_first(where=where) is not None) is found


async def test_operations_filtering_documents_and_bytes(db: Any, package: ModuleType) -> None:
    document, image = package.Json({"country": "Scotland"}), package.Base64.encode(b"my binary data")
    await db.user.update(where={"id": "robert"}, data={"meta": document, "profile": {"update": {"image": image}}})
    assert await db.user.count(where={"meta": document}) == 1
    where = {"meta": {"equals": package.Json.keys(country="Scotland"), "not": package.Json(["foo"])}}
    assert await db.user.count(where=where) == 1
    assert await db.profile.count(where={"image": {"in": [image], "not": package.Base64(b"AAAA")}}) == 1


async def test_operations_deleting_and_updating(db: Any) -> None:
    assert await db.post.delete(where={"id": "none"}, include={"categories": True}) is None
    assert (await db.post.delete(where={"id": "draft"}, include={"categories": True})).categories == []
    assert await db.post.delete_many(where={"published": False}) == 0
    assert (await db.post.update(where={"id": "first"}, data={"views": {"increment": 1}})).views == 8
    assert await db.post.update_many(where={"published": True}, data={"views": 0}) == 1
    data = {"create": {"title": "Created", "published": False}, "update": {"title": "Updated"}}
    assert (await db.post.upsert(where={"id": "x"}, data=data, include={"categories": True})).title == "Created"
    assert (await db.post.upsert(where={"id": "first"}, data=data)).title == "Updated"
    for change, points in [
        ({"set": 1.0}, 1.0),
        ({"multiply": 2.5}, 2.5),
        ({"divide": 0.5}, 5.0),
        ({"decrement": 0.5}, 4.5),
    ]:
        assert (await db.user.update(where={"id": "robert"}, data={"points": change})).points == points
    for emails in ({"set": ["a"]}, {"push": ["b"]}):
        user = await db.user.update(where={"id": "robert"}, data={"emails": emails})
    assert user.emails == ["a", "b"]


async def test_operations_aggregating(db: Any) -> None:
    assert await db.post.count(where={"published": True}) == 1
    assert await db.post.count(take=10, skip=1, cursor={"id": "draft"}) == 1
    assert await db.profile.group_by(["country"], count=True) == [{"country": "Scotland", "_count": {"_all": 1}}]
    groups = await db.profile.group_by(
        by=["country", "city"],
        count={"_all": True, "city": True},
        sum={"views": True},
        order={"country": "desc"},
        having={"views": {"_avg": {"gt": 200}}},
    )
    number = {"_sum": {"views": 250}, "_count": {"_all": 1, "city": 1}}
    assert groups == [{"country": "Scotland", "city": "Edinburgh"} | number]


async def test_batching_and_transactions(db: Any, package: ModuleType) -> None:
    async with db.batch_() as batcher:
        batcher.user.create({"name": "Tegan"})
        batcher.user.create({"name": "Alfie"})
    batcher = db.batch_()
    batcher.user.create({"name": "Robert"})
    await batcher.commit()
    assert await db.user.count() == 4
    with pytest.raises(ValueError, match="Robert does not have enough balance"):
        async with db.tx(max_wait=timedelta(seconds=20), timeout=timedelta(seconds=60)) as tx:
            data = {"balance": {"decrement": 50}}
            user = await package.models.User.prisma(tx).update(where={"id": "robert"}, data=data)
            if user.balance < 0:
                raise ValueError(f"{user.name} does not have enough balance")
    assert (await db.user.find_unique(where={"id": "robert"})).balance == 0


async def test_raw_queries(db: Any, package: ModuleType) -> None:
    post = package.models.Post
    assert await db.execute_raw('UPDATE "Post" SET views = 60 WHERE id = $1', "first") == 1
    assert await db.query_raw('SELECT id FROM "Post" WHERE published IS TRUE') == [{"id": "first"}]
    assert type((await db.query_raw('SELECT * FROM "Post"', model=post))[0]) is post
    assert (await db.query_first('SELECT * FROM "Post" WHERE views > 50 LIMIT 1', model=post)).views == 60
    user = package.models.User.prisma()
    assert (await user.query_raw('SELECT * FROM "User" WHERE name = $1', "Robert"))[0].id == "robert"
    assert await user.query_first('SELECT * FROM "User" WHERE name = $1', "Tegan") is None


async def test_selecting_fields(db: Any, package: ModuleType) -> None:
    bases, models = import_module("documented_client.bases"), package.models
    user, profile = models.User, models.Profile
    assert user.prisma()._client is db
    only_name = user.create_partial("UserOnlyName", include={"name"})
    profile.create_partial("ProfileWithoutUser", exclude={"user", "user_id"})
    custom = user.create_partial("UserCustomProfile", relations={"profile": "ProfileWithoutUser"})
    flat = user.create_partial("UserWithoutRelations", exclude_relational_fields=True, optional={"name"})
    whole = user.create_partial("UserWithProfile", required={"profile"})
    assert import_module("documented_client.partials").UserOnlyName is only_name
    assert (await only_name.prisma().find_first(where={"balance": 0})).model_dump() == {"name": "Robert"}
    assert (await db.query_first('SELECT name FROM "User"', model=only_name)).name == "Robert"
    assert "user" not in type((await custom.prisma().find_first(include={"profile": True})).profile).model_fields
    assert "posts" not in (await flat.prisma().find_first()).model_dump()
    assert (await whole.prisma().find_first()).profile.bio == "My bio"

    class UserWithPosts(bases.BaseUser):  # type: ignore[misc, name-defined]
        id: str
        name: str
        posts: list[models.Post]  # type: ignore[name-defined]

    found = await UserWithPosts.prisma().find_unique(where={"id": "robert"})
    assert sorted(post.id for post in found.posts) == ["draft", "first"]
    with pytest.raises(AttributeError):
        _ = found.balance
