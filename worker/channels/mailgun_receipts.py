"""What does an event of Mailgun's say about a mail, and is it Mailgun that says so?"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

from worker.channels.mail_reports import COMPLAINT, LONGEST_CODE, STATUS, names_nobody
from worker.channels.receipts import Fate, Report

PROVIDER = "mailgun"
BELIEVED_FOR = timedelta(hours=12)
"""Mailgun tries again for eight hours; what it says twice is kept once."""

_OUR_ID = re.compile(r"<?([0-9a-f]{32})@[^\s<>@]{1,255}>?")
_TIMESTAMP = re.compile(r"\d{1,12}(?:\.\d{1,9})?", re.ASCII)
_TEXT = 100
_FATES: Mapping[str, Fate] = {
    "accepted": Fate.TAKEN,
    "delivered": Fate.DELIVERED,
    "complained": Fate.DELIVERED,
    "unsubscribed": Fate.DELIVERED,
}
_LEFT: Mapping[str, str] = {"complained": COMPLAINT, "unsubscribed": "unsubscribed"}
_KNOWN: Mapping[str, str] = {
    "suppress-complaint": "complained",
    "suppress-unsubscribe": "unsubscribed",
}
"""Why a mail was not tried, and the event that had told of it: perhaps before we were listening."""


class Told(NamedTuple):
    """An event: whose mail it is about, its word, and the name by which it is known again."""

    message_id: str
    word: str
    ref: str


class Signature(NamedTuple):
    """A token that was signed, and what was said under it, both as hashes.

    Mailgun signs the moment and the token, and nothing of the event: whoever has seen one call
    could say anything under its token, were it not remembered what was.
    """

    token: str
    said: str


def genuine(keys: Sequence[str], body: Mapping[str, Any], *, now: datetime) -> Signature | None:
    """None unless one of our keys signed the moment and the token, and that not long ago."""
    given = _object(body.get("signature"))
    # documented as a number, and sent as a text
    moment, token = _text(str(given.get("timestamp", ""))), _text(given.get("token"))
    # of a subaccount's mail the account above it signs as well
    macs = [_text(given.get(name)) for name in ("signature", "parent-signature")]
    if not _TIMESTAMP.fullmatch(moment) or not token or not all(map(str.isascii, macs)):
        return None
    signed = (moment + token).encode("utf-8", "surrogatepass")
    made = [hmac.new(key.encode(), signed, sha256).hexdigest() for key in keys]
    # every key is tried, so that the time taken says nothing
    by = [hmac.compare_digest(one, mac) for one in made for mac in macs]
    if not any(by) or abs(now.timestamp() - float(moment)) >= BELIEVED_FOR.total_seconds():
        return None
    return Signature(_hashed(signed), _hashed(_sorted(_object(body.get("event-data")))))


def _sorted(event: Mapping[str, Any]) -> bytes:
    return json.dumps(event, sort_keys=True).encode()


def _hashed(text: bytes) -> str:
    return sha256(text).hexdigest()[:32]


def read_event(body: Mapping[str, Any]) -> Told | None:
    """None where it is about no mail of ours, or says no event at all."""
    event = _object(body.get("event-data"))
    headers = _object(_object(event.get("message")).get("headers"))
    found = _OUR_ID.fullmatch(_text(headers.get("message-id")))
    word, ref = _text(event.get("event")), _text(event.get("id"))
    return Told(found[1], word, ref) if found and word and ref else None


def read_receipt(_status: str, raw: Mapping[str, Any]) -> Report | None:
    """None where it says nothing about the mail's way: opened, clicked, put off for now."""
    event = _object(raw.get("event-data"))
    word = _text(event.get("event"))
    if word == "failed":
        return _failure(event) if _text(event.get("severity")) == "permanent" else None
    fate = _FATES.get(word)
    return None if fate is None else Report(fate, None, _LEFT.get(word), opted_out=word in _LEFT)


def _failure(event: Mapping[str, Any]) -> Report:
    told = _object(event.get("delivery-status"))
    said = " ".join(_text(told.get(name)) for name in ("enhanced-code", "message", "description"))
    found = STATUS.search(said)
    status = found[1] if found else ""
    code = status or _text(str(told.get("code") or ""))
    # it has bounced there before, or somebody has left, so that Mailgun did not even try
    reason = _text(event.get("reason"))
    left = _LEFT.get(_KNOWN.get(reason, ""))
    known = reason == "suppress-bounce" or names_nobody(status)
    if left is not None:
        return Report(Fate.UNDELIVERED, None, left, opted_out=True)
    return Report(Fate.UNDELIVERED, None, code[:LONGEST_CODE] or None, known)


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str:
    return value[:_TEXT] if isinstance(value, str) else ""
