"""How does a page of the console become an answer? One frame, one policy of what may be loaded."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from http import HTTPStatus
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from worker.http.console.roles import ROLES
from worker.http.console.shown import Shown
from worker.http.console.visits import (
    LANGUAGE_COOKIE,
    LOOK_COOKIE,
    LOOKS,
    Visit,
    cookie_name,
    new_guest,
)
from worker.http.console.words import LANGUAGES
from worker.store.demo import is_demo

YEAR_SECONDS = 365 * 24 * 3600
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self';"
    " form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
FRAMES = "; frame-src 'self'"
STATIC = {
    "console.css": "text/css",
    "console.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}

NAVIGATION = (
    ("today", "/console"),
    ("triggers", "/console/triggers"),
    ("report", "/console/report"),
    ("customer", "/console/customers"),
    ("message", "/console/messages"),
    ("queue", "/console/queue"),
    ("duty", "/console/duty"),
    ("users", "/console/users"),
    ("record", "/console/record"),
)
"""(word, path) of each page; who may not come there is not shown the way."""


def page(
    visit: Visit,
    template: str,
    /,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    frames: bool = False,
    **facts: Any,
) -> Response:
    """The template of this name with these facts; `frames`: it shows pages of ours within.

    With `demo` among the facts nothing is read from the database.
    """
    token = visit.token or new_guest()
    demo = facts["demo"] if "demo" in facts else visit.read(is_demo)
    given = {**facts, **_frame(visit, template), "demo": demo, "form_token": visit.form_token}
    if not visit.token:
        given["form_token"] = Visit(visit.house, visit.request, None, token).form_token
    headers = HEADERS | {"Content-Security-Policy": POLICY + (FRAMES if frames else "")}
    answer = HTMLResponse(
        _templates().get_template(f"{template}.html").render(given), status, headers
    )
    if not visit.token:
        set_cookie(visit, answer, "guest", token)
    _remember(visit, answer)
    return answer


def go(visit: Visit, path: str, **query: str) -> Response:
    """To another page, once something was done."""
    where = f"{path}?{urlencode(query)}" if query else path
    answer = RedirectResponse(where, HTTPStatus.SEE_OTHER, HEADERS)
    _remember(visit, answer)
    return answer


def set_cookie(
    visit: Visit, answer: Response, name: str, value: str, *, age: int | None = None
) -> None:
    """For this host, out of reach of scripts, and not sent with what other sites ask of us."""
    answer.set_cookie(
        cookie_name(name, secure=visit.secure), value, max_age=age, path="/",
        secure=visit.secure, httponly=True, samesite="lax",
    )  # fmt: skip


def static(name: str) -> Response | None:
    if name not in STATIC:
        return None
    # its address changes with it
    headers = {**HEADERS, "Cache-Control": f"public, max-age={YEAR_SECONDS}, immutable"}
    return Response(_static(name), headers=headers, media_type=STATIC[name])


def _frame(visit: Visit, name: str) -> Mapping[str, Any]:
    """What every page has around it."""
    words = visit.words
    query = {k: v for k, v in visit.request.query_params.items() if k not in ("language", "look")}

    def again(**changes: str) -> str:
        return "?" + urlencode({**query, **changes})

    others = [one for one in LANGUAGES.values() if one is not words]
    return {
        "page_name": name,
        "visit": visit,
        "words": words,
        "t": words,
        "show": Shown(visit),
        "navigation": [one for one in NAVIGATION if visit.may(ROLES["GET", one[1]])],
        "here": visit.request.url.path,
        "languages": [(one, again(language=one.language)) for one in others],
        "looks": [(look, again(look=look)) for look in LOOKS],
        "asset": {one: f"/console/static/{one}?{_digest(one)}" for one in STATIC},
    }


def _remember(visit: Visit, answer: Response) -> None:
    """The language and the look that were asked for, for the next pages."""
    asked = visit.request.query_params
    for name, cookie, known in (
        ("language", LANGUAGE_COOKIE, tuple(LANGUAGES)),
        ("look", LOOK_COOKIE, LOOKS),
    ):
        if asked.get(name) in known:
            answer.set_cookie(
                cookie, asked[name], max_age=YEAR_SECONDS, path="/console",
                secure=visit.secure, httponly=True, samesite="lax",
            )  # fmt: skip


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader(__package__, "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _static(name: str) -> bytes:
    return (files(__package__) / "static" / name).read_bytes()


@cache
def _digest(name: str) -> str:
    return sha256(_static(name)).hexdigest()[:12]
