"""A peer in a process of its own: does what it is told over a pipe, times it itself, and answers.

    python benchmarks/speed/worker.py ours|limit|sqlalchemy <database address>

In, one JSON object a line: `{"operation", "first", "runs"}` to measure, `{"operation", "show": number}` for one run's
result. Out: `{"seconds"}` for all runs together, `{"result"}`. The first line out, `{"ready": version}`, is not asked.
"""

from __future__ import annotations

import asyncio
import enum
import gc
import importlib
import json
import sys
import time
from datetime import UTC, datetime
from typing import Any, Protocol

from operations import TASKS

MODULES = {"ours": "ours", "limit": "limit", "sqlalchemy": "alchemy"}


class Peer(Protocol):
    """What is measured: each method does one operation once, `number` says which records it is about."""

    version: str

    async def start(self, url: str) -> None:
        """Connect."""
        ...

    async def stop(self) -> None:
        """Disconnect."""
        ...

    async def unique(self, number: int) -> Any:
        """One user by its id."""
        ...

    async def rows(self, number: int) -> Any:
        """A hundred posts in the order of their id."""
        ...

    async def include(self, number: int) -> Any:
        """The same, each with its author."""
        ...

    async def create(self, number: int) -> Any:
        """A new post of a user, who must exist; returned as it was stored."""
        ...

    def plain(self, result: Any) -> Any:
        """A result as dictionaries under the names of the columns, for the comparison between peers."""
        ...


async def measure(peer: Peer, operation: str, first: int, runs: int) -> float:
    """The seconds that an operation takes, so many times."""
    gc.collect()
    started = time.perf_counter()
    if operation == "tasks":
        await in_tasks(peer, first, runs)
    else:
        run = getattr(peer, operation)
        for number in range(first, first + runs):
            await run(number)
    return time.perf_counter() - started


async def in_tasks(peer: Peer, first: int, runs: int) -> None:
    """Find unique records in many tasks at once."""

    async def task(start: int) -> None:
        for number in range(start, first + runs, TASKS):
            await peer.unique(number)

    async with asyncio.TaskGroup() as group:
        for start in range(first, first + TASKS):
            group.create_task(task(start))


def shown(value: Any) -> Any:
    """A value that JSON has no form for, as the other peers write it."""
    if isinstance(value, enum.Enum):
        return value.name
    if isinstance(value, datetime):
        instant = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    raise TypeError(f"no form for {value!r}")


async def serve(name: str, url: str) -> None:
    """Answer until the pipe is closed."""
    peer: Peer = importlib.import_module(MODULES[name]).PEER
    await peer.start(url)
    print(json.dumps({"ready": peer.version}), flush=True)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        request = json.loads(line)
        answer: dict[str, Any]
        if "show" in request:
            answer = {"result": peer.plain(await getattr(peer, request["operation"])(request["show"]))}
        else:
            answer = {"seconds": await measure(peer, request["operation"], request["first"], request["runs"])}
        print(json.dumps(answer, default=shown), flush=True)
    await peer.stop()


if __name__ == "__main__":
    asyncio.run(serve(*sys.argv[1:]))
