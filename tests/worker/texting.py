"""A letter and a channel as the tests of SMS use them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.standins.twilio import NUMBER, SID, TOKEN
from worker.channels.base import Letter
from worker.channels.twilio_http import Patience
from worker.channels.twilio_sms import TwilioAccount, TwilioSms

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
PHONE = "+972501234567"
TEXT = "שלום דנה, התוכנית מסתיימת"
SHORT = Patience(connect=0.5, read=0.5, body=0.5)


def letter(**changes: Any) -> Letter:
    words: dict[str, Any] = {
        "message_id": "m" * 32,
        "attempt": 2,
        "channel": "sms",
        "address": PHONE,
        "text": TEXT,
        "expires": NOW + timedelta(minutes=10),
    }
    return Letter(**(words | changes))


def channel(base_url: str, **changes: Any) -> TwilioSms:
    account = {"sid": SID, "token": TOKEN, "number": NUMBER, "base_url": base_url}
    words = {"public_url": "https://reach.bank.example/", "patience": SHORT, "now": lambda: NOW}
    words |= {name: changes.pop(name) for name in tuple(changes) if name in words}
    return TwilioSms(TwilioAccount(**(account | changes)), **words)
