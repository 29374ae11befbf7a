"""How does a message look, on every channel and in every language, and on my own phone?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from triggers.configuration import Configuration
from triggers.previewing import Preview, messages_of
from triggers.strict_json import NotJson, loads
from worker.http.console.customers import LONGEST_ID, LONGEST_MAIL, MAIL_POLICY
from worker.http.console.pages import HEADERS, go, page
from worker.http.console.visits import Form, Posted, Visit, Visiting, field
from worker.steps.preview import NothingToShow, NotSent, Sending, Wanted, preview, send_preview

HOME = "/console/messages"
LONGEST_DATA = 20_000
router = APIRouter()


@dataclass(frozen=True, slots=True)
class Asked:
    """As it was written into the form."""

    message: str = ""
    customer: str = ""
    data: str = ""


class Wrong(Exception):
    """What was asked for cannot be shown; `why` names a word."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@router.get(HOME)
def look(visit: Visiting, message: str = "", customer: str = "", done: str = "") -> Response:
    """Every message; with `message` how it looks, with `customer` by what is known of him."""
    told = "messages.sent" if done == "sent" else None
    return _shown(visit, Asked(message, customer[:LONGEST_ID]), told=told)


@router.post(HOME)
def fill(visit: Visiting, form: Posted) -> Response:
    """A form that is sent, as an event's data do not belong into an address line."""
    return _shown(visit, _asked(form))


@router.get(f"{HOME}/mail")
def mail(visit: Visiting, message: str = "", customer: str = "", language: str = "") -> Response:
    """An email as it looks, for a frame of ours: nothing in it runs, loads or leads away."""
    return _mail(visit, Asked(message, customer[:LONGEST_ID]), language)


@router.post(f"{HOME}/mail")
def filled_mail(visit: Visiting, form: Posted) -> Response:
    return _mail(visit, _asked(form), field(form, "language"))


@router.post(f"{HOME}/send")
def send(visit: Visiting, form: Posted) -> Response:
    """To somebody of us, marked as a preview; no cap, cooldown or report counts it."""
    asked, parts, rules = _asked(form), visit.house.parts, visit.rules
    if rules is None or asked.message not in messages_of(rules):
        return _shown(visit, asked)
    try:
        found = _previewed(visit, rules, asked, field(form, "language"))
        sending = Sending(visit.engine, rules, parts.hasher, parts.channels, visit.by)
        send_preview(sending, found, field(form, "to", most=300))
    except Wrong as wrong:
        return _shown(visit, asked, wrong=wrong.why)
    except NotSent as no:
        return _shown(
            visit, asked, wrong="messages.not_sent", detail=str(no).removeprefix("--to: ")
        )
    known = {"customer": asked.customer} if asked.customer else {}
    return go(visit, HOME, message=asked.message, done="sent", **known)


def _shown(
    visit: Visit, asked: Asked, *, told: str | None = None, wrong: str | None = None,
    detail: str = "",
) -> Response:  # fmt: skip
    rules, found = visit.rules, None
    names = sorted(messages_of(rules)) if rules else []
    if rules is not None and asked.message in names:
        try:
            found = _previewed(visit, rules, asked)
        except Wrong as no:
            wrong = wrong or no.why
    elif asked.message:
        wrong = "messages.unknown"
    status = HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
    return page(
        visit, "messages", status=status, frames=True, names=names, asked=asked, found=found,
        by_channel=_by_channel(found) if found else {}, told=told, wrong=wrong, detail=detail,
        languages_of=rules.policy.languages if rules else (),
    )  # fmt: skip


def _by_channel(found: Preview) -> Mapping[str, list[Any]]:
    told: dict[str, list[Any]] = {}
    for one in found.texts:
        told.setdefault(one.channel, []).append(one)
    return told


def _mail(visit: Visit, asked: Asked, language: str) -> Response:
    rules = visit.rules
    html = None
    if rules is not None and asked.message in messages_of(rules):
        try:
            texts = _previewed(visit, rules, asked, language).texts
            html = next((one.html for one in texts if one.channel == "email"), None)
        except Wrong:
            html = None
    if html is None:
        return page(visit, "wrong", status=HTTPStatus.NOT_FOUND, why="unknown")
    headers = HEADERS | {"Content-Security-Policy": MAIL_POLICY, "X-Frame-Options": "SAMEORIGIN"}
    return Response(html[:LONGEST_MAIL], headers=headers, media_type="text/html; charset=utf-8")


def _previewed(
    visit: Visit, rules: Configuration, asked: Asked, language: str | None = None
) -> Preview:
    if language is not None and language not in rules.policy.languages:
        raise Wrong("messages.no_language")
    wanted = Wanted(asked.message, asked.customer or None, _data(asked.data), language)
    try:
        return preview(visit.engine, rules, wanted)
    except NothingToShow:
        # its message and language are known here
        raise Wrong("messages.nobody") from None


def _data(text: str) -> Mapping[str, Any] | None:
    """The data of an event, or a whole one; None where nothing is written."""
    if not text:
        return None
    try:
        found = loads(text)
    except NotJson:
        raise Wrong("messages.not_json") from None
    inner = found.get("data", {}) if isinstance(found, Mapping) and "type" in found else found
    if not isinstance(inner, Mapping):
        raise Wrong("messages.not_json")
    return inner


def _asked(form: Form) -> Asked:
    return Asked(
        field(form, "message"),
        field(form, "customer", most=LONGEST_ID),
        field(form, "data", most=LONGEST_DATA),
    )
