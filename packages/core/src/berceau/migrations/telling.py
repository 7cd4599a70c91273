"""Says what takes longer than a second, and for how long it has."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from berceau.migrations.target import Say

_EVERY_SECONDS = 1.0


@asynccontextmanager
async def telling(say: Say, what: str) -> AsyncIterator[Callable[[str], None]]:
    """While the block runs, say each second what is being done; the block is given a function that changes it."""
    doing, began = what, time.monotonic()

    def now(step: str) -> None:
        nonlocal doing, began
        doing, began = step, time.monotonic()

    async def repeat() -> None:
        while True:
            await asyncio.sleep(_EVERY_SECONDS)
            say(f"{doing} … {time.monotonic() - began:.0f} s")

    task = asyncio.create_task(repeat())
    try:
        yield now
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def trying(number: int) -> str:
    """What is being done while migrations are played through on the shadow database."""
    return f"Trying {number} migration{'' if number == 1 else 's'} on the shadow database"
