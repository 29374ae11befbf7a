"""How does one come into the console, and out of it again?"""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from hashlib import sha256
from http import HTTPStatus
from math import ceil

from fastapi import APIRouter
from fastapi.responses import Response

from worker.http.access import at_this_machine
from worker.http.console.pages import go, page, set_cookie
from worker.http.console.visits import Posted, Visit, Visiting, cookie_name, field
from worker.steps.signing_in import Asking, NotNow, SignedIn, sign_in, sign_out

KNOWN_SECONDS = 90 * 24 * 3600
HOME = "/console"
OURS = re.compile(r"/console(?:[/?][^\\\x00-\x20]*)?")
router = APIRouter()


@router.get("/console/sign-in")
def ask(visit: Visiting, to: str = HOME, news: str = "") -> Response:
    """The form; who is signed in already goes on."""
    if visit.person is not None:
        return go(visit, inside(to))
    told = f"sign_in.{news}" if news == "expired" else f"account.{news}"
    return _form(visit, to, told if told in visit.words.texts else None)


@router.post("/console/sign-in")
def enter(visit: Visiting, form: Posted) -> Response:
    """Open a session, or say that name or password is wrong, but never which of them."""
    name, to = field(form, "name", most=100).lower(), field(form, "to")
    known = _is_known(visit, name)
    asking = Asking(name, form.get("password", [""])[0], visit.address, known)
    match sign_in(visit.engine, asking):
        case SignedIn(token, person):
            answer = go(visit, inside(to))
            set_cookie(visit, answer, "session", token)
            set_cookie(visit, answer, "known", _mark(visit, person.name), age=KNOWN_SECONDS)
            return answer
        case NotNow(wait):
            seconds = str(ceil(wait.total_seconds()))
            answer = _form(
                visit, to, "sign_in.wait", HTTPStatus.TOO_MANY_REQUESTS, name=name, n=seconds
            )
            answer.headers["Retry-After"] = seconds
            return answer
        case _:
            return _form(visit, to, "sign_in.wrong", HTTPStatus.FORBIDDEN, name=name)


@router.post("/console/sign-out")
def leave(visit: Visiting, form: Posted) -> Response:
    everywhere = field(form, "everywhere") == "1"
    if visit.token:
        sign_out(visit.engine, visit.token, visit.someone, everywhere=everywhere)
    answer = go(visit, "/console/sign-in")
    forget_session(visit, answer)
    return answer


def forget_session(visit: Visit, answer: Response) -> None:
    answer.delete_cookie(
        cookie_name("session", secure=visit.secure), path="/", secure=visit.secure, httponly=True
    )


def inside(path: str) -> str:
    """The path, if it is one of the console; nobody is led elsewhere from here."""
    return path if OURS.fullmatch(path) and "//" not in path else HOME


def _form(
    visit: Visit,
    to: str,
    told: str | None,
    status: HTTPStatus = HTTPStatus.OK,
    *,
    name: str = "",
    n: str = "",
) -> Response:
    return page(
        visit, "sign_in", status=status, to=inside(to), name=name,
        told=visit.words(told, n=n) if told else None,
        hint=at_this_machine(visit.request),
    )  # fmt: skip


def _is_known(visit: Visit, name: str) -> bool:
    """Whether this browser has signed in under the name before."""
    given = visit.request.cookies.get(cookie_name("known", secure=visit.secure), "")
    marks = [_mac(key, name) for key in _keys(visit)]
    return any(hmac.compare_digest(given.encode(), mark.encode()) for mark in marks)


def _mark(visit: Visit, name: str) -> str:
    keys = _keys(visit)
    return _mac(keys[0], name) if keys else ""


def _keys(visit: Visit) -> Sequence[str]:
    return [key.get_secret_value() for key in visit.house.parts.settings.secret_key]


def _mac(key: str, name: str) -> str:
    return hmac.new(key.encode(), f"outreach/console-known/1:{name}".encode(), sha256).hexdigest()
