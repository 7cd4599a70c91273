"""Headers that make a browser careful with our pages; a route that has set one of them itself keeps its own."""

from __future__ import annotations

from collections.abc import Collection

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",  # so no inline script and no inline style either
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
STRICT_TRANSPORT_SECURITY = "max-age=31536000"


def add_security_headers(headers: MutableHeaders, scheme: str, *, policy: bool = True) -> None:
    """Add what is missing. `policy` false leaves the content security policy out."""
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    if policy:
        headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    if scheme == "https":
        headers.setdefault("Strict-Transport-Security", STRICT_TRANSPORT_SECURITY)


class SecurityHeadersMiddleware:
    """Adds the headers to every answer.

    Args:
        without_policy: paths without a content security policy: FastAPI's documentation pages, which load their
            scripts from elsewhere and hold some inline.
    """

    def __init__(self, app: ASGIApp, without_policy: Collection[str] = ()) -> None:
        self._app = app
        self._without_policy = frozenset(without_policy)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                path = scope["path"].removeprefix(scope.get("root_path", ""))
                add_security_headers(headers, scope["scheme"], policy=path not in self._without_policy)
            await send(message)

        await self._app(scope, receive, send_with_headers)
