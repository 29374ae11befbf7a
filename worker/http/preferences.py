"""May we write to this address again? The page behind the link in every message."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from string import Template
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse
from sqlalchemy import Connection

from worker.bells import Bell
from worker.http.body import read_body
from worker.http.parts import House
from worker.steps.announcing import hearing_of
from worker.steps.refusing import refuse
from worker.store.addresses import Address
from worker.store.clock import read_now
from worker.store.engine import in_transaction
from worker.store.suppressions import OptOut
from worker.tokens import AddressToken, read_address

SOURCE = "preference page"
router = APIRouter(default_response_class=HTMLResponse)
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline';"
    " form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
}
_ASK = {
    "title": "הסרה · Unsubscribe",
    "title_he": "להפסיק את ההודעות?",
    "text_he": "בלחיצה אחת לא נשלח עוד הודעות לכתובת הזאת בערוץ הזה.",
    "title_en": "Stop these messages?",
    "text_en": "One click, and we will send nothing more to this address on this channel.",
    "action": '<form method="post"><button type="submit">'
    '<span lang="he" dir="rtl">להסיר אותי</span> · Unsubscribe</button></form>',
}
_DONE = {
    "title": "הוסרת · Unsubscribed",
    "title_he": "הוסרת.",
    "text_he": "לא נשלח עוד הודעות לכתובת הזאת בערוץ הזה.",
    "title_en": "You are unsubscribed.",
    "text_en": "We will send nothing more to this address on this channel.",
    "action": "",
}
_UNKNOWN = {
    "title": "קישור לא תקין · Not a valid link",
    "title_he": "הקישור אינו תקין.",
    "text_he": "ייתכן שהוא הועתק רק בחלקו. אפשר גם להשיב להודעה במילה הסר.",
    "title_en": "This link is not valid.",
    "text_en": "Perhaps it was copied in part. You can also answer the message with STOP.",
    "action": "",
}


def token_of(house: House, token: str) -> AddressToken | None:
    keys = [key.get_secret_value() for key in house.parts.settings.secret_key]
    return read_address(keys, token)


Named = Annotated[AddressToken | None, Depends(token_of)]
# read and dropped: RFC 8058 sends List-Unsubscribe=One-Click, the page's button sends nothing
Dropped = Annotated[bytes, Depends(read_body)]


@router.get("/u/{token}")
def ask(named: Named) -> HTMLResponse:
    """Show the page. Scanners follow links, so this never acts."""
    return _unknown() if named is None else _page(_ASK)


@router.post("/u/{token}")
def unsubscribe(house: House, named: Named, _body: Dropped) -> HTMLResponse:
    """Stop everything to this address on this channel: the page's button, or RFC 8058."""
    if named is None:
        return _unknown()
    address = Address(named.address_hash, named.channel)
    hearing = hearing_of(house.parts.configuration())

    def work(connection: Connection) -> bool:
        now = read_now(connection)
        return refuse(connection, [OptOut(address, SOURCE, now)], hearing, now=now)

    if in_transaction(house.parts.engine, work):
        house.parts.ring(Bell.EVALUATE)
    return _page(_DONE)


def _unknown() -> HTMLResponse:
    return _page(_UNKNOWN, HTTPStatus.NOT_FOUND)


def _page(words: Mapping[str, str], status: HTTPStatus = HTTPStatus.OK) -> HTMLResponse:
    return HTMLResponse(_template().substitute(words), status.value, _HEADERS)


@cache
def _template() -> Template:
    return Template((files(__package__) / "preferences.html").read_text(encoding="utf-8"))
