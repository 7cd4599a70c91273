"""The process that one types `berceau dev` into: prepares, serves, watches, and does it anew when a file changes."""

from __future__ import annotations

import asyncio
import secrets
import signal
import socket
import time
from collections.abc import Coroutine, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from berceau.build import BuildResult
from berceau.dev import preparing
from berceau.dev.preparing import Say, Settings
from berceau.dev.server import ServerProcess, address_of, listen
from berceau.dev.watching import Change, Watcher
from berceau.errors import BerceauError
from berceau_engine.errors import PrismaError

_ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def serve(root: Path, *, host: str, port: int, auto_migrate: bool, say: Say) -> None:
    """Serve the application of the host in `root` until a signal comes; follow changes of its files.

    Raises ConfigurationError: settings are wrong, or the port is taken. EmbeddedServerError: it cannot be used.
    What goes wrong later is said, and waits for a change.
    """
    with listen(host, port) as listening:
        settings = preparing.read_settings(root, say)
        asyncio.run(_Supervisor(settings, listening, auto_migrate, say).run())


class _Supervisor:
    """Keeps one server process up to date with the files."""

    def __init__(self, settings: Settings, listening: socket.socket, auto_migrate: bool, say: Say) -> None:
        self._settings = settings
        self._listening = listening
        self._auto_migrate = auto_migrate
        self._say = say
        self._secret = secrets.token_urlsafe(48)  # the same for all runs: a form survives a restart
        self._server: ServerProcess | None = None
        self._observer: asyncio.Task[None] | None = None
        self._undone: set[Change] = set()
        self._told = ""
        self._addresses = ""
        self._written: dict[Path, tuple[int, int]] = {}

    async def run(self) -> None:
        """Prepare and serve, then follow the changes, until a signal comes."""
        stop = asyncio.Event()
        for number in _ENDS:
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        watcher = Watcher(self._settings.config)
        try:
            watcher.watch(self._settings.config)
            await _until(stop, self._work(watcher))
        finally:
            await watcher.close()
            await self._end_server()
        self._say("Stopped.")
        if self._settings.target.embedded:
            self._say("The embedded PostgreSQL goes on running; `berceau db stop` stops it.")

    async def _work(self, watcher: Watcher) -> None:
        await self._react({Change.SCHEMA, Change.MIGRATIONS})
        while True:
            changes = await watcher.changes()
            kinds = {kind for kind, paths in changes.items() if not self._are_our_own(paths)}
            if kinds:
                self._say(f"Changed: {self._shown(changes, kinds)}")
                await self._react(kinds)
            if kinds & {Change.SETTINGS, Change.INSTALLED}:
                watcher.watch(self._settings.config)

    async def _react(self, changes: set[Change]) -> None:
        """Do what the changes ask for. What fails is said, and tried again with the next change; the server goes on."""
        kinds = self._undone = self._undone | changes
        if Change.SETTINGS in kinds and not await self._attempt(self._read_settings()):
            return
        if Change.INSTALLED in kinds:
            preparing.notice_installed()
        rebuilt = False
        if kinds - {Change.CODE, Change.MIGRATIONS}:
            result = await self._build()
            if result is None:
                return
            rebuilt = result.changed
        self._undone = set()
        if kinds - {Change.CODE}:
            await self._attempt(self._apply_migrations())
        if kinds - {Change.SCHEMA, Change.MIGRATIONS} or rebuilt or not self._is_serving():
            await self._restart()
        if kinds - {Change.CODE}:
            await self._attempt(self._describe_database())

    # ---------------------------------------------------------------- steps

    async def _read_settings(self) -> None:
        self._settings = await asyncio.to_thread(preparing.read_settings, self._settings.config.root, self._say)

    async def _build(self) -> BuildResult | None:
        """The result of a build; None if it fails. Then the server must not be restarted: it would not start."""
        try:
            result = await asyncio.to_thread(preparing.build_client, self._settings.config, self._say)
        except (BerceauError, PrismaError) as error:
            self._say(f"error: {error}")
            if self._is_serving():
                self._say("The server goes on with the client that it has.")
            return None
        self._written = _signatures(self._settings.config.schema_dir.rglob("*.prisma"))
        return result

    async def _apply_migrations(self) -> None:
        await preparing.apply_migrations(self._settings, auto_migrate=self._auto_migrate, say=self._say)

    async def _describe_database(self) -> None:
        described = await preparing.describe_database(self._settings)
        if described != self._told:
            self._told = described
            self._say(described)

    async def _attempt(self, work: Coroutine[Any, Any, None]) -> bool:
        """Whether the work was done; an error that is the user's is said."""
        try:
            await work
        except (BerceauError, PrismaError) as error:
            self._say(f"error: {error}")
            return False
        return True

    # ---------------------------------------------------------------- the server

    def _is_serving(self) -> bool:
        return self._server is not None and self._server.alive

    async def _restart(self) -> None:
        began = time.monotonic()
        await self._end_server()
        settings = self._settings
        self._server = await ServerProcess.start(
            settings.app, self._listening, settings.config.root, settings.environment(self._secret)
        )
        self._observer = asyncio.create_task(self._observe(self._server, began))

    async def _end_server(self) -> None:
        if self._observer is not None:
            self._observer.cancel()
            self._observer = None
        if self._server is not None:
            await self._server.end()
            self._server = None

    async def _observe(self, server: ServerProcess, began: float) -> None:
        """Say when the server answers, and when it has ended by itself."""
        if await server.ready():
            addresses = self._address_lines()
            if addresses != self._addresses:
                self._addresses = addresses
                self._say(addresses)
            else:
                self._say(f"Restarted in {time.monotonic() - began:.2f} s.")
        code = await server.wait()
        self._say(f"The server has ended (exit code {code}). It starts again when a file changes.")

    def _address_lines(self) -> str:
        address = address_of(self._listening)
        rows = [(self._settings.app, address)]
        rows += [(f"  {name}", address + path) for name, path in preparing.pages(self._settings.config)]
        width = max(len(name) for name, _ in rows)
        return "\n".join(f"{name:<{width}}  {link}" for name, link in rows) + "\nCtrl-C stops it."

    # ---------------------------------------------------------------- files

    def _are_our_own(self, paths: set[Path]) -> bool:
        """Whether these are only files as the last build wrote them."""
        return bool(paths) and all(self._written.get(path) == signature for path, signature in _pairs(paths))

    def _shown(self, changes: Mapping[Change, set[Path]], kinds: set[Change]) -> str:
        paths = sorted(path for kind in kinds for path in changes[kind])
        root = self._settings.config.root
        names = [str(path.relative_to(root)) if path.is_relative_to(root) else str(path) for path in paths]
        return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


async def _until(stop: asyncio.Event, work: Coroutine[Any, Any, None]) -> None:
    """Do the work until it fails or `stop` is set; its failure is raised."""
    working = asyncio.create_task(work)
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working


def _pairs(paths: Iterable[Path]) -> Iterable[tuple[Path, tuple[int, int] | None]]:
    for path in paths:
        try:
            status = path.stat()
        except OSError:
            yield path, None
        else:
            yield path, (status.st_mtime_ns, status.st_size)


def _signatures(paths: Iterable[Path]) -> dict[Path, tuple[int, int]]:
    return {path: signature for path, signature in _pairs(paths) if signature is not None}
