"""The server process as its parent sees it: started, restarted, ended; and the socket, which outlives it."""

from __future__ import annotations

import asyncio
import errno
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from berceau.errors import ConfigurationError

_END_SECONDS = 5.0


def listen(host: str, port: int) -> socket.socket:
    """The listening socket, which all server processes share: while one replaces the other, requests wait.

    Raises ConfigurationError: the port is taken or not allowed, or there is no such address.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    except OSError as error:
        raise ConfigurationError(f"there is no address {host!r}: {error.strerror}", hint="See --host.") from error
    try:
        listening.bind(address)
        listening.listen(128)
    except OSError as error:
        listening.close()
        reason = {
            errno.EADDRINUSE: f"port {port} on {host} is in use by another program",
            errno.EACCES: f"port {port} is not for ordinary users",
        }
        raise ConfigurationError(
            reason.get(error.errno or 0, f"port {port} on {host} cannot be used: {error.strerror}"),
            hint=f"Choose another one: berceau dev --port {port + 1 if port >= 1024 else 8000}",
        ) from error
    return listening


def address_of(listening: socket.socket) -> str:
    """The address to type into a browser."""
    host, port = listening.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


class ServerProcess:
    """One run of the application. Use `start`."""

    def __init__(self, process: asyncio.subprocess.Process, pair: socket.socket) -> None:
        self._process = process
        self._pair = pair
        self._ended = asyncio.ensure_future(process.wait())

    @classmethod
    async def start(
        cls, app: str, listening: socket.socket, root: Path, environment: Mapping[str, str]
    ) -> ServerProcess:
        """Start serving `app` (`module:attribute`) from the folder `root`."""
        ours, its = socket.socketpair()
        with its:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "berceau.dev.child", str(listening.fileno()), str(its.fileno()), app),
                cwd=root,
                env=dict(environment),
                pass_fds=(listening.fileno(), its.fileno()),
            )
        ours.setblocking(False)
        return cls(process, ours)

    async def ready(self) -> bool:
        """Wait until it answers requests; False if it ends before."""
        try:
            return bool(await asyncio.get_running_loop().sock_recv(self._pair, 16))
        except OSError:
            return False

    async def wait(self) -> int:
        """Wait until it ends; its exit code."""
        return await asyncio.shield(self._ended)

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return not self._ended.done()

    async def end(self) -> None:
        """End it in order, or after some seconds by force."""
        if self.alive:
            with suppress(ProcessLookupError):
                self._process.terminate()
            try:
                await asyncio.wait_for(self.wait(), _END_SECONDS)
            except TimeoutError:
                self._process.kill()
                await self.wait()
        self._pair.close()
