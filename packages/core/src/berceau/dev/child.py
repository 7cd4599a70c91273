"""The server process of `berceau dev`: the host's application under uvicorn, on a socket that the parent holds.

python -m berceau.dev.child LISTENING_FD PARENT_FD module:attribute
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
import traceback

import uvicorn

from berceau.application import load
from berceau.errors import BerceauError

READY = b"ready"
_GRACE_SECONDS = 3


class _Server(uvicorn.Server):
    """Tells the parent when requests are answered."""

    def __init__(self, config: uvicorn.Config, parent: socket.socket) -> None:
        super().__init__(config)
        self._parent = parent

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._parent.sendall(READY)


def main(listening: int, parent: int, app: str) -> int:
    """Serve until a signal comes or the parent ends; 1 if the application cannot be loaded."""
    parent_end = socket.socket(fileno=parent)
    threading.Thread(target=_end_with, args=(parent_end,), daemon=True).start()
    try:
        application = load(app)
    except BerceauError as error:
        if error.__cause__ is not None:
            traceback.print_exception(error.__cause__)
        print(f"error: {error}", file=sys.stderr)
        return 1
    config = uvicorn.Config(application, timeout_graceful_shutdown=_GRACE_SECONDS)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)  # the parent says what happens
    try:
        _Server(config, parent_end).run([socket.socket(fileno=listening)])
    except KeyboardInterrupt:  # uvicorn has ended in order and raises the signal again
        return 128 + signal.SIGINT
    return 0


def _end_with(parent: socket.socket) -> None:
    """End this process when the parent's end of the pair is closed, which also happens when it is killed."""
    while parent.recv(1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
