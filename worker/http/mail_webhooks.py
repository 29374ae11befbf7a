"""What comes back to us of mail: failures, complaints? It is kept; a step reads it later."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy import Connection

from triggers.refusals import Kind, Problem, Refusal
from worker.bells import Bell
from worker.channels import mail_reports, mailgun_receipts
from worker.http.access import MAIL_REPORTS, Caller
from worker.http.body import body_of, content_type, read_body, read_json, wrong_type
from worker.http.parts import Calling, House
from worker.http.problems import Denied
from worker.store.arrivals import keep_receipt
from worker.store.clock import read_now
from worker.store.engine import in_transaction
from worker.store.signed_tokens import forget_tokens, said_by_token
from worker.tokens import bounced_message

MAIL = "message/rfc822"
NOBODYS = ""
"""The message of a mail that names none of ours: kept, and then ignored."""
LAST_BY_MAIL = 0
"""A mail comes back without an attempt's number: the last one by email is meant."""
router = APIRouter()


def reporter_of(caller: Calling) -> Caller:
    caller.needs(MAIL_REPORTS)
    return caller


async def read_mail(request: Request) -> bytes:
    if content_type(request).partition(";")[0].strip().lower() != MAIL:
        raise wrong_type(f"Send {MAIL}: one whole mail, as it came.")
    return await read_body(request)


# the key is asked for before the body is read
Reporting = Annotated[Caller, Depends(reporter_of)]
Mail = Annotated[bytes, Depends(read_mail)]
Body = Annotated[Any, Depends(read_json)]
BODY = {"requestBody": {"required": True, "content": {MAIL: {"schema": {"type": "string"}}}}}


@router.post("/webhooks/email", status_code=HTTPStatus.NO_CONTENT, openapi_extra=BODY)
def receive_mail(house: House, _caller: Reporting, mail: Mail) -> Response:
    """Take one mail that came to our bounce address, raw: a delivery report (RFC 3464), a complaint
    (RFC 5965), or whatever else comes there. The same mail twice is kept once.
    """
    keys = [key.get_secret_value() for key in house.parts.settings.secret_key]
    message = bounced_message(keys, mail) or NOBODYS
    word = f"{mail_reports.kind_of(mail)} {mail_reports.digest(mail)}"
    return _keep(house, mail_reports.PROVIDER, mail_reports.kept(mail), message, word)


@router.post(
    "/webhooks/email/mailgun",
    status_code=HTTPStatus.NO_CONTENT,
    openapi_extra=body_of("object"),
)
def receive_mailgun(house: House, body: Body) -> Response:
    """Take one event of Mailgun's, signed with MAILGUN_SIGNING_KEY; the same one is kept once."""
    if not isinstance(body, Mapping):
        raise Refusal(Kind.MALFORMED, (Problem("", "must be a JSON object, an event"),))
    keys = [key.get_secret_value() for key in house.parts.settings.mailgun_signing_key]
    signature = mailgun_receipts.genuine(keys, body, now=house.now())
    if signature is None or not _first_said(house, signature):
        raise Denied(HTTPStatus.FORBIDDEN, "The signature is missing, wrong, old or used before.")
    told = mailgun_receipts.read_event(body)
    if told is None:
        # somebody else's mail goes through the same account: nothing to keep, nothing to repeat
        return Response(status_code=HTTPStatus.NO_CONTENT)
    word = f"{told.word} {told.ref}"
    return _keep(house, mailgun_receipts.PROVIDER, body, told.message_id, word)


def _first_said(house: House, signature: mailgun_receipts.Signature) -> bool:
    """Whether nothing else was said under this token, whichever of us heard it."""
    now, provider = house.now(), mailgun_receipts.PROVIDER

    def work(connection: Connection) -> bool:
        forget_tokens(connection, before=now - 2 * mailgun_receipts.BELIEVED_FOR)
        token, said = signature
        return said_by_token(connection, provider, token=token, said=said, now=now)

    return in_transaction(house.parts.engine, work)


def _keep(house: House, provider: str, raw: Mapping[str, Any], message: str, word: str) -> Response:
    about = (message, LAST_BY_MAIL)
    in_transaction(
        house.parts.engine,
        lambda c: keep_receipt(c, provider, raw, about=about, status=word, now=read_now(c)),
    )
    house.parts.ring(Bell.RECEIVE)
    return Response(status_code=HTTPStatus.NO_CONTENT)
