"""Who is this customer, and what happened between us? Found by id, phone number or email."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy import Connection

from triggers.addresses import EMAIL, SMS, Email, Phone, canonical, email_of, phone_of
from worker.http.console.customer_call import asking
from worker.http.console.customer_story import HOME, entries, words_of
from worker.http.console.customer_view import Clocks, Part, View, read_view
from worker.http.console.customer_why import Why, read_why
from worker.http.console.pages import HEADERS, go, page
from worker.http.console.shown import Shown
from worker.http.console.visits import Posted, Visit, Visiting, field
from worker.store import knowing, merging
from worker.store.addresses import Address
from worker.store.erasure import is_known
from worker.store.knowing import Found, find_by_address
from worker.store.stories import Place, read_place

MOST_FOUND = 20
LONGEST_ID = 255
LONGEST_MAIL = 2_000_000
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none';"
    " base-uri 'none'; frame-ancestors 'self'; sandbox"
)
router = APIRouter()


@router.get(HOME)
def look(
    visit: Visiting,
    id: str = "",  # noqa: A002 - the name in the address
    trigger: str = "",
    at: str = "",
    after: str = "",
    every: str = "",
) -> Response:
    """The form that finds a customer; with `id`, his page.

    `at`, `trigger`: why is told as it was known then, and of that trigger alone. `after`: older
    things. `every`: also what is told twice.
    """
    if not id:
        return page(visit, "customers", found=None, asked="", wrong=None)
    part = Part(_place(after), plain=not every)
    known = "\x00" not in id
    view = visit.read(lambda c: read_view(c, visit, id, part)) if known else None
    if view is None:
        return page(
            visit, "customers", status=HTTPStatus.NOT_FOUND, found=None, asked=id[:LONGEST_ID],
            wrong="customer.nobody",
        )  # fmt: skip
    moment = Shown(visit).read(at)
    now = read_why(visit, view.who.id)
    why = read_why(visit, view.who.id, trigger or None, moment) if at or trigger else now
    return page(
        visit, "customer", frames=True, why=why, at=moment, trigger=trigger,
        unread_moment=bool(at) and moment is None, part=part, every=every,
        **asking(visit), **told(visit, view, now),
    )  # fmt: skip


@router.post(HOME)
def find(visit: Visiting, form: Posted) -> Response:
    """A form that is sent, and no query: a phone number does not belong into an address line."""
    asked = field(form, "who", most=500)
    found = visit.read(lambda c: _found(c, visit, asked)) if asked else []
    if len(found) == 1:
        return go(visit, HOME, id=found[0].id)
    status = HTTPStatus.OK if found else HTTPStatus.NOT_FOUND
    wrong = None if found else "customer.nobody"
    return page(visit, "customers", status=status, found=found, asked=asked, wrong=wrong)


@router.get(f"{HOME}/mail")
def mail(visit: Visiting, message: str = "", number: str = "") -> Response:
    """An email as it looked, for a frame of ours: nothing in it runs, loads or leads away."""
    known = "\x00" not in message and number.isdecimal() and len(number) < 5
    html = visit.read(lambda c: knowing.read_mail(c, message, int(number))) if known else None
    if html is None:
        return page(visit, "wrong", status=HTTPStatus.NOT_FOUND, why="unknown")
    headers = HEADERS | {"Content-Security-Policy": MAIL_POLICY, "X-Frame-Options": "SAMEORIGIN"}
    return Response(html[:LONGEST_MAIL], headers=headers, media_type="text/html; charset=utf-8")


def told(visit: Visit, view: View, why: Why) -> dict[str, Any]:
    """What the templates of a customer and of his story want to know."""
    contact = visit.rules.policy.outcome_event if visit.rules else None
    story = entries(view.story.told, view.who.id, why, contact=contact)
    return {
        **words_of(visit.words),
        "now": view.now,
        "who": view.who,
        "holds": view.who.holds,
        "story": list(story),
        "after": str(view.story.after) if view.story.after else None,
        "clocks": Clocks(Shown(visit), view.who.clock.zone, view.now),
    }


def _found(connection: Connection, visit: Visit, asked: str) -> list[Found]:
    """Whose id it is comes first; then whose phone number or email."""
    id_ = merging.survivor_of(connection, asked)
    own = [Found(id_, has_it=True)] if is_known(connection, id_) else []
    reached = _address(visit, asked)
    if reached is None:
        return own
    channel, address = reached
    plain = canonical(channel, address)
    hashed = Address(visit.house.parts.hasher.address(channel, plain), channel)
    there = find_by_address(connection, hashed, {address, plain}, most=MOST_FOUND)
    return own + [one for one in there if one.id != id_]


def _address(visit: Visit, asked: str) -> tuple[str, str] | None:
    match email_of(asked):
        case Email(address=address):
            return EMAIL, address
    match phone_of(asked, visit.rules.policy.country if visit.rules else ""):
        case Phone(e164=address):
            return SMS, address
    return None


def _place(text: str) -> Place | None:
    """Where to go on; a text that names no place begins anew."""
    try:
        return read_place(text) if text and "\x00" not in text else None
    except ValueError:
        return None
