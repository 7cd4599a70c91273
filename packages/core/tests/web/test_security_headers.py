"""Every answer of a host tells browsers to be careful."""

from __future__ import annotations

import pytest
from fastapi import FastAPI, Response

from berceau.security_headers import CONTENT_SECURITY_POLICY, SecurityHeadersMiddleware


@pytest.fixture
def app(pieces) -> FastAPI:
    app = pieces.app

    @app.get("/plain")
    async def plain():
        return {}

    @app.get("/own")
    async def own(response: Response):
        response.headers["Content-Security-Policy"] = "default-src 'none'"
        response.headers["Referrer-Policy"] = "no-referrer"
        return {}

    @app.get("/broken")
    async def broken():
        raise ValueError("a secret")

    app.add_middleware(SecurityHeadersMiddleware, without_policy=["/docs"])
    return app


@pytest.mark.parametrize("path", ["/plain", "/nowhere", "/berceau/static/berceau/berceau.css", "/broken"])
async def test_every_answer_carries_them(app, call, path):
    async with call(app, raise_app_exceptions=False) as client:
        headers = (await client.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert "strict-transport-security" not in headers


def test_the_policy_allows_no_inline_script_no_frame_and_no_foreign_form_target():
    policy = dict(part.split(" ", 1) for part in CONTENT_SECURITY_POLICY.split("; "))
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["object-src"] == "'none'"
    assert policy["form-action"] == "'self'"


async def test_a_route_keeps_what_it_has_set_itself(app, call):
    async with call(app) as client:
        headers = (await client.get("/own")).headers
    assert headers.get_list("content-security-policy") == ["default-src 'none'"]
    assert headers.get_list("referrer-policy") == ["no-referrer"]


async def test_only_tls_promises_to_stay_with_tls(app, call):
    async with call(app, base_url="https://shop.example") as client:
        headers = (await client.get("/plain")).headers
    assert headers["strict-transport-security"] == "max-age=31536000"


async def test_the_documentation_page_may_load_its_scripts(app, call):
    async with call(app) as client:
        headers = (await client.get("/docs")).headers
    assert "content-security-policy" not in headers
    assert headers["x-content-type-options"] == "nosniff"


async def test_an_unexpected_error_tells_nothing(pieces, app, call):
    async with call(app, raise_app_exceptions=False) as client:
        page = await client.get("/broken", headers={"accept": "text/html"})
        json = await client.get("/broken")
    assert (page.status_code, json.status_code) == (500, 500)
    assert "secret" not in page.text + json.text
    assert "Something went wrong" in page.text
    assert json.json() == {"detail": "Something went wrong on our side."}
