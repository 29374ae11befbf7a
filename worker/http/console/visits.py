"""Who visits the console, may he do this, and how does he want to see it?"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Annotated, TypeVar
from urllib.parse import parse_qs, urlsplit

from fastapi import Depends, Request
from sqlalchemy import Connection, Engine

from triggers.configuration import Configuration
from worker.http.addresses import address_of
from worker.http.body import read_body
from worker.http.console.roles import OPEN, ROLES
from worker.http.console.words import LANGUAGES, Words
from worker.http.parts import Doors, doors_of
from worker.steps.signing_in import Person, who_is
from worker.store.console_users import Role
from worker.store.engine import reading

T = TypeVar("T")
Form = Mapping[str, list[str]]

LOOKS = ("auto", "light", "dark")
MOST_FIELDS = 2_000
STATIC = ("GET", "/console/static/{name}")
"""Looks and script: for them nobody is looked up, and they come while the database is away."""
RENEWED = "x-renewed"
"""The header by which our script says that it renews a page which nobody has asked for."""


class NotSignedIn(Exception):
    """Nobody is signed in: the answer leads to where that is done, and then back."""


class Forbidden(Exception):
    """This person may not do this, or the form is not one that we gave him; `why` names a word."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Visit:
    """One request to the console."""

    house: Doors
    request: Request
    person: Person | None
    token: str | None
    """The session's, or what stands for one until somebody has signed in."""

    @property
    def engine(self) -> Engine:
        return self.house.parts.engine

    def read(self, work: Callable[[Connection], T]) -> T:
        """What `work` reads, in one transaction."""
        return reading(self.engine, work)

    @property
    def rules(self) -> Configuration | None:
        """The configuration in force; None before the first."""
        return self.house.parts.configuration()

    @property
    def by(self) -> str:
        """In whose name it is done, for the record."""
        return self.someone.name

    @property
    def someone(self) -> Person:
        if self.person is None:
            raise NotSignedIn
        return self.person

    def may(self, role: str) -> bool:
        return self.person is not None and self.person.role.may(Role(role))

    @cached_property
    def words(self) -> Words:
        asked = self.request.query_params.get("language")
        cookie = self.request.cookies.get(LANGUAGE_COOKIE)
        wanted = (asked, cookie, *self._spoken, self._first_language)
        return next((LANGUAGES[one] for one in wanted if one and one in LANGUAGES), LANGUAGES["en"])

    @property
    def _spoken(self) -> list[str]:
        """What the browser says its reader knows, best first as browsers write it."""
        told = self.request.headers.get("accept-language", "")
        return [one.strip()[:2].lower() for one in told[:200].split(",")]

    @property
    def _first_language(self) -> str:
        rules = self.house.parts.last_configuration
        return rules.policy.languages[0] if rules else "en"

    @property
    def look(self) -> str:
        asked = self.request.query_params.get("look") or self.request.cookies.get(LOOK_COOKIE)
        return asked if asked in LOOKS else "auto"

    @property
    def address(self) -> str:
        return address_of(self.request.scope, self.house.parts.settings.proxies)

    @property
    def secure(self) -> bool:
        return urlsplit(self.house.parts.settings.public_url).scheme == "https"

    @property
    def form_token(self) -> str:
        """Only a page of ours, shown to this session, knows it."""
        return form_token(self.token) if self.token else ""


LANGUAGE_COOKIE = "outreach-language"
LOOK_COOKIE = "outreach-look"


def cookie_name(name: str, *, secure: bool) -> str:
    """With the prefix that browsers hold to this host and to https, where there is https."""
    return f"__Host-outreach-{name}" if secure else f"outreach-{name}"


def form_token(token: str) -> str:
    return hmac.new(token.encode(), b"outreach/console-form/1", sha256).hexdigest()


def visit_of(request: Request, house: Annotated[Doors, Depends(doors_of)]) -> Visit:
    """The visit; NotSignedIn or Forbidden unless the table of roles lets this person do this."""
    secure = urlsplit(house.parts.settings.public_url).scheme == "https"
    token = request.cookies.get(cookie_name("session", secure=secure))
    looks = RENEWED not in request.headers
    route = (request.method, request.scope["route"].path)
    asks = token is not None and route != STATIC
    person = who_is(house.parts.engine, token or "", looks=looks) if asks else None
    visit = Visit(house, request, person, token if person else _guest(request, secure))
    # for the page that says why not
    request.state.visit = visit
    if route in OPEN:
        return visit
    if person is None:
        raise NotSignedIn
    if not person.role.may(ROLES[route]):
        raise Forbidden("role")
    return visit


Visiting = Annotated[Visit, Depends(visit_of)]


def form_of(visit: Visiting, body: Annotated[bytes, Depends(read_body)]) -> Form:
    """The fields of a form that we gave to this session; Forbidden for any other."""
    headers = visit.request.headers
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise Forbidden("form")
    try:
        form = parse_qs(body.decode(), max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        raise Forbidden("form") from None
    # no database holds it
    form = {name: [text.replace("\x00", "") for text in texts] for name, texts in form.items()}
    given = form.get("form_token", [""])[0]
    if not visit.form_token or not hmac.compare_digest(given.encode(), visit.form_token.encode()):
        raise Forbidden("form")
    return form


Posted = Annotated[Form, Depends(form_of)]


def field(form: Form, name: str, *, most: int = 2_000) -> str:
    """What was written there."""
    return form.get(name, [""])[0].strip()[:most]


def new_guest() -> str:
    return secrets.token_urlsafe(32)


def _guest(request: Request, secure: bool) -> str | None:
    return request.cookies.get(cookie_name("guest", secure=secure))
