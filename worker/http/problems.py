"""How does a door say no? By an RFC 9457 document that names each mistake and leaks nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from starlette.exceptions import HTTPException

from triggers.refusals import Kind, Problem, Refusal
from triggers.strict_json import NotJson, pointer_to

MEDIA_TYPE = "application/problem+json"
HANGS_UP = {"connection": "close"}
"""The server ends the connection after an error that nobody foresaw: let nobody use it again."""
RETRY_AFTER = {"Retry-After": "5"}
# a browser shows it where a page was asked for; what it quotes came from outside
GUARDED = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
}
MOST_PROBLEMS = 100
UNREACHABLE = "The database cannot be reached; nothing was stored."
log = structlog.get_logger(__name__)


class Denied(Exception):
    """A request is not served; the answer is a problem document with this status."""

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        problems: Iterable[Problem] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.problems = tuple(problems)
        self.headers = dict(headers or {})


STATUS_OF = {
    Kind.MALFORMED: HTTPStatus.BAD_REQUEST,
    Kind.AGAINST_CATALOG: HTTPStatus.UNPROCESSABLE_ENTITY,
}


def denied(refusal: Refusal) -> Denied:
    """The answer to an event that is refused."""
    word = "an event" if refusal.kind is Kind.MALFORMED else "an event our catalog takes"
    return Denied(STATUS_OF[refusal.kind], f"This is not {word}.", refusal.problems)


def unavailable(detail: str) -> Denied:
    return Denied(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers=RETRY_AFTER)


def document(no: Denied) -> Response:
    """The problem document itself."""
    content = {
        "type": "about:blank",
        "title": no.status.phrase,
        "status": no.status.value,
        "detail": no.detail,
        "errors": [
            {"pointer": one.pointer, "detail": one.detail} for one in no.problems[:MOST_PROBLEMS]
        ],
    }
    return JSONResponse(content, no.status.value, {**GUARDED, **no.headers}, MEDIA_TYPE)


def answer_with_problems(app: FastAPI) -> None:
    """Let every error of the application leave as a problem document."""

    @app.exception_handler(Denied)
    def _denied(_request: Request, no: Denied) -> Response:
        return document(no)

    @app.exception_handler(Refusal)
    def _refused(_request: Request, refusal: Refusal) -> Response:
        return document(denied(refusal))

    @app.exception_handler(NotJson)
    def _not_json(_request: Request, error: NotJson) -> Response:
        mistake = Problem(error.pointer, error.detail)
        return document(Denied(HTTPStatus.BAD_REQUEST, "The body is not JSON.", [mistake]))

    @app.exception_handler(HTTPException)
    def _http(_request: Request, error: HTTPException) -> Response:
        status = HTTPStatus(error.status_code)
        return document(Denied(status, status.description or status.phrase, (), error.headers))

    @app.exception_handler(RequestValidationError)
    def _parameters(_request: Request, error: RequestValidationError) -> Response:
        mistakes = [Problem(pointer_to(*one["loc"]), one["msg"]) for one in error.errors()]
        return document(Denied(HTTPStatus.BAD_REQUEST, "A parameter is wrong.", mistakes))

    @app.exception_handler(Exception)
    def _unforeseen(_request: Request, _error: Exception) -> Response:
        # the server's own log has the traceback
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        no = Denied(status, "This is our mistake; the log has it.", headers=HANGS_UP)
        return document(no)

    @app.exception_handler(DBAPIError)
    @app.exception_handler(PoolExhausted)
    def _database(_request: Request, error: Exception) -> Response:
        # the statement and its parameters stay out of the log: they are personal
        log.error("database_unavailable", error=type(error).__name__)
        return document(unavailable(UNREACHABLE))
