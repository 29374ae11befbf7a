"""Mail that comes back, as servers and mailbox providers write it."""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import Any

from worker.tokens import sign_bounce

KEYS = ("new-signing-key", "old-signing-key")
SIGNING = "mailgun-signing-key"
ID = "0123456789abcdef" * 2


def returned_to(message_id: str = ID, key: str = KEYS[0]) -> str:
    return f"{sign_bounce([key], message_id)}@bank.example"


def delivery_report(
    to: str, *, action: str = "failed", status: str = "5.1.1", more: str = ""
) -> bytes:
    """RFC 3464, with the mail's own headers as its third part."""
    return f"""\
Return-Path: <>
From: Mail Delivery System <mailer-daemon@mx.customer.example>
To: <{to}>
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="=_b"

--=_b
Content-Type: text/plain; charset=utf-8

Your message could not be delivered.

--=_b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.customer.example
Arrival-Date: Sat, 21 Nov 2026 10:00:00 +0000

Final-Recipient: rfc822; dana@customer.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} no such user
{more}
--=_b
Content-Type: text/rfc822-headers

Subject: Your plan ends
Auto-Submitted: auto-generated

--=_b--
""".replace("\n", "\r\n").encode()


def complaint(to: str, *, kind: str = "abuse") -> bytes:
    """RFC 5965; the mailbox provider sends it to where it was asked to, so it is in no header."""
    return f"""\
From: <abuse@mailbox.example>
To: <feedback@bank.example>
Subject: FW: Your plan ends
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="=_b"

--=_b
Content-Type: text/plain

This is an email abuse report.

--=_b
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: Mailbox/1.0
Version: 1
Original-Mail-From: <{to}>

--=_b
Content-Type: message/rfc822

From: Example Bank <service@bank.example>
Subject: Your plan ends

Hello
--=_b--
""".encode()


def away(to: str, header: str = "Auto-Submitted: auto-replied (vacation)") -> bytes:
    return f"""\
From: Dana <dana@customer.example>
To: <{to}>
Subject: =?utf-8?b?15zXkCDXkNeg15kg15HXntep16jXkw==?=
{header}

I am away until Sunday. 5.1.1 Action: failed
""".encode()


def mailgun(
    event: str, *, now: float, key: str = SIGNING, token: str = "", **more: Any
) -> dict[str, Any]:
    """One event as Mailgun posts it, under a token of its own."""
    moment, token = str(int(now)), (token or f"{event}{more.get('id', '')}").ljust(50, "a")
    mac = hmac.new(key.encode(), (moment + token).encode(), sha256).hexdigest()
    told = {
        "event": event,
        "id": f"{event}-1",
        "timestamp": now,
        "recipient": "dana@customer.example",
        "message": {"headers": {"message-id": f"{ID}@bank.example"}},
    }
    return {
        "signature": {"timestamp": moment, "token": token, "signature": mac},
        "event-data": told | more,
    }
