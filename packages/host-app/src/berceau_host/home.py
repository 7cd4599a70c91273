"""The first page: what is installed, and where it is served."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from berceau.fastapi import render, site

router = APIRouter(include_in_schema=False)


@router.get("/")
async def home(request: Request) -> HTMLResponse:
    """A list of the components."""
    return render(request, "host/home.html", {"components": site(request).components})
