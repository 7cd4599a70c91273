"""Posts and authors in the tables."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from berceau_client import Prisma
from berceau_demo import service
from berceau_demo.input import PostInput

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


async def add(db: Prisma, title: str = "A title", author: str = "Ada"):
    return await service.create_post(db, PostInput(title=title, author=author))


async def test_a_post_is_kept_with_its_author(db):
    created = await service.create_post(
        db, PostInput.model_validate({"title": "Tea", "content": "Green", "author": "Ada", "status": "PUBLISHED"})
    )
    found = await service.get_post(db, UUID(created.id))
    assert (found.title, found.content, found.status.value, found.author.name) == ("Tea", "Green", "PUBLISHED", "Ada")
    assert found.createdAt.utcoffset() is not None


async def test_an_author_is_found_by_name_and_made_only_once(db):
    first, second = await add(db, author="Ada"), await add(db, author="Ada")
    other = await add(db, author="ada")
    assert first.authorId == second.authorId != other.authorId
    assert await db.demouser.count() == 2


async def test_posts_by_a_new_author_at_the_same_time_share_that_author(db):
    posts = await asyncio.gather(*(add(db, title=f"Post {number}", author="Grace") for number in range(20)))
    assert len({post.authorId for post in posts}) == 1
    assert await db.demouser.count() == 1
    assert await db.demopost.count() == 20


async def add_at(db: Prisma, moments: Sequence[datetime]) -> None:
    author = await service.find_or_create_author(db, "Ada")
    for number, moment in enumerate(moments):
        await db.demopost.create(data={"title": f"Post {number}", "authorId": author.id, "createdAt": moment})


async def test_the_newest_post_comes_first_and_pages_do_not_overlap(db):
    await add_at(db, [NOON + timedelta(milliseconds=number) for number in range(45)])
    pages = [await service.list_posts(db, page=page) for page in (1, 2, 3, 4)]
    titles = [post.title for page in pages for post in page.posts]
    assert titles == [f"Post {number}" for number in reversed(range(45))]
    assert [len(page.posts) for page in pages] == [20, 20, 5, 0]
    assert {(page.pages, page.total) for page in pages} == {(3, 45)}


async def test_posts_of_the_same_moment_have_an_order_too(db):
    await add_at(db, [NOON] * 41)
    seen = [post.id for page in (1, 2, 3) for post in (await service.list_posts(db, page=page)).posts]
    assert len(set(seen)) == 41


@pytest.mark.parametrize(("total", "pages"), [(0, 1), (1, 1), (20, 1), (21, 2), (40, 2), (41, 3)])
def test_the_number_of_pages(total, pages):
    assert service.PostPage((), 1, 20, total).pages == pages


async def test_changing_one_field_leaves_the_others(db):
    post = await service.create_post(db, PostInput(title="Tea", content="Green", author="Ada"))
    changed = await service.update_post(db, UUID(post.id), {"title": "Coffee"})
    assert (changed.title, changed.content, changed.author.name) == ("Coffee", "Green", "Ada")
    assert changed.updatedAt > post.updatedAt
    assert changed.createdAt == post.createdAt
    changed = await service.update_post(db, UUID(post.id), {"content": None, "author": "Grace"})
    assert (changed.title, changed.content, changed.author.name) == ("Coffee", None, "Grace")


async def test_nothing_happens_to_a_post_that_does_not_exist(db):
    assert await service.get_post(db, uuid4()) is None
    assert await service.update_post(db, uuid4(), {"title": "Tea"}) is None
    assert await service.update_post(db, uuid4(), {"author": "Nobody"}) is None
    assert await service.delete_post(db, uuid4()) is False
    assert await db.demouser.count() == 0


async def test_deleting_a_post_keeps_its_author_and_deleting_the_author_takes_the_posts(db):
    first, second = await add(db), await add(db)
    assert await service.delete_post(db, UUID(first.id)) is True
    assert await db.demopost.count() == 1
    await db.demouser.delete(where={"id": second.authorId})
    assert await db.demopost.count() == 0
