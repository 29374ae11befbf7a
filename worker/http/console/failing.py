"""What does somebody read whose page came to nothing, and by what is the log's line found?

Elsewhere programs read the answer, and a problem document says it; here people do.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from starlette.exceptions import HTTPException

from worker.http.console.pages import page
from worker.http.console.visits import Visit, cookie_name
from worker.http.parts import doors_of
from worker.http.problems import HANGS_UP, RETRY_AFTER, Denied

HOME = "/console"
Answer = Callable[[Request, Exception], Response]
log = structlog.get_logger(__name__)


def answer_failures(app: FastAPI) -> None:
    """On the console's pages instead of what was said to be answered until now."""
    for kind, answer in (
        (DBAPIError, _no_database),
        (PoolExhausted, _no_database),
        (Denied, _denied),
        (HTTPException, _not_there),
        (RequestValidationError, _unreadable),
        (Exception, _our_mistake),
    ):
        app.add_exception_handler(kind, _on_pages(answer, app.exception_handlers[kind]))


def _on_pages(answer: Answer, elsewhere: Callable[..., Any]) -> Answer:
    def answered(request: Request, error: Exception) -> Response:
        path = request.url.path
        ours = path == HOME or path.startswith(f"{HOME}/")
        found: Response = (answer if ours else elsewhere)(request, error)
        return found

    return answered


def _no_database(request: Request, error: Exception) -> Response:
    ref = _reference()
    # the statement and its parameters stay out of the log: they are personal
    log.error("database_unavailable", error=type(error).__name__, ref=ref)
    answer = _told(request, "database", HTTPStatus.SERVICE_UNAVAILABLE, ref)
    answer.headers.update(RETRY_AFTER)
    return answer


def _our_mistake(request: Request, error: Exception) -> Response:
    ref = _reference()
    log.error("page_failed", error=type(error).__name__, ref=ref)
    answer = _told(request, "ours", HTTPStatus.INTERNAL_SERVER_ERROR, ref)
    answer.headers.update(HANGS_UP)
    return answer


def _denied(request: Request, error: Exception) -> Response:
    status = error.status if isinstance(error, Denied) else HTTPStatus.BAD_REQUEST
    answer = _told(request, "request", status)
    answer.headers.update(error.headers if isinstance(error, Denied) else {})
    return answer


def _not_there(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.NOT_FOUND
    return _told(request, "unknown", HTTPStatus(status))


def _unreadable(request: Request, _error: Exception) -> Response:
    return _told(request, "request", HTTPStatus.BAD_REQUEST)


def _told(request: Request, why: str, status: HTTPStatus, ref: str | None = None) -> Response:
    """Without a look into the database: it may be what failed."""
    visit = getattr(request.state, "visit", None) or stranger(request)
    again = request.url.path if request.method == "GET" else None
    return page(visit, "wrong", status=status, why=why, ref=ref, again=again, demo=False)


def stranger(request: Request) -> Visit:
    """A visit of whom nobody has asked who it is."""
    house = doors_of(request)
    visit = Visit(house, request, None, None)
    guest = request.cookies.get(cookie_name("guest", secure=visit.secure))
    return Visit(house, request, None, guest)


def _reference() -> str:
    """Short enough to be read out over a telephone."""
    return secrets.token_hex(4)
