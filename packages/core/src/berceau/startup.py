"""What a server prints when the application cannot start: the reason and its cure, without a traceback."""

from __future__ import annotations

import sys

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from berceau.errors import BerceauError
from berceau_engine.errors import PrismaError


class StartupMessageMiddleware:
    """Shortens the report of a failed start to the message of the error, if that is one that its reader can cure."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return

        async def send_shortly(message: Message) -> None:
            error = sys.exc_info()[1]  # the framework reports while it handles the error
            if message["type"] == "lifespan.startup.failed" and isinstance(error, BerceauError | PrismaError):
                message = {**message, "message": str(error)}
            await send(message)

        await self._app(scope, receive, send_shortly)
