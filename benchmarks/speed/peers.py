"""The peers as processes that are told what to measure; each times itself, so that the pipe is not measured."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from operations import Operation
from typescript import command as typescript

WORKER = Path(__file__).parent / "worker.py"
LINE_LIMIT = 2**24

TITLES = {
    "ours": "Berceau",
    "limit": "the limit",
    "typescript": "Prisma TypeScript client",
    "sqlalchemy": "SQLAlchemy 2 ORM on asyncpg",
}


class Process:
    """One peer's process."""

    def __init__(self, name: str, process: asyncio.subprocess.Process) -> None:
        self.name = name
        self.version = ""
        self._process = process
        self._runs = 0

    @classmethod
    async def start(cls, name: str, url: str) -> Process:
        """Start it and wait until it is connected."""
        words = typescript(url) if name == "typescript" else [sys.executable, str(WORKER), name, url]
        process = await asyncio.create_subprocess_exec(
            *words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, limit=LINE_LIMIT
        )
        peer = cls(name, process)
        peer.version = (await peer._answer())["ready"]
        return peer

    async def seconds(self, operation: Operation, runs: int) -> float:
        """How long an operation takes, the mean of so many runs; for `tasks` how long all of its runs take."""
        first, self._runs = self._runs, self._runs + runs
        seconds = float((await self._ask(operation=operation.name, first=first, runs=runs))["seconds"])
        return seconds / runs * (operation.runs if operation.name == "tasks" else 1)

    async def result(self, operation: Operation, number: int) -> Any:
        """What one run returns, without what is null or differs from run to run."""
        return known(operation, (await self._ask(operation=operation.name, show=number))["result"])

    async def stop(self) -> None:
        """Let it end."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()

    async def _ask(self, **request: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        return await self._answer()

    async def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{TITLES[self.name]}: the process has ended; its words are on stderr")
        answer: dict[str, Any] = json.loads(line)
        return answer


def known(operation: Operation, value: Any) -> Any:
    """The part of a result in which all peers must agree."""
    if isinstance(value, list):
        return [known(operation, item) for item in value]
    if not isinstance(value, dict):
        return value
    changing = ("id", "createdAt") if operation.name == "create" else ()
    return {key: known(operation, item) for key, item in value.items() if item is not None and key not in changing}


async def check(peers: list[Process], operations: tuple[Operation, ...], number: int = 7) -> None:
    """Raise RuntimeError when the peers do not return the same: what is compared must be alike.

    The limit creates under titles of its own; there the columns are compared.
    """
    for operation in operations:
        if operation.name == "tasks":
            continue
        results = {peer.name: await peer.result(operation, number) for peer in peers}
        for name, result in results.items():
            alike = columns if (name, operation.name) == ("limit", "create") else (lambda same: same)
            if alike(result) != alike(results["ours"]):
                raise RuntimeError(f"{operation.title}: {name} returned {result}, ours {results['ours']}")


def columns(result: Any) -> Any:
    """The names of what each record holds."""
    return [sorted(record) for record in result] if isinstance(result, list) else sorted(result)
