"""Prisma's errors become answers that programs and people understand, and that give nothing away."""

from __future__ import annotations

import logging

import pytest
from fastapi import FastAPI, HTTPException, Request
from hypothesis import given
from hypothesis import strategies as st

from berceau.http_errors import ANSWERS, answer_for, prefers_html
from berceau_engine import errors

SECRET = "INSERT INTO users VALUES ('ada@example.org')"
DATA_ERRORS = {
    errors.UniqueViolationError: (409, None),
    errors.RecordNotFoundError: (404, None),
    errors.ForeignKeyViolationError: (400, None),
    errors.RelationViolationError: (400, None),
    errors.InvalidValueError: (422, None),
    errors.MissingRequiredValueError: (422, None),
    errors.FieldNotFoundError: (500, None),
    errors.TableNotFoundError: (500, None),
    errors.RawQueryError: (500, None),
    errors.WriteConflictError: (503, "1"),
    errors.PoolTimeoutError: (503, "1"),
    errors.TooManyConnectionsError: (503, "1"),
    errors.OperationTimeoutError: (503, "1"),
    errors.DatabaseUnreachableError: (503, "5"),
    errors.AuthenticationError: (503, "5"),
    errors.ConnectionClosedError: (503, "5"),
}


def app_that_raises(app: FastAPI, error: Exception) -> FastAPI:
    @app.get("/fail")
    async def fail():
        raise error

    return app


@pytest.mark.parametrize(("kind", "status", "retry_after"), [(kind, *answer) for kind, answer in DATA_ERRORS.items()])
@pytest.mark.parametrize("accept", ["*/*", "text/html"])
async def test_each_kind_of_error_has_its_status(pieces, call, kind, status, retry_after, accept):
    error = kind(SECRET, code="P2002", meta={"target": ["email"], "value": SECRET})
    async with call(app_that_raises(pieces.app, error), headers={"accept": accept}) as client:
        answer = await client.get("/fail")
    assert answer.status_code == status
    assert answer.headers.get("retry-after") == retry_after
    assert "INSERT" not in answer.text
    assert "ada@" not in answer.text
    if accept == "text/html":
        assert f"<h1>{answer.reason_phrase}</h1>".lower() in answer.text.lower()
    else:
        assert answer.json()["code"] == "P2002"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.ClientNotConnectedError(), 503),
        (errors.TransactionExpiredError("slow"), 503),
        (errors.TransactionError("used wrongly"), 500),
        (errors.EngineError("panic"), 500),
        (errors.DataError("whatever", code="P2039"), 500),
    ],
)
async def test_errors_without_a_code_of_their_own_have_a_status_too(pieces, call, error, status):
    async with call(app_that_raises(pieces.app, error)) as client:
        answer = await client.get("/fail")
    assert answer.status_code == status


def test_every_error_of_the_engine_has_an_answer():
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.PrismaError)]
    assert len(kinds) > 20
    for kind in kinds:
        assert answer_for(kind.__new__(kind)) in ANSWERS.values()


async def test_our_own_mistakes_are_logged_and_those_of_callers_are_no_alarm(pieces, call, caplog):
    caplog.set_level(logging.INFO, "berceau.http")
    async with call(app_that_raises(pieces.app, errors.TableNotFoundError("no table", code="P2021"))) as client:
        await client.get("/fail")
    [record] = caplog.records
    assert (record.levelname, "no table" in record.getMessage()) == ("ERROR", True)
    assert record.exc_info is not None


async def test_a_callers_mistake_is_logged_without_its_values(pieces, call, caplog):
    caplog.set_level(logging.INFO, "berceau.http")
    async with call(app_that_raises(pieces.app, errors.UniqueViolationError(SECRET, code="P2002"))) as client:
        await client.get("/fail")
    [record] = caplog.records
    assert (record.levelname, record.getMessage()) == ("INFO", "GET /fail: UniqueViolationError")


@pytest.mark.parametrize(
    ("accept", "html"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True),
        ("text/html", True),
        ("text/*", True),
        ("text/html;q=0.9, application/json;q=0.8", True),
        ("*/*", False),
        (None, False),
        ("", False),
        ("application/json", False),
        ("application/json, text/html;q=0.9", False),
        ("application/json, text/html", False),
        ("text/html;q=0", False),
        ("text/html;q=nonsense", False),
    ],
)
def test_browsers_get_pages_and_programs_json(accept, html):
    headers = [] if accept is None else [(b"accept", accept.encode())]
    assert prefers_html(Request({"type": "http", "headers": headers})) is html


@given(st.text(st.characters(max_codepoint=255)))
def test_no_accept_header_breaks_the_answer(accept):
    assert prefers_html(Request({"type": "http", "headers": [(b"accept", accept.encode("latin-1"))]})) in (True, False)


async def test_an_unknown_address_is_a_page_for_browsers_and_json_for_programs(pieces, call):
    async with call(pieces.app) as client:
        page = await client.get("/nowhere", headers={"accept": "text/html"})
        json = await client.get("/nowhere")
    assert (page.status_code, json.status_code) == (404, 404)
    assert "There is nothing at this address." in page.text
    assert json.json() == {"detail": "Not Found"}


async def test_a_routes_own_refusal_keeps_its_words_and_headers(pieces, call):
    refusal = HTTPException(401, "Only for <members>.", headers={"WWW-Authenticate": "Basic"})
    async with call(app_that_raises(pieces.app, refusal)) as client:
        page = await client.get("/fail", headers={"accept": "text/html"})
        json = await client.get("/fail")
    assert "Only for &lt;members&gt;." in page.text
    assert json.json() == {"detail": "Only for <members>."}
    assert page.headers["www-authenticate"] == json.headers["www-authenticate"] == "Basic"


@pytest.mark.parametrize("status", [204, 304])
async def test_an_exception_that_is_no_error_has_no_page(pieces, call, status):
    async with call(app_that_raises(pieces.app, HTTPException(status)), headers={"accept": "text/html"}) as client:
        answer = await client.get("/fail")
    assert (answer.status_code, answer.content) == (status, b"")


async def test_a_status_without_a_name_has_a_page_too(pieces, call):
    async with call(
        app_that_raises(pieces.app, HTTPException(499, "Gone away.")), headers={"accept": "text/html"}
    ) as client:
        answer = await client.get("/fail")
    assert answer.status_code == 499
    assert "Gone away." in answer.text


async def test_a_wrong_request_names_what_is_wrong(pieces, call):
    @pieces.app.get("/number/{number}")
    async def number(number: int, page: int):
        return number

    async with call(pieces.app) as client:
        page = await client.get("/number/<b>", headers={"accept": "text/html"})
        json = await client.get("/number/x")
    assert (page.status_code, json.status_code) == (422, 422)
    assert "<code>number</code>" in page.text
    assert "<code>page</code>" in page.text
    assert "<b>" not in page.text
    assert [problem["loc"] for problem in json.json()["detail"]] == [["path", "number"], ["query", "page"]]


async def test_a_broken_layout_of_the_host_does_not_hide_the_error(pieces, call):
    from berceau.pages import Pages

    (pieces.templates / "layout.html").write_text("{{ nonsense }}")
    pieces.pages = Pages({**pieces.originals, "berceau": pieces.templates}, static=pieces.static)
    async with call(pieces.app, headers={"accept": "text/html"}) as client:
        answer = await client.get("/nowhere")
    assert answer.status_code == 404
    assert "404" in answer.text
