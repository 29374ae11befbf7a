"""What does a provider tell us of a message, or bring us from its reader?

It is kept as it came; a step reads it later.
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response

from triggers.addresses import SMS, Phone, phone_of
from worker.bells import Bell
from worker.channels.twilio_inbound import read_text
from worker.channels.twilio_receipts import PROVIDER
from worker.channels.twilio_signature import genuine
from worker.http.body import content_type, read_body, wrong_type
from worker.http.parts import House
from worker.http.problems import Denied
from worker.store.addresses import Address
from worker.store.arrivals import keep_inbound, keep_receipt
from worker.store.clock import read_now
from worker.store.engine import in_transaction

FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 200
LONGEST_STATUS = 50
NOTHING_TO_SAY = "<Response/>"
router = APIRouter()
Form = Sequence[tuple[str, str]]


async def signed_form(request: Request, house: House) -> Form:
    """The fields of a form that Twilio signed for our public URL; 403 for any other."""
    if content_type(request).partition(";")[0].strip().lower() != FORM:
        raise wrong_type(f"Send {FORM}.")
    try:
        text = (await read_body(request)).decode()
        form = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        raise Denied(HTTPStatus.BAD_REQUEST, "The body is no form.") from None
    settings = house.parts.settings
    query = f"?{request.url.query}" if request.url.query else ""
    signed = genuine(
        settings.twilio_tokens,
        url=f"{settings.public_url}{request.url.path}{query}",
        form=form,
        headers=request.headers,
    )
    if not signed:
        raise Denied(HTTPStatus.FORBIDDEN, "The signature is missing or wrong.")
    return form


Signed = Annotated[Form, Depends(signed_form)]
MessageId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
Attempt = Annotated[int, Path(ge=1, le=32_767)]


@router.post("/webhooks/twilio/status/{message}/{attempt}", status_code=HTTPStatus.NO_CONTENT)
def receive_status(house: House, form: Signed, message: MessageId, attempt: Attempt) -> Response:
    """Keep what Twilio says of an attempt; the same word twice is kept once."""
    fields = _fields(form)
    status = fields.get("MessageStatus") or fields.get("SmsStatus") or "unknown"
    in_transaction(
        house.parts.engine,
        lambda c: keep_receipt(
            c,
            PROVIDER,
            fields,
            about=(message, attempt),
            status=status[:LONGEST_STATUS],
            now=read_now(c),
        ),
    )
    house.parts.ring(Bell.RECEIVE)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.post("/webhooks/twilio/inbound")
def receive_text(house: House, form: Signed) -> Response:
    """Keep what somebody wrote to us, once; nothing leaves for his number until it is read."""
    fields = _fields(form)
    told = read_text(fields)
    if told is None:
        raise Denied(HTTPStatus.BAD_REQUEST, "The form holds no text that somebody wrote.")
    found = phone_of(told.sender)
    number = found.e164 if isinstance(found, Phone) else told.sender
    sender = Address(house.parts.hasher.address(SMS, number), SMS)
    in_transaction(
        house.parts.engine,
        lambda c: keep_inbound(c, PROVIDER, fields, ref=told.ref, sender=sender, now=read_now(c)),
    )
    house.parts.ring(Bell.ANSWER)
    return Response(NOTHING_TO_SAY, media_type="text/xml")


def _fields(form: Form) -> dict[str, str]:
    # a NUL is legal in a form and in no database
    return {name: value.replace("\x00", "") for name, value in form if "\x00" not in name}
