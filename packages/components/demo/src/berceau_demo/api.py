"""Posts as JSON: list, get, create, update, delete."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, HTTPException, Query, Request, Response
from pydantic import BaseModel

from berceau.fastapi import Db
from berceau_client import models
from berceau_client.enums import DemoPostStatus
from berceau_demo import service
from berceau_demo.input import PostChanges, PostInput

LAST_PAGE = 100_000
LARGEST_PAGE = 100


class AuthorOut(BaseModel):
    """Who wrote a post."""

    id: UUID
    name: str


class PostOut(BaseModel):
    """A post with its author."""

    id: UUID
    title: str
    content: str | None
    status: DemoPostStatus
    author: AuthorOut
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, post: models.DemoPost) -> Self:
        """The post as it is shown to others; it must have been read together with its author."""
        assert post.author is not None
        return cls(
            id=UUID(post.id),
            title=post.title,
            content=post.content,
            status=post.status,
            author=AuthorOut(id=UUID(post.author.id), name=post.author.name),
            created_at=post.createdAt,
            updated_at=post.updatedAt,
        )


class PostList(BaseModel):
    """One page of the posts, newest first; a page behind the last one has no items."""

    items: list[PostOut]
    page: int
    size: int
    pages: int
    total: int


class Problem(BaseModel):
    """Why there is no answer."""

    detail: str


router = APIRouter(prefix="/posts")
_MISSING: dict[int | str, dict[str, Any]] = {404: {"model": Problem, "description": "There is no such post"}}


@router.get("")
async def list_posts(
    db: Db,
    page: Annotated[int, Query(ge=1, le=LAST_PAGE)] = 1,
    size: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = service.PAGE_SIZE,
) -> PostList:
    """All posts, newest first, page by page."""
    found = await service.list_posts(db, page=page, size=size)
    items = [PostOut.of(post) for post in found.posts]
    return PostList(items=items, page=page, size=size, pages=found.pages, total=found.total)


@router.post("", status_code=201)
async def create_post(db: Db, post: PostInput, request: Request, response: Response) -> PostOut:
    """Add a post. Its author is found by name, or made."""
    created = await service.create_post(db, post)
    response.headers["Location"] = request.url_for("demo:post", post_id=created.id).path
    return PostOut.of(created)


@router.get("/{post_id}", name="demo:post", responses=_MISSING)
async def get_post(db: Db, post_id: UUID) -> PostOut:
    """One post."""
    return _found(await service.get_post(db, post_id))


@router.patch("/{post_id}", responses=_MISSING)
async def update_post(db: Db, post_id: UUID, changes: PostChanges) -> PostOut:
    """Change some fields of a post; those that are left out stay as they are."""
    return _found(await service.update_post(db, post_id, changes))


@router.delete("/{post_id}", status_code=204, responses=_MISSING)
async def delete_post(db: Db, post_id: UUID) -> None:
    """Remove a post. Its author stays."""
    if not await service.delete_post(db, post_id):
        raise _missing()


def _found(post: models.DemoPost | None) -> PostOut:
    if post is None:
        raise _missing()
    return PostOut.of(post)


def _missing() -> HTTPException:
    return HTTPException(404, "There is no such post.")
