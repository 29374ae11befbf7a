"""What does a mail that came back say: a failure, a delay, a complaint, or nobody's own words?"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from email import message_from_bytes
from email.message import Message
from enum import StrEnum
from hashlib import sha256
from typing import Any

from worker.channels.receipts import Fate, Report

PROVIDER = "email"
COMPLAINT = "complaint"
LEAVING = "unsubscribe"
"""The subject of a mail that a mail program sends for a reader who wants no more of ours."""
DELIVERY, FEEDBACK = "message/delivery-status", "message/feedback-report"
REPORTS = (DELIVERY, FEEDBACK)

STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b", re.ASCII)
_FATES: Mapping[str, Fate] = {
    "failed": Fate.UNDELIVERED,
    "delivered": Fate.DELIVERED,
    "relayed": Fate.SENT,
    "expanded": Fate.SENT,
}
"""By RFC 3464's Action; `delayed` says nothing yet: the server goes on trying."""

# Nobody is there, or the mailbox takes nothing: 5.0.0 and 5.1.x, 5.2.0, 5.2.1. What is full, too
# large or unwelcome is no fault of the address.
_NOBODY = re.compile(r"5\.(?:0\.0|1\.(?!7$|8$)\d+|2\.[01])")
# wherever it stands: the parser ends a line at a lone CR as well, and takes spaces before a colon
_HOLDS_OTHERS = re.compile(rb"(?:multipart|message)/", re.IGNORECASE)
MOST_PARTS = 50
_EMPTY_LINES = re.compile(rb"[\r\n]{5,}")
MOST_READ = 128 * 1024
"""Bytes of a mail. A report stands near its beginning, before the mail that it gives back; the
parser takes time that grows with the square of what somebody has thought out for it."""
LONGEST_CODE = 10


class Kind(StrEnum):
    """Only a report (RFC 3464, RFC 5965) says anything of a message's way."""

    REPORT = "report"
    AWAY = "away"
    LETTER = "letter"
    UNREADABLE = "unreadable"


def digest(report: bytes) -> str:
    """The name of a mail by its content: the same mail again is the same word."""
    return sha256(report).hexdigest()[:32]


def names_nobody(status: str) -> bool:
    """Whether an enhanced status code (RFC 3463) says that this address reaches nobody."""
    return _NOBODY.fullmatch(status) is not None


def kept(report: bytes) -> Mapping[str, str]:
    """The mail as it is kept; a NUL is legal in no mail and in no database."""
    return {"mail": report.decode("latin-1").replace("\x00", "")}


def kind_of(report: bytes) -> Kind:
    """What it is, without a look at whom it is about."""
    mail = _parsed(report)
    if mail is None:
        return Kind.UNREADABLE
    if any(_parts(mail, REPORTS)):
        return Kind.REPORT
    return Kind.AWAY if _away(mail) else Kind.LETTER


def read_report(_status: str, raw: Mapping[str, Any]) -> Report | None:
    """None for what is no report, or says nothing final: delays, and answers of absent people."""
    mail = _parsed(str(raw.get("mail", "")).encode("latin-1", "replace"))
    if mail is None:
        return None
    complaints = {_word(one, "Feedback-Type") for one in _parts(mail, (FEEDBACK,))}
    # what is only `not-spam`, or tells of fraud, is nobody's wish to be left alone
    if complaints & {"abuse", "opt-out", "opt-out-list"}:
        return Report(Fate.DELIVERED, None, COMPLAINT, opted_out=True)
    if any(_parts(mail, REPORTS)):
        return next(filter(None, map(_delivery, _parts(mail, (DELIVERY,)))), None)
    if str(mail.get("Subject", "")).strip().lower() == LEAVING:
        return Report(Fate.DELIVERED, None, LEAVING, opted_out=True)
    return None


def _away(mail: Message) -> bool:
    """Whether a machine wrote it for somebody who is away, by what such machines say of it."""
    if _word(mail, "Auto-Submitted") not in ("", "no"):
        return True
    bulk = _word(mail, "Precedence") in {"bulk", "junk", "list", "auto_reply"}
    return bulk or any(name in mail for name in ("X-Auto-Response-Suppress", "X-Autoreply"))


def _parsed(report: bytes) -> Message | None:
    # to the parser every empty line within a report is one recipient more
    beginning = _EMPTY_LINES.sub(b"\n\n", report[:MOST_READ])
    # each level within another costs the parser a call within a call
    if len(_HOLDS_OTHERS.findall(beginning)) > MOST_PARTS:
        return None
    return message_from_bytes(beginning)


def _parts(mail: Message, kinds: Collection[str]) -> Iterator[Message]:
    """The groups of fields of the mail's own reports: of none that another mail within it holds."""
    own = mail.get_payload() if mail.is_multipart() else []
    for part in own if isinstance(own, list) else ():
        if isinstance(part, Message) and part.get_content_type() in kinds:
            yield from _groups(part)


def _groups(part: Message) -> list[Message]:
    """RFC 3464: one for the report, then one for each recipient."""
    payload = part.get_payload()
    return [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []


def _delivery(group: Message) -> Report | None:
    fate = _FATES.get(_word(group, "Action"))
    if fate is None:
        return None
    found = STATUS.search(str(group.get("Status", "")))
    status = found[1] if found else ""
    if fate is not Fate.UNDELIVERED:
        return Report(fate, None)
    return Report(fate, None, status[:LONGEST_CODE] or "5.0.0", bad_address=names_nobody(status))


def _word(mail: Message, name: str) -> str:
    """A field's first word, without comments and parameters."""
    return re.split(r"[\s;(]", str(mail.get(name, "")).strip().lower(), maxsplit=1)[0]
