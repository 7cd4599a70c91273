"""Forms of other sites are refused; forms of ours pass, without JavaScript and without a session."""

from __future__ import annotations

import asyncio
import re

import pytest
from fastapi import FastAPI, Form, Request, UploadFile, WebSocket
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from berceau.csrf import READ_AHEAD, CsrfMiddleware, CsrfSigner, csrf_exempt
from berceau.pages import render


@pytest.fixture
def app(pieces) -> FastAPI:
    app = pieces.app
    pieces.write("form.html", "<form method=post>{{ csrf_field() }}</form><form>{{ csrf_field() }}</form>")
    pieces.write("plain.html", "nothing to send")

    @app.get("/form")
    async def form(request: Request):
        return render(request, "shop/form.html")

    @app.get("/plain")
    async def plain(request: Request):
        return render(request, "shop/plain.html")

    @app.post("/buy")
    async def buy(what: str = Form()):
        return {"bought": what}

    @app.post("/upload")
    async def upload(file: UploadFile):
        return {"size": len(await file.read())}

    @app.post("/no-body")
    async def no_body():
        return {"done": True}

    @app.api_route("/json", methods=["POST", "PUT", "PATCH"])
    async def json(data: dict[str, str]):
        return data

    @app.delete("/json")
    async def delete():
        return {"deleted": True}

    @app.post("/webhook/{provider}")
    @csrf_exempt
    async def webhook(provider: str, event: str = Form()):
        return {"provider": provider, "event": event}

    async def raw(request):
        return JSONResponse({"body": (await request.body()).decode()})

    app.mount("/mounted", Starlette(routes=[Route("/raw", raw, methods=["POST"])]))
    app.add_middleware(
        CsrfMiddleware,
        signer=CsrfSigner("s" * 32),
        refuse=pieces.refuse,
        trusted_origins=["https://partner.example"],
        exempt=[re.compile("^/webhook/[^/]+$")],
    )
    return app


async def field(client, path="/form") -> str:
    return re.findall(r'name="csrf_token" value="([^"]+)"', (await client.get(path)).text)[0]


async def test_a_form_that_we_have_written_is_accepted(app, call):
    async with call(app) as client:
        answer = await client.post("/buy", data={"csrf_token": await field(client), "what": "a=b&c"})
    assert answer.json() == {"bought": "a=b&c"}


async def test_a_form_with_a_file_is_accepted_and_the_file_arrives_whole(app, call):
    async with call(app) as client:
        token = await field(client)
        answer = await client.post("/upload", data={"csrf_token": token}, files={"file": b"x" * 3_000_000})
    assert answer.json() == {"size": 3_000_000}


async def test_the_field_is_looked_for_in_the_first_bytes_only(app, call):
    async with call(app) as client:
        token = await field(client)
        early = await client.post("/buy", data={"csrf_token": token, "what": "x" * 2 * READ_AHEAD})
        late = await client.post("/buy", data={"what": "x" * 2 * READ_AHEAD, "csrf_token": token})
    assert early.status_code == 200
    assert len(early.json()["bought"]) == 2 * READ_AHEAD
    assert late.status_code == 403


@pytest.mark.parametrize("order", ["first", "last"])
async def test_the_field_is_found_wherever_it_stands_in_a_short_form(app, call, order):
    async with call(app) as client:
        token = await field(client)
        pairs = [("csrf_token", token), ("what", "tea")]
        body = "&".join("=".join(pair) for pair in (pairs if order == "first" else reversed(pairs)))
        answer = await client.post(
            "/buy", content=body, headers={"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
        )
    assert answer.json() == {"bought": "tea"}


async def test_a_field_that_goes_beyond_the_first_bytes_is_not_guessed_at(app, call):
    async with call(app) as client:
        token = await field(client)

        async def two_pieces():
            yield f"what={'x' * READ_AHEAD}&csrf_token={token}".encode()
            yield b"0&what=more"

        answer = await client.post(
            "/buy", content=two_pieces(), headers={"content-type": "application/x-www-form-urlencoded"}
        )
    assert answer.status_code == 403


async def test_a_body_in_small_pieces_arrives_whole(app, call):
    async with call(app) as client:
        body = f"csrf_token={await field(client)}&what=tea".encode()

        async def pieces():
            for byte in body:
                yield bytes([byte])

        answer = await client.post(
            "/buy", content=pieces(), headers={"content-type": "application/x-www-form-urlencoded"}
        )
    assert answer.json() == {"bought": "tea"}


@pytest.mark.parametrize(
    "request_",
    [
        {"data": {"what": "tea"}},
        {"data": {"what": "tea", "csrf_token": ""}},
        {"data": {"what": "tea", "csrf_token": "made.up"}},
        {"data": {"what": "tea", "csrf_token": "é\udc80".encode("utf-8", "replace")}},
        {"data": {"what": "tea"}, "files": {"file": b""}},
        {"content": "csrf_token", "headers": {"content-type": "multipart/form-data"}},
        {"data": {"what": "tea"}, "headers": {"x-csrf-token": "made.up"}},
    ],
)
async def test_a_form_without_our_field_is_refused(app, call, request_):
    async with call(app) as client:
        await field(client)
        answer = await client.post("/buy", **request_)
    assert answer.status_code == 403
    assert "reload the page" in answer.json()["detail"]


async def test_a_field_is_worth_nothing_without_the_cookie_it_was_made_for(app, call):
    async with call(app) as attacker, call(app) as victim:
        theirs = await field(attacker)
        await field(victim)
        answer = await victim.post("/buy", data={"csrf_token": theirs, "what": "tea"})
        alone = await call(app).post("/buy", data={"csrf_token": theirs, "what": "tea"})
    assert (answer.status_code, alone.status_code) == (403, 403)


async def test_a_cookie_that_somebody_else_has_set_is_replaced(app, call):
    async with call(app, cookies={"berceau_csrf": "planted.value"}) as client:
        answer = await client.get("/form")
    assert "berceau_csrf=" in answer.headers["set-cookie"]


async def test_the_field_can_come_in_a_header(app, call):
    async with call(app) as client:
        answer = await client.post("/no-body", headers={"x-csrf-token": await field(client)})
    assert answer.json() == {"done": True}


@pytest.mark.parametrize(
    "content_type", [None, "text/plain", "TEXT/PLAIN; charset=utf-8", "text/plain;application/json"]
)
async def test_json_disguised_as_what_a_form_can_send_is_refused(app, call, content_type):
    headers = {} if content_type is None else {"content-type": content_type}
    async with call(app) as client:
        answer = await client.post("/json", content=b'{"a": "b"}', headers=headers)
    assert answer.status_code == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
async def test_json_needs_no_field(app, call, method):
    async with call(app) as client:
        answer = await client.request(method, "/json", json={"a": "b"})
        deleted = await client.delete("/json")
    assert answer.json() == {"a": "b"}
    assert deleted.json() == {"deleted": True}


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://shop.example.evil.example"},
        {"origin": "http://shop.example:8080"},
        {"origin": "http://shop.example", "sec-fetch-site": "cross-site"},
    ],
)
async def test_what_another_site_sends_is_refused_whatever_it_is(app, call, headers):
    async with call(app) as client:
        token = await field(client)
        with_field = await client.post("/buy", data={"csrf_token": token, "what": "tea"}, headers=headers)
        json = await client.put("/json", json={"a": "b"}, headers=headers)
        exempt = await client.post("/webhook/bank", data={"event": "paid"}, headers=headers)
        read = await client.get("/form", headers=headers)
    assert [answer.status_code for answer in (with_field, json, exempt, read)] == [403, 403, 403, 200]


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://shop.example"},
        {"origin": "HTTP://SHOP.example"},
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
        {"origin": "http://name-behind-a-proxy.example", "sec-fetch-site": "same-origin"},
    ],
)
async def test_what_our_own_pages_send_passes(app, call, headers):
    async with call(app) as client:
        answer = await client.post("/buy", data={"csrf_token": await field(client), "what": "tea"}, headers=headers)
    assert answer.status_code == 200


async def test_a_trusted_site_may_send_json_but_no_form_without_the_field(app, call):
    headers = {"origin": "https://partner.example", "sec-fetch-site": "cross-site"}
    async with call(app) as client:
        assert (await client.post("/json", json={"a": "b"}, headers=headers)).status_code == 200
        assert (await client.post("/buy", data={"what": "tea"}, headers=headers)).status_code == 403


async def test_an_exempt_route_takes_forms_without_the_field(app, call):
    async with call(app) as client:
        answer = await client.post("/webhook/bank", data={"event": "paid"})
    assert answer.json() == {"provider": "bank", "event": "paid"}


async def test_mounted_applications_are_protected_too_and_get_the_whole_body(app, call):
    async with call(app) as client:
        token = await field(client)
        refused = await client.post("/mounted/raw", data={"a": "b"})
        passed = await client.post("/mounted/raw", data={"csrf_token": token, "a": "b"})
    assert refused.status_code == 403
    assert passed.json() == {"body": f"csrf_token={token}&a=b"}


async def test_a_browser_reads_a_page_when_its_form_is_refused(app, call):
    async with call(app, headers={"accept": "text/html"}) as client:
        answer = await client.post("/buy", data={"what": "tea"})
    assert answer.status_code == 403
    assert answer.headers["content-type"].startswith("text/html")
    assert "reload the page" in answer.text


async def test_a_cookie_is_set_by_pages_with_a_form_only_and_only_once(app, call):
    async with call(app) as client:
        plain = await client.get("/plain")
        first = await client.get("/form")
        second = await client.get("/form")
    assert "set-cookie" not in plain.headers
    assert "cache-control" not in plain.headers
    assert re.fullmatch(r"berceau_csrf=[\w.-]+; Path=/; HttpOnly; SameSite=Lax", first.headers["set-cookie"])
    assert "set-cookie" not in second.headers
    assert second.headers["cache-control"] == "private, no-cache"
    assert second.headers["vary"].lower() == "cookie"


async def test_over_tls_the_cookie_is_bound_to_this_very_host(app, call):
    async with call(app, base_url="https://shop.example") as client:
        first = await client.get("/form")
        token = re.findall(r'value="([^"]+)"', first.text)[0]
        answer = await client.post("/buy", data={"csrf_token": token, "what": "tea"})
    assert re.fullmatch(
        r"__Host-berceau_csrf=[\w.-]+; Path=/; HttpOnly; SameSite=Lax; Secure", first.headers["set-cookie"]
    )
    assert answer.status_code == 200


async def test_no_two_fields_are_the_same(app, call):
    async with call(app) as client:
        fields = re.findall(r'value="([^"]+)"', (await client.get("/form")).text + (await client.get("/form")).text)
    assert len(fields) == len(set(fields)) == 4


async def test_forms_survive_a_restart_with_the_same_secret_and_no_other():
    ours, again, other = CsrfSigner("a" * 32), CsrfSigner("a" * 32), CsrfSigner("b" * 32)
    cookie = ours.new_cookie()
    assert again.belongs(cookie, ours.field_for(cookie))
    assert not other.belongs(cookie, ours.field_for(cookie))
    assert not CsrfSigner().belongs(cookie, ours.field_for(cookie))


@given(cookie=st.text(), field=st.text())
def test_no_made_up_pair_is_accepted(cookie, field):
    signer = CsrfSigner("s" * 32)
    assert not signer.belongs(cookie, field)
    assert not signer.belongs(signer.new_cookie(), field)
    genuine = signer.new_cookie()
    assert not signer.belongs(cookie, signer.field_for(genuine))


def test_a_signed_cookie_is_no_field_and_a_field_no_cookie():
    signer = CsrfSigner("s" * 32)
    cookie = signer.new_cookie()
    assert not signer.belongs(cookie, cookie)
    assert not signer.is_ours(signer.field_for(cookie))


async def test_a_caller_that_hangs_up_in_the_middle_of_a_form_is_let_go(app):
    sent = []
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/buy",
        "raw_path": b"/buy",
        "root_path": "",
        "scheme": "http",
        "query_string": b"",
        "headers": [(b"content-type", b"application/x-www-form-urlencoded"), (b"host", b"shop.example")],
    }
    messages = iter([{"type": "http.request", "body": b"what=", "more_body": True}, {"type": "http.disconnect"}])

    async def receive():
        return next(messages)

    async def send(message):
        sent.append(message)

    await asyncio.wait_for(app(scope, receive, send), 60)
    assert sent[0]["status"] == 403


@pytest.mark.parametrize(
    ("origin", "first_message"),
    [("http://shop.example", "websocket.accept"), ("http://evil.example", "websocket.close")],
)
async def test_a_websocket_of_another_site_is_refused(app, origin, first_message):
    @app.websocket("/live")
    async def live(socket: WebSocket):
        await socket.accept()
        await socket.close()

    sent = []
    scope = {
        "type": "websocket",
        "path": "/live",
        "raw_path": b"/live",
        "root_path": "",
        "scheme": "ws",
        "query_string": b"",
        "subprotocols": [],
        "headers": [(b"origin", origin.encode()), (b"host", b"shop.example")],
    }

    async def receive():
        return {"type": "websocket.connect"}

    async def send(message):
        sent.append(message)

    await app(scope, receive, send)
    assert sent[0]["type"] == first_message
