"""The posts' page: a form on top, the list below. It works without JavaScript."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError

from berceau.fastapi import Db, render
from berceau_client.enums import DemoPostStatus
from berceau_demo import service
from berceau_demo.input import AUTHOR_LENGTH, TITLE_LENGTH, PostInput, problems_by_field

EXCERPT = 200
LAST_PAGE = 100_000
EMPTY = {"title": "", "content": "", "author": "", "status": DemoPostStatus.DRAFT.value}
LABELS = {"DRAFT": "Draft", "PUBLISHED": "Published", "ARCHIVED": "Archived"}

router = APIRouter()


@dataclass(frozen=True)
class PostForm:
    """What stands in the form: the values as they were typed, and what is wrong with them, by field."""

    values: Mapping[str, str] = field(default_factory=lambda: dict(EMPTY))
    problems: Mapping[str, str] = field(default_factory=dict[str, str])


@router.get("", include_in_schema=False)
@router.get("/posts", name="demo:posts", include_in_schema=False)
async def show_posts(request: Request, db: Db, page: str = "1") -> Response:
    """The page; one behind the last leads to the last."""
    number = _page_number(page)
    found = await service.list_posts(db, page=number)
    if number > found.pages:
        return _to_posts(request, found.pages)
    return _posts_page(request, found, PostForm())


@router.post("/posts", include_in_schema=False)
async def add_post(
    request: Request,
    db: Db,
    title: Annotated[str, Form()] = "",
    content: Annotated[str, Form()] = "",
    author: Annotated[str, Form()] = "",
    status: Annotated[str, Form()] = "",
) -> Response:
    """Add the post and show the list, or the form again with what is wrong."""
    values = {"title": title, "content": content, "author": author, "status": status}
    try:
        post = PostInput.model_validate(values)
    except ValidationError as error:
        found = await service.list_posts(db)
        return _posts_page(request, found, PostForm(values, problems_by_field(error)), status_code=422)
    await service.create_post(db, post)
    return _to_posts(request)


@router.post("/posts/{post_id}/delete", name="demo:delete", include_in_schema=False)
async def delete_post(request: Request, db: Db, post_id: str, page: Annotated[str, Form()] = "1") -> Response:
    """Delete the post and show the list again. A post that is gone already needs no words."""
    with suppress(ValueError):
        await service.delete_post(db, UUID(post_id))
    return _to_posts(request, _page_number(page))


def excerpt(text: str, length: int = EXCERPT) -> str:
    """The beginning of a text, with an ellipsis if that is not all."""
    return text if len(text) <= length else f"{text[:length].rstrip()}…"


def in_words(moment: datetime) -> str:
    """A moment as people write it, in UTC: `2 March 2026, 09:05 UTC`."""
    moment = moment.astimezone(UTC)
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"


def _posts_page(request: Request, found: service.PostPage, form: PostForm, *, status_code: int = 200) -> HTMLResponse:
    context = {
        "found": found,
        "form": form,
        "excerpt": excerpt,
        "in_words": in_words,
        "labels": LABELS,
        "statuses": [(status.value, LABELS[status.value]) for status in DemoPostStatus],
        "title_length": TITLE_LENGTH,
        "author_length": AUTHOR_LENGTH,
    }
    return render(request, "demo/posts.html", context, status_code=status_code)


def _to_posts(request: Request, page: int = 1) -> RedirectResponse:
    query = f"?page={page}" if page > 1 else ""
    return RedirectResponse(request.url_for("demo:posts").path + query, status_code=303)


def _page_number(text: str) -> int:
    """The page that an address asks for; the first one if it makes no sense."""
    with suppress(ValueError):
        return max(1, min(int(text), LAST_PAGE))
    return 1
