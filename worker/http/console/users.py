"""Who may sign in to the console, and as what? For admins; what `outreach users` does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from http import HTTPStatus
from math import ceil
from typing import Any, NamedTuple

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy import Connection, Engine

from worker.http.console.pages import page
from worker.http.console.visits import Form, Posted, Visit, Visiting, field
from worker.passwords import new_password
from worker.steps import signing_in
from worker.steps.first_admin import NAME, forget_first_password
from worker.steps.signing_in import Asking, NotAUser, NotNow, is_himself
from worker.store.clock import read_now
from worker.store.console_users import Role, count_sessions, read_users

HOME = "/console/users"
LONGEST_NAME = 64
router = APIRouter()


class Made(NamedTuple):
    """A password that is shown now and never again."""

    name: str
    password: str


class Told(NamedTuple):
    """What was done, or why not; `wait`: so many seconds."""

    good: str | None = None
    wrong: str | None = None
    made: Made | None = None
    wait: int = 0


@router.get(HOME)
def look(visit: Visiting) -> Response:
    return _shown(visit, Told())


@router.post(f"{HOME}/add")
def add(visit: Visiting, form: Posted) -> Response:
    """Also whoever was let in no more, as what is said now."""
    role, made = _role(form), Made(_name(form), new_password())
    if role is None:
        return _shown(visit, Told(wrong="users.wrong.role"), form)

    def work(engine: Engine) -> Told:
        signing_in.add_user(engine, made.name, role, made.password, by=visit.by)
        return Told("users.added", made=made)

    return _done(visit, form, work)


@router.post(f"{HOME}/password")
def password(visit: Visiting, form: Posted) -> Response:
    """A new one; whoever is signed in under that name is out."""
    made = Made(_name(form), new_password())

    def work(engine: Engine) -> Told:
        signing_in.set_password(engine, made.name, made.password, by=visit.by)
        if made.name == NAME:
            forget_first_password(visit.house.parts.settings.data_dir)
        return Told("users.new_password", made=made)

    return _done(visit, form, work)


@router.post(f"{HOME}/role")
def role(visit: Visiting, form: Posted) -> Response:
    wanted = _role(form)
    if wanted is None:
        return _shown(visit, Told(wrong="users.wrong.role"), form)

    def work(engine: Engine) -> Told:
        signing_in.set_role(engine, _name(form), wanted, by=visit.by)
        return Told("users.role_set")

    return _done(visit, form, work)


@router.post(f"{HOME}/remove")
def remove(visit: Visiting, form: Posted) -> Response:
    """Let somebody in no more, at once; what he did stays on record."""

    def work(engine: Engine) -> Told:
        signing_in.set_role(engine, _name(form), None, by=visit.by)
        return Told("users.removed")

    return _done(visit, form, work)


def _done(visit: Visit, form: Form, work: Callable[[Engine], Told]) -> Response:
    """Only by whoever knows his own password: a screen that stands open makes nobody a user."""
    own = form.get("own", [""])[0]
    himself = is_himself(visit.engine, Asking(visit.by, own, visit.address))
    if isinstance(himself, NotNow):
        return _shown(visit, Told(wrong="sign_in.wait", wait=ceil(himself.wait.total_seconds())),
                      form)  # fmt: skip
    if not himself:
        return _shown(visit, Told(wrong="users.wrong.own"), form)
    try:
        return _shown(visit, work(visit.engine))
    except NotAUser as no:
        return _shown(visit, Told(wrong=f"users.wrong.{no.kind}"), form)


def _shown(visit: Visit, told: Told, form: Form | None = None) -> Response:
    """`form`: what was written into the one that came to nothing."""

    def work(connection: Connection) -> dict[str, Any]:
        now = read_now(connection)
        rows = read_users(connection)
        return {
            "now": now,
            "users": _ordered(rows),
            "here": count_sessions(connection, since=timedelta(hours=1), now=now),
        }

    facts = visit.read(work)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if told.wrong else HTTPStatus.OK
    answer = page(
        visit, "users", status=HTTPStatus.TOO_MANY_REQUESTS if told.wait else status,
        now=facts["now"], users=facts["users"], signed_in=facts["here"], told=told, home=HOME,
        roles=list(Role), asked=_name(form or {}), asked_role=_role(form or {}) or Role.VIEWER,
    )  # fmt: skip
    if told.wait:
        answer.headers["Retry-After"] = str(told.wait)
    return answer


def _ordered(rows: Sequence[Any]) -> Sequence[Any]:
    """Who may sign in comes first."""
    return sorted(rows, key=lambda one: (one.removed_at is not None, one.name))


def _name(form: Form) -> str:
    return field(form, "name", most=LONGEST_NAME + 1).lower()


def _role(form: Form) -> Role | None:
    given = field(form, "role")
    return Role(given) if given in set(Role) else None
