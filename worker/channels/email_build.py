"""What does a letter look like as a mail message, byte for byte?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from email.charset import QP, Charset
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import SMTP
from email.utils import format_datetime, formataddr, parseaddr

from worker.channels.base import Letter, Refused
from worker.channels.mail_reports import LEAVING

LEAVE = "List-Unsubscribe"
HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
BREAKING = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]")
"""Everything that some reader of headers takes for the end of a line, and what is no character."""

ADDRESS = re.compile(r"[^\s<>()\[\]\\,;:\"@\x00-\x1f\x7f]+@[^\s<>()\[\]\\,;:\"@\x00-\x1f\x7f]+")


@dataclass(frozen=True, slots=True)
class MailSender:
    """Whom mail comes from: a display name, which may be empty, and an address."""

    name: str
    address: str

    @classmethod
    def parse(cls, text: str) -> MailSender:
        """`Example Bank <service@bank.example>` or the address alone; else ValueError."""
        name, address = parseaddr(text)
        if not ADDRESS.fullmatch(address) or _broken(text):
            raise ValueError("not a sender such as 'Example Bank <service@bank.example>'")
        return cls(name, address)

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


def build(
    letter: Letter,
    sender: MailSender,
    *,
    returning: str = "",
    heard: bool = False,
    now: datetime,
) -> bytes:
    """The whole message with CRLF line ends; Refused for a header that would break out.

    The Message-ID is the message's, not the attempt's: a mailbox may fold two into one.
    `returning`: where its failures go, where that is an address of its own. `heard`: what comes
    there is read, so that a mail to it is a way out as well.
    """
    mail = MIMEMultipart("alternative") if letter.html else _text(letter.text, "plain")
    if letter.html:
        mail.attach(_text(letter.text, "plain"))
        mail.attach(_text(letter.html, "html"))
    if heard and returning and LEAVE in letter.headers:
        leave = f"{letter.headers[LEAVE]}, <mailto:{returning}?subject={LEAVING}>"
        letter = replace(letter, headers={**letter.headers, LEAVE: leave})
    for name, value in _headers(letter, sender, returning, now):
        if not HEADER_NAME.fullmatch(name) or _broken(value):
            raise Refused("header", f"{name[:40]!r} cannot be a header")
        mail[name] = value if value.isascii() else Header(value, "utf-8").encode()
    return mail.as_bytes(policy=mail.policy.clone(linesep=SMTP.linesep))


def _headers(
    letter: Letter, sender: MailSender, returning: str, now: datetime
) -> Iterator[tuple[str, str]]:
    yield "From", formataddr((sender.name, sender.address))
    yield "To", letter.address
    yield "Subject", letter.subject or ""
    yield "Date", format_datetime(now)
    yield "Message-ID", f"<{letter.message_id}@{sender.domain}>"
    yield "X-Outreach-Message", letter.message_id
    if returning not in ("", sender.address):
        # complaints come with the mail's headers, but not always with its envelope
        yield "X-Outreach-Bounces", returning
    # vacation replies stay away from what says so
    yield "Auto-Submitted", "auto-generated"
    yield from letter.headers.items()


def _text(text: str, kind: str) -> MIMEText:
    """Quoted-printable where most is ASCII and stays readable, else base64, which is shorter."""
    text = text.encode("utf-8", "replace").decode()
    charset = Charset("utf-8")
    if sum(map(str.isascii, text)) * 10 > len(text) * 9:
        charset.body_encoding = QP
    return MIMEText(text, kind, charset)  # type: ignore[arg-type]


def _broken(value: str) -> bool:
    return bool(BREAKING.search(value))
