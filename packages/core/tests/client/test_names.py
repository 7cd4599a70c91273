"""Names that Python, pydantic and the client keep for themselves: none of the schema's names may hide them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from schema_client import MAIN

from berceau.client import bind
from berceau.client.bases import PrismaModel
from berceau.client.batch import Batch
from berceau.client.errors import FieldNotFoundError
from berceau.client.names import CLIENT_NAMES, MODEL_NAMES, client_attribute, model_attribute
from berceau.client.prisma import Prisma
from berceau.generator import DATA_FILE
from berceau.generator.data import render_data
from berceau.testing.fixtures import session_of
from berceau.testing.template import Contents
from berceau_engine.migrate import MigrationList
from berceau_engine.schema import SchemaTools

MODELS = """\
model users {
  id      Int     @id
  name    String
  posts   posts[]
  chief   users?  @relation("chief", fields: [chiefId], references: [id])
  chiefId Int?
  staff   users[] @relation("chief")
}

model posts {
  id       Int    @id
  title    String
  likes    Int    @default(0)
  wanted   Int    @default(0)
  state    state  @default(draft)
  author   users? @relation(fields: [authorId], references: [id])
  authorId Int?
}

enum state {
  draft
  live
}

model List {
  id    Int         @id
  votes ListCount[]
}

model ListCount {
  id     Int  @id
  list   List @relation(fields: [listId], references: [id])
  listId Int
}
"""


@pytest.fixture
async def named(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Any]:
    """A client whose models begin with a small letter, or are named like what the client makes."""
    contents = Contents((("main.prisma", MAIN), ("names.prisma", MODELS)), MigrationList(Path("none")), "names")
    path = tmp_path / DATA_FILE
    path.write_bytes(render_data(contents.schema, SchemaTools().dmmf(contents.schema), "hash"))
    bound = bind(path, "test_names")
    database = session_of(request.config).another("names", contents, bound.client_class())
    async with bound.client_class()(datasource={"url": str(database.url)}) as client:
        yield client
    database.close(drop=True)


def test_no_model_hides_what_a_client_or_a_batch_has() -> None:
    public = {name for name in (*dir(Prisma), *dir(Batch)) if not name.startswith("_")}
    assert public == CLIENT_NAMES
    assert client_attribute("Connect") == "connect_"
    assert client_attribute("Class") == "class_"
    assert client_attribute("DemoPost") == "demopost"


def test_no_field_hides_what_a_model_has() -> None:
    public = {name for name in dir(PrismaModel) if not name.startswith("_")}
    assert public <= MODEL_NAMES
    assert [model_attribute(name) for name in ("json", "class", "title")] == ["json_", "class_", "title"]


async def test_models_may_begin_with_a_small_letter(named: Any) -> None:
    posts = [{"id": 1, "title": "x", "likes": 2, "wanted": 1}, {"id": 2, "title": "y", "state": "live"}]
    ada = await named.users.create(
        data={"id": 1, "name": "Ada", "posts": {"create": posts}}, include={"_count": True, "posts": True}
    )
    assert (ada.count_.posts, [post.state for post in ada.posts]) == (2, ["draft", "live"])
    counted = {"_count": {"select": {"posts": {"where": {"state": "live"}}}}}
    assert (await named.users.find_first_or_raise(include=counted)).count_.posts == 1
    assert await named.users.count(where={"posts": {"some": {"author": {"is": {"name": "Ada"}}}}}) == 1
    assert await named.posts.count(where={"likes": {"gt": named.posts.fields.wanted}}, select={"title": True}) == {
        "title": 1
    }
    assert await named.posts.find_many(distinct=["authorId"], order={"author": {"posts": {"_count": "asc"}}}, take=1)
    [first, second] = await named.posts.group_by(by=["state"], sum={"likes": True}, count=True, order={"state": "asc"})
    assert (first["_sum"]["likes"], second["_count"]["_all"]) == (2, 1)
    assert (await named.posts.aggregate(max={"likes": True}))["_max"]["likes"] == 2
    assert [post.id for post in await named.posts.create_many_and_return(data=[{"id": 3, "title": "z"}])] == [3]
    with pytest.raises(FieldNotFoundError, match="titel"):
        await named.users.find_many(where={"posts": {"every": {"titel": "x"}}})
    with pytest.raises(FieldNotFoundError, match=r"^sum\.title: the sum of posts has no 'title'"):
        await named.posts.aggregate(sum={"title": True})
    with pytest.raises(FieldNotFoundError, match=r"the include of users has no 'posts'; known are chief$"):
        await named.users.create_many_and_return(data=[{"id": 2, "name": "Bob"}], include={"posts": True})


async def test_models_may_be_named_like_what_the_client_makes(named: Any) -> None:
    made = await named.list.create(data={"id": 1, "votes": {"create": [{"id": 1}]}}, include={"_count": True})
    assert made.count_.votes == 1
    vote = await named.listcount.find_first_or_raise(include={"list": True})
    assert (type(vote).__name__, vote.list.id) == ("ListCount", 1)
    async with named.batch_() as batch:
        batch.listcount.delete_many()
        batch.list.delete_many()
    assert await named.list.count() == 0
    assert await named.query_raw("SELECT 1 AS one") == [{"one": 1}]
