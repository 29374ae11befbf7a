"""Which pages has the console? Each is asked for its role before anything else happens."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import Response

from worker.http.console import (
    account,
    customer_call,
    customer_erase,
    customers,
    door,
    duty,
    duty_actions,
    messages,
    pages,
    queue,
    record,
    report,
    today,
    trigger_actions,
    triggers,
    users,
)
from worker.http.console.failing import answer_failures, stranger
from worker.http.console.visits import (
    Forbidden,
    NotSignedIn,
    Visit,
    Visiting,
    cookie_name,
    visit_of,
)

rest = APIRouter()


@rest.get("/console/static/{name}")
def static(visit: Visiting, name: str) -> Response:
    return pages.static(name) or _unknown(visit)


@rest.get("/console/{rest:path}")
def unknown(visit: Visiting, rest: str) -> Response:
    return _unknown(visit) if rest else pages.go(visit, door.HOME)


# what stands last takes what nobody else has taken
PAGES = (
    door, account, today, duty, duty_actions, record, customers, customer_call,
    customer_erase, queue, triggers,
    trigger_actions, messages, report, users,
)  # fmt: skip
router = APIRouter(include_in_schema=False, dependencies=[Depends(visit_of)])
for _page in PAGES:
    router.include_router(_page.router)
router.include_router(rest)


def answer_visitors(app: FastAPI) -> None:
    """Let who is not signed in, may not do this, or whose page fails, read why on a page."""
    answer_failures(app)

    @app.exception_handler(NotSignedIn)
    def _not_signed_in(request: Request, _no: NotSignedIn) -> Response:
        visit = stranger(request)
        query = f"?{request.url.query}" if request.url.query else ""
        to = request.url.path + query if request.method == "GET" else door.HOME
        came = cookie_name("session", secure=visit.secure) in request.cookies
        return pages.go(visit, "/console/sign-in", to=to, **({"news": "expired"} if came else {}))

    @app.exception_handler(Forbidden)
    def _forbidden(request: Request, no: Forbidden) -> Response:
        visit = getattr(request.state, "visit", None) or stranger(request)
        return _wrong(visit, no.why, HTTPStatus.FORBIDDEN)


def _unknown(visit: Visit) -> Response:
    return _wrong(visit, "unknown", HTTPStatus.NOT_FOUND)


def _wrong(visit: Visit, why: str, status: HTTPStatus) -> Response:
    return pages.page(visit, "wrong", status=status, why=why)
