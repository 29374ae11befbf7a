"""What may everybody do with his own account? Change the password, and end every session."""

from __future__ import annotations

from http import HTTPStatus
from math import ceil

from fastapi import APIRouter
from fastapi.responses import Response

from worker.http.console.door import forget_session
from worker.http.console.pages import go, page
from worker.http.console.visits import Posted, Visit, Visiting
from worker.passwords import SHORTEST_PASSWORD
from worker.steps.first_admin import NAME, forget_first_password
from worker.steps.signing_in import Asking, NotAUser, NotNow, is_himself, set_password

router = APIRouter()


@router.get("/console/account")
def look(visit: Visiting) -> Response:
    return _shown(visit)


@router.post("/console/account/password")
def change(visit: Visiting, form: Posted) -> Response:
    """Every session ends, also this one: whoever has taken one is out."""
    old, new = (form.get(name, [""])[0] for name in ("old", "new"))
    himself = is_himself(visit.engine, Asking(visit.by, old, visit.address))
    if isinstance(himself, NotNow):
        return _shown(visit, "sign_in.wait", ceil(himself.wait.total_seconds()))
    if not himself:
        return _shown(visit, "account.wrong")
    try:
        set_password(visit.engine, visit.by, new, by=visit.by)
    except NotAUser:
        return _shown(visit, "account.short")
    if visit.by == NAME:
        forget_first_password(visit.house.parts.settings.data_dir)
    answer = go(visit, "/console/sign-in", news="changed")
    forget_session(visit, answer)
    return answer


def _shown(visit: Visit, wrong: str | None = None, wait: int = 0) -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
    told = visit.words(wrong, n=wait) if wrong else None
    answer = page(
        visit, "account", status=HTTPStatus.TOO_MANY_REQUESTS if wait else status, wrong=told,
        shortest=SHORTEST_PASSWORD,
    )  # fmt: skip
    if wait:
        answer.headers["Retry-After"] = str(wait)
    return answer
