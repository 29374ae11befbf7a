"""What does a receipt of Twilio's say about the attempt it is for?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from worker.channels.receipts import Fate, Report
from worker.channels.twilio_answers import CODES, Meaning

PROVIDER = "twilio"

WORDS: Mapping[str, Fate] = {
    "accepted": Fate.TAKEN,
    "scheduled": Fate.TAKEN,
    "queued": Fate.TAKEN,
    "sending": Fate.TAKEN,
    "sent": Fate.SENT,
    "partially_delivered": Fate.SENT,
    "undelivered": Fate.UNDELIVERED,
    "failed": Fate.UNDELIVERED,
    "canceled": Fate.UNDELIVERED,
    "delivered": Fate.DELIVERED,
    "read": Fate.DELIVERED,
}
"""One that is not here says nothing about a message's way."""


def read_receipt(status: str, raw: Mapping[str, Any]) -> Report | None:
    """None where the receipt says nothing about the message's way."""
    fate = WORDS.get(status.strip().lower())
    if fate is None:
        return None
    code = str(raw.get("ErrorCode") or "")[:10]
    meaning = CODES.get(int(code)) if code.isdecimal() and fate is Fate.UNDELIVERED else None
    return Report(
        fate=fate,
        ref=str(raw.get("MessageSid") or raw.get("SmsSid") or "")[:64] or None,
        code=code or None,
        bad_address=meaning is Meaning.BAD_ADDRESS,
        opted_out=meaning is Meaning.OPTED_OUT,
    )
