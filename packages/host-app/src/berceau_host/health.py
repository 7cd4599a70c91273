"""`/health`: for load balancers and containers."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(prefix="/health", tags=["health"])


@router.get("")
async def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}
