"""Errors as answers: Prisma's become HTTP status codes, as JSON for programs and as a page for browsers.

An answer never holds SQL, a value or a driver's message; those go to the log (`berceau.http`).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exception_handlers import http_exception_handler, request_validation_exception_handler
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from berceau.pages import Pages
from berceau.security_headers import add_security_headers
from berceau_engine import errors as prisma

logger = logging.getLogger("berceau.http")


@dataclass(frozen=True)
class Answer:
    """What a kind of error becomes.

    Attributes:
        status: the HTTP status.
        message: what the caller may know.
        retry_after: seconds after which the same request may succeed, if it may.
    """

    status: int
    message: str
    retry_after: int | None = None


_FAILED = Answer(500, "Something went wrong on our side.")
_INVALID = Answer(422, "The request holds a value that cannot be used.")
_RELATED = Answer(400, "The record is tied to another one that does not exist, or that still needs it.")
_UNAVAILABLE = Answer(503, "The database cannot be reached at the moment. Please try again shortly.", retry_after=5)
_BUSY = Answer(503, "The service is busy at the moment. Please try again shortly.", retry_after=1)

ANSWERS: dict[type[prisma.PrismaError], Answer] = {
    prisma.PrismaError: _FAILED,
    prisma.UniqueViolationError: Answer(409, "There is such a record already."),
    prisma.RecordNotFoundError: Answer(404, "There is no such record."),
    prisma.ForeignKeyViolationError: _RELATED,
    prisma.RelationViolationError: _RELATED,
    prisma.InputError: _INVALID,
    prisma.FieldNotFoundError: _FAILED,  # a route's query does not fit the schema: our mistake, and it must be logged
    prisma.DatabaseConnectionError: _UNAVAILABLE,
    prisma.PoolTimeoutError: _BUSY,
    prisma.TooManyConnectionsError: _BUSY,
    prisma.OperationTimeoutError: _BUSY,
    prisma.WriteConflictError: _BUSY,  # the same request, sent again, meets no conflict
    prisma.TransactionExpiredError: _BUSY,
    prisma.ClientNotConnectedError: _UNAVAILABLE,
}


def answer_for(error: prisma.PrismaError) -> Answer:
    """The answer of the nearest class in `ANSWERS`."""
    return next(ANSWERS[kind] for kind in type(error).__mro__ if kind in ANSWERS)


def prefers_html(request: Request) -> bool:
    """Whether the caller would rather read a page than JSON: browsers name `text/html`, programs do not."""
    qualities = dict(_quality(part) for part in request.headers.get("accept", "").split(","))
    anything = qualities.get("*/*", 0.0)
    html = qualities.get("text/html", qualities.get("text/*", anything))
    json = qualities.get("application/json", qualities.get("application/*", anything))
    return html > json


def _quality(part: str) -> tuple[str, float]:
    media_type, *parameters = (piece.strip().lower() for piece in part.split(";"))
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return media_type, float(parameter[2:])
            except ValueError:
                return media_type, 0.0
    return media_type, 1.0


def error_page(
    request: Request,
    status: int,
    message: str,
    *,
    headers: Mapping[str, str] | None = None,
    fields: Mapping[str, str] | None = None,
) -> Response:
    """A page in the site's layout; `fields` names the parts of the request that are wrong, with what is wrong."""
    context = {"status": status, "title": _phrase(status), "message": message, "fields": fields or {}}
    response: Response
    try:
        response = Pages.of(request).render(request, "berceau/error.html", context, status_code=status)
    except Exception:  # a layout of the host that is broken must not hide the error that it should have shown
        logger.exception("the error page could not be rendered")
        response = HTMLResponse(f"<!doctype html><title>{status}</title><p>{status}", status)
    response.headers.update(headers or {})
    response.headers.add_vary_header("Accept")
    return response


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:  # a status that no standard has named
        return "Error"


def error_response(
    request: Request, status: int, message: str, *, code: str | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """The error as a page or as JSON (`{"detail": message}`, with Prisma's `code` where there is one)."""
    if prefers_html(request):
        return error_page(request, status, message, headers=headers)
    body = {"detail": message} | ({"code": code} if code else {})
    response = JSONResponse(body, status, headers)
    response.headers.add_vary_header("Accept")
    return response


async def _prisma_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, prisma.PrismaError):
        raise error
    answer = answer_for(error)
    if answer.status >= 500:
        logger.error("%s %s: %s", request.method, request.url.path, error, exc_info=error)
    else:
        logger.info("%s %s: %s", request.method, request.url.path, type(error).__name__)
    headers = {} if answer.retry_after is None else {"Retry-After": str(answer.retry_after)}
    return error_response(request, answer.status, answer.message, code=getattr(error, "code", None), headers=headers)


async def _http_exception(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code < 400 or not prefers_html(request):
        return await http_exception_handler(request, error)
    message = error.detail if error.detail != _phrase(error.status_code) else _MESSAGES.get(error.status_code)
    return error_page(request, error.status_code, message or error.detail, headers=error.headers)


_MESSAGES = {
    404: "There is nothing at this address.",
    405: "This address cannot be used in this way.",
}


async def _validation_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    if not prefers_html(request):
        return await request_validation_exception_handler(request, error)
    fields = {_place(problem): str(problem["msg"]) for problem in error.errors()}
    return error_page(request, 422, "The request is not complete or holds a value that cannot be used.", fields=fields)


def _place(problem: Mapping[str, Any]) -> str:
    """The name of what is wrong, without the part of the request that it stands in."""
    location = [str(step) for step in problem["loc"]]
    return ".".join(location[1:] or location)


async def _unexpected(request: Request, error: Exception) -> Response:
    """The last resort, outside of all middleware: the server logs the error, we add the headers ourselves."""
    response = error_response(request, _FAILED.status, _FAILED.message)
    add_security_headers(response.headers, request.url.scheme)
    return response


def add_error_handlers(app: FastAPI) -> None:
    """Let `app` answer Prisma's errors, wrong requests, unknown addresses and our own mistakes as described above."""
    app.add_exception_handler(prisma.PrismaError, _prisma_error)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(Exception, _unexpected)
