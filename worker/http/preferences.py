"""May we write to this address again, about what and how? The page behind each message's link."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, NamedTuple
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Query
from fastapi.responses import HTMLResponse
from sqlalchemy import Connection

from triggers.admission import CUSTOMERS_DOOR
from triggers.configuration import Configuration
from triggers.preferences import Wishes, wished
from triggers.profile_updates import as_update
from worker.bells import Bell
from worker.http.body import read_body
from worker.http.parts import House
from worker.http.preference_page import page, shown_of, wording_of, words_of
from worker.http.preference_words import Words
from worker.steps.accept import accept
from worker.steps.admitting import admit_group
from worker.steps.announcing import hearing_of
from worker.steps.preferring import Saved, Signed, Standing, leave, look, save
from worker.store.addresses import Address
from worker.store.clock import read_now
from worker.store.engine import in_transaction, reading
from worker.tokens import AddressToken, read_address

MOST_FIELDS = 200
router = APIRouter(default_response_class=HTMLResponse)
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline';"
    " form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
}
Form = Mapping[str, list[str]]


class Visit(NamedTuple):
    """Who came by which link, and which language he asked for."""

    house: House
    address: Address | None
    asked: str

    @property
    def configuration(self) -> Configuration | None:
        return self.house.parts.configuration()

    def standing(self, connection: Connection, rules: Configuration | None) -> Standing | None:
        if rules is None or self.address is None:
            return None
        return look(connection, self.address, rules.policy)


def token_of(house: House, token: str) -> AddressToken | None:
    keys = [key.get_secret_value() for key in house.parts.settings.secret_key]
    return read_address(keys, token)


Named = Annotated[AddressToken | None, Depends(token_of)]
Body = Annotated[bytes, Depends(read_body)]
Language = Annotated[str, Query(max_length=35)]


def visit_of(house: House, named: Named, language: Language = "") -> Visit:
    address = Address(named.address_hash, named.channel) if named else None
    return Visit(house, address, language)


Visiting = Annotated[Visit, Depends(visit_of)]


@router.get("/u/{token}")
def ask(visit: Visiting) -> HTMLResponse:
    """Show the page. Scanners follow links, so this never acts."""
    rules = visit.configuration
    found = reading(visit.house.parts.engine, lambda c: visit.standing(c, rules))
    return _page(visit, rules, found, found.wishes if found else None)


@router.post("/u/{token}")
def choose(visit: Visiting, body: Body) -> HTMLResponse:
    """Do what the page's buttons say; all else, RFC 8058's one click too, stops everything."""
    rules, address = visit.configuration, visit.address
    if address is None:
        return _page(visit, rules, None, None)
    form = form_of(body)
    if form.get("action") == ["save"] and rules is not None:
        return _save(visit, address, rules, form)

    def work(connection: Connection) -> tuple[Standing | None, bool]:
        # read first: what stands on the page is what it was, but for what is refused now
        found = visit.standing(connection, rules)
        signed = _signed(visit, rules, found, connection)
        return found, leave(connection, address, hearing_of(rules), signed)

    found, heard = in_transaction(visit.house.parts.engine, work)
    if heard:
        visit.house.parts.ring(Bell.EVALUATE)
    left = found.wishes if found else Wishes(frozenset())
    return _page(visit, rules, found, _without_any(left), "left")


def form_of(body: bytes) -> Form:
    """The fields of the page's own form; none for what is no form."""
    try:
        return parse_qs(body.decode(), max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        return {}


def _save(visit: Visit, address: Address, rules: Configuration, form: Form) -> HTMLResponse:
    def work(connection: Connection) -> tuple[Standing, Saved]:
        found = look(connection, address, rules.policy)
        signed = _signed(visit, rules, found, connection)
        wishes = wished(form, rules.policy, found.wishes)
        saved = save(connection, found, wishes, hearing_of(rules), signed)
        if saved.changes:
            _tell(connection, rules, found.holders[0].id, saved, signed)
        return found, saved

    found, saved = in_transaction(visit.house.parts.engine, work)
    if saved.heard or saved.changes:
        visit.house.parts.ring(Bell.EVALUATE)
    news = ["saved", *(["held"] if saved.held else [])]
    return _page(visit, rules, found, saved.wishes, *news)


def _tell(
    connection: Connection, rules: Configuration, customer: str, saved: Saved, signed: Signed
) -> None:
    """Store it as the event that a PUT would be: newest by event time wins, field by field."""
    update = as_update(saved.changes, customer, now=signed.at)
    group = admit_group(
        [update],
        rules,
        door=CUSTOMERS_DOOR,
        writes_customer=True,
        now=signed.at,
        placed=lambda _index, refusal: refusal.problems,
    )
    accept(connection, [group], now=signed.at, bundle=rules.hash)


def _signed(
    visit: Visit, rules: Configuration | None, found: Standing | None, connection: Connection
) -> Signed:
    words, channel = _words(visit, rules, found), visit.address.channel if visit.address else ""
    return Signed(
        lambda category: wording_of(words, channel, category), words.language, read_now(connection)
    )


def _words(visit: Visit, rules: Configuration | None, found: Standing | None) -> Words:
    profile = (found.profile if found else None) or {}
    known = str(profile.get("language") or "").partition("-")[0].lower()
    return words_of(visit.asked, known, rules.policy if rules else None)


def _without_any(wishes: Wishes) -> Wishes:
    return Wishes(frozenset(), wishes.order, wishes.language, wishes.resting, wishes.person)


def _page(
    visit: Visit,
    rules: Configuration | None,
    found: Standing | None,
    wishes: Wishes | None,
    *news: str,
) -> HTMLResponse:
    policy, words = rules.policy if rules else None, _words(visit, rules, found)
    if visit.address is None:
        return HTMLResponse(page(words, "", policy, None), HTTPStatus.NOT_FOUND, _HEADERS)
    standing = wishes or Wishes(frozenset())
    shown = shown_of(standing, policy, words, len(found.holders) if found else 0)
    return HTMLResponse(page(words, visit.address.channel, policy, shown, news), headers=_HEADERS)
