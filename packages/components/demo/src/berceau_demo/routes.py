"""The router facet: the pages, and the JSON API below `/api`."""

from __future__ import annotations

from berceau_demo import api, pages

LABEL = "Posts"

router = pages.router
router.include_router(api.router, prefix="/api")
