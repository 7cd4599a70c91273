"""Posts and their authors: everything that routes, pages and seeds do with the tables, as typed functions."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from berceau_client import Prisma, models, types
from berceau_client.errors import UniqueViolationError
from berceau_demo.input import PostChanges, PostInput

PAGE_SIZE = 20
NEWEST_FIRST: list[types.DemoPostOrderByInput] = [{"createdAt": "desc"}, {"id": "desc"}]


@dataclass(frozen=True)
class PostPage:
    """One page of the list.

    Attributes:
        posts: at most `size`, newest first, each with its author.
        number: which page this is, from 1.
        size: posts on a full page.
        total: posts on all pages together.
    """

    posts: tuple[models.DemoPost, ...]
    number: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are; an empty list has one, too."""
        return max(1, -(-self.total // self.size))


async def list_posts(db: Prisma, *, page: int = 1, size: int = PAGE_SIZE) -> PostPage:
    """One page of all posts. A page behind the last one is empty."""
    total = await db.demopost.count()
    posts = await db.demopost.find_many(take=size, skip=(page - 1) * size, order=NEWEST_FIRST, include={"author": True})
    return PostPage(tuple(posts), page, size, total)


async def get_post(db: Prisma, post_id: UUID) -> models.DemoPost | None:
    """The post with its author, or None."""
    return await db.demopost.find_unique(where={"id": str(post_id)}, include={"author": True})


async def create_post(db: Prisma, post: PostInput) -> models.DemoPost:
    """A new post; its author is made if nobody has that name yet."""
    author = await find_or_create_author(db, post.author)
    return await db.demopost.create(
        data={"title": post.title, "content": post.content, "status": post.status, "authorId": author.id},
        include={"author": True},
    )


async def update_post(db: Prisma, post_id: UUID, changes: PostChanges) -> models.DemoPost | None:
    """The changed post, or None if there is none."""
    data: types.DemoPostUncheckedUpdateInput = {}
    if "title" in changes:
        data["title"] = changes["title"]
    if "content" in changes:
        data["content"] = changes["content"]
    if "status" in changes:
        data["status"] = changes["status"]
    if "author" in changes:
        if await get_post(db, post_id) is None:  # no author for a post that does not exist
            return None
        data["authorId"] = (await find_or_create_author(db, changes["author"])).id
    return await db.demopost.update(where={"id": str(post_id)}, data=data, include={"author": True})


async def delete_post(db: Prisma, post_id: UUID) -> bool:
    """Whether there was such a post."""
    return await db.demopost.delete(where={"id": str(post_id)}) is not None


async def find_or_create_author(db: Prisma, name: str) -> models.DemoUser:
    """The author of that name, the same one for all who ask at the same time.

    Not to be called within a transaction: PostgreSQL ends it when a name turns out to be taken.
    """
    author = await db.demouser.find_unique(where={"name": name})
    if author is not None:
        return author
    try:
        return await db.demouser.create(data={"name": name})
    except UniqueViolationError:  # someone else has just been faster
        author = await db.demouser.find_unique(where={"name": name})
        if author is None:  # and has been deleted since
            raise
        return author
