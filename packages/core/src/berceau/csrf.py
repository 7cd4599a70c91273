"""Protection of forms against other sites: a signed cookie, a hidden field that belongs to it, the request's origin.

It needs no JavaScript and no session, and stands before every route, the host's own and those of mounted applications
too. There are two barriers, one behind the other:

1. Every request that would change something (and every WebSocket) is refused when the browser says that another site
   has made it, whatever its content type.
2. A POST of a kind that a plain HTML form can send must carry the hidden field that `csrf_field()` has written, or the
   same value in the header `X-CSRF-Token`. A POST of JSON needs none: no form can send one, and another site's script
   may not unless the browser has asked us before.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Collection
from typing import TypeVar
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FIELD = "csrf_token"
HEADER = "x-csrf-token"
COOKIE = "berceau_csrf"
MINIMUM_SECRET = 32
REFUSED = "This form was sent from another page than ours, or has expired. Go back, reload the page and send it again."
READ_AHEAD = 64 * 1024
"""The hidden field must lie within that many bytes from the start of a form: write `csrf_field()` first."""

_SCOPE_KEY = "berceau.csrf"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_FORM_TYPES = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
_SIMPLE_TYPES = _FORM_TYPES | {"", "text/plain"}  # what another site may send without asking first
_FIELD_IN_BODY = re.compile(
    rb"(?:^|&)%(name)s=([\w.-]+)(?=&|$)"
    rb'|[ ;]name="?%(name)s"?\r\n(?:[^\r\n]+\r\n){0,4}\r\n([\w.-]+)\r\n' % {b"name": FIELD.encode()}
)
_SALT_BYTES = 12
_COOKIE_BYTES = 24

Endpoint = TypeVar("Endpoint", bound=Callable[..., object])


class CsrfSigner:
    """Makes the pairs of cookie and field, and recognizes those that it has made."""

    def __init__(self, secret: str | None = None) -> None:
        """`secret` must be the same in all processes that serve one site; by default it is made at random."""
        key = secret.encode() if secret else secrets.token_bytes(32)
        self._key = hashlib.sha256(b"berceau csrf\0" + key).digest()

    def new_cookie(self) -> str:
        """A value for a browser's cookie: random, and signed so that another site cannot make one up."""
        random = secrets.token_urlsafe(_COOKIE_BYTES)
        return f"{random}.{self._sign('cookie', random)}"

    def is_ours(self, cookie: str) -> bool:
        """Whether we have made this cookie, with this secret."""
        random, _, signature = cookie.partition(".")
        return _equal(signature, self._sign("cookie", random))

    def field_for(self, cookie: str) -> str:
        """A value for a form's hidden field; each call gives another, so that compression cannot give it away."""
        salt = secrets.token_urlsafe(_SALT_BYTES)
        return f"{salt}.{self._sign('field', salt, cookie)}"

    def belongs(self, cookie: str, field: str) -> bool:
        """Whether `field` was made for `cookie`."""
        salt, _, signature = field.partition(".")
        return self.is_ours(cookie) and _equal(signature, self._sign("field", salt, cookie))

    def _sign(self, *parts: str) -> str:
        digest = hmac.digest(self._key, "\0".join(parts).encode("utf-8", "surrogatepass"), "sha256")
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _equal(given: str, ours: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), ours.encode())


class BrowserToken:
    """One request's side of the protection: the browser's cookie, made on demand when it has none."""

    def __init__(self, signer: CsrfSigner, cookie: str | None) -> None:
        self._signer = signer
        self._given = cookie if cookie is not None and signer.is_ours(cookie) else None
        self._made: str | None = None
        self.is_used = False

    @property
    def new_cookie(self) -> str | None:
        """The cookie that the answer must set, if any."""
        return self._made

    def field(self) -> str:
        """The value for a form's hidden field."""
        self.is_used = True
        cookie = self._given or self._made
        if cookie is None:
            cookie = self._made = self._signer.new_cookie()
        return self._signer.field_for(cookie)

    def accepts(self, field: object) -> bool:
        """Whether a form with this hidden field was written for this browser."""
        return self._given is not None and isinstance(field, str) and self._signer.belongs(self._given, field)


def browser_token(connection: HTTPConnection) -> BrowserToken:
    """The token that `CsrfMiddleware` has put into the request."""
    token = connection.scope.get(_SCOPE_KEY)
    if not isinstance(token, BrowserToken):
        raise RuntimeError("CsrfMiddleware does not stand before this route; call berceau.fastapi.install(app).")
    return token


class CsrfMiddleware:
    """Refuses what other sites send, and hands each request its `BrowserToken`.

    Args:
        signer: signs cookies and fields.
        refuse: makes the answer (403) from the request and the reason.
        trusted_origins: other sites (`https://shop.example`) whose scripts may call us, as a CORS policy allows.
        exempt: paths that take form posts without the hidden field.
    """

    def __init__(
        self,
        app: ASGIApp,
        signer: CsrfSigner,
        refuse: Callable[[Request, str], Response],
        trusted_origins: Collection[str] = (),
        exempt: Collection[re.Pattern[str]] = (),
    ) -> None:
        self._app = app
        self._signer = signer
        self._refuse = refuse
        self._trusted = frozenset(origin.rstrip("/").lower() for origin in trusted_origins)
        self._exempt = tuple(exempt)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        name, secure = _cookie_name(scope)
        token = scope[_SCOPE_KEY] = BrowserToken(self._signer, connection.cookies.get(name))
        if scope["type"] == "websocket":
            if _is_foreign(connection.headers, self._trusted):
                await send({"type": "websocket.close", "code": 1008, "reason": "cross-origin"})
            else:
                await self._app(scope, receive, send)
            return
        if scope["method"] not in _SAFE_METHODS:
            is_allowed, receive = await self._check(scope, receive, connection.headers, token)
            if not is_allowed:
                await self._refuse(Request(scope, receive), REFUSED)(scope, receive, send)
                return

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and token.is_used:
                headers = MutableHeaders(scope=message)
                headers.setdefault("cache-control", "private, no-cache")
                headers.add_vary_header("cookie")
                if token.new_cookie is not None:
                    headers.append("set-cookie", _set_cookie(name, token.new_cookie, secure))
            await send(message)

        await self._app(scope, receive, send_with_cookie)

    async def _check(
        self, scope: Scope, receive: Receive, headers: Headers, token: BrowserToken
    ) -> tuple[bool, Receive]:
        """Whether the request may pass, and the `receive` that still gives its whole body."""
        if _is_foreign(headers, self._trusted):
            return False, receive
        content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        if scope["method"] != "POST" or content_type not in _SIMPLE_TYPES or self._is_exempt(scope):
            return True, receive
        if token.accepts(headers.get(HEADER)):
            return True, receive
        if content_type not in _FORM_TYPES:
            return False, receive
        field, receive = await _read_field(receive)
        return token.accepts(field), receive

    def _is_exempt(self, scope: Scope) -> bool:
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        return any(pattern.match(path) for pattern in self._exempt)


async def _read_field(receive: Receive) -> tuple[str | None, Receive]:
    """The hidden field of a form, and a `receive` that begins with what had to be read to find it.

    Looking for it in the raw bytes is safe, since a value that we have signed for this browser's cookie is known to
    our own pages only; and it spares reading an uploaded file twice.
    """
    read: list[Message] = []
    body = bytearray()
    is_whole = False
    while not is_whole and len(body) < READ_AHEAD:
        message = await receive()
        read.append(message)
        body += message.get("body", b"")
        is_whole = not message.get("more_body", False)
    if not is_whole:
        body += b"\0"  # where the bytes end is not where the value ends
    found = _FIELD_IN_BODY.search(body)
    pending = iter(read)

    async def receive_again() -> Message:
        return next(pending, None) or await receive()

    return (None if found is None else (found[1] or found[2]).decode("ascii")), receive_again


def _cookie_name(scope: Scope) -> tuple[str, bool]:
    """The cookie's name; over TLS with the prefix that keeps neighbouring hosts from setting it, and whether so."""
    secure = scope["scheme"] in ("https", "wss")
    return (f"__Host-{COOKIE}" if secure else COOKIE), secure


def _set_cookie(name: str, value: str, secure: bool) -> str:
    return f"{name}={value}; Path=/; HttpOnly; SameSite=Lax" + ("; Secure" if secure else "")


def _is_foreign(headers: Headers, trusted: Collection[str]) -> bool:
    """Whether the browser says that the request was not made by one of our own pages.

    Programs that are no browsers send neither header; they carry no cookies of a victim either.
    """
    origin = headers.get("origin", "").lower()
    if origin in trusted:
        return False
    site = headers.get("sec-fetch-site", "").lower()
    if site:
        return site not in ("same-origin", "none")
    return bool(origin) and urlsplit(origin).netloc != headers.get("host", "").lower()


def csrf_exempt(endpoint: Endpoint) -> Endpoint:
    """Let a route take form posts without the hidden field, for callers that are no browsers and prove who they are."""
    endpoint.csrf_exempt = True  # type: ignore[attr-defined]
    return endpoint


def is_csrf_exempt(endpoint: object) -> bool:
    """Whether `csrf_exempt` was put on this route."""
    return getattr(endpoint, "csrf_exempt", False) is True
