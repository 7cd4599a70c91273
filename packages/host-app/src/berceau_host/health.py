"""`/health` for process managers, `/health/ready` for load balancers."""

from __future__ import annotations

from fastapi import APIRouter

from berceau.fastapi import Db

router = APIRouter(prefix="/health", tags=["health"])


@router.get("")
async def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/ready")
async def ready(db: Db) -> dict[str, str]:
    """The database answers, too; 503 if it does not."""
    await db.query_raw("SELECT 1")
    return {"status": "ok"}
