"""A provider that can be asked what it has, and says what a test put there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine

from tests.worker.sending import Post, dana, left, rules, saying
from tests.worker.small_world import NOON
from worker.channels.base import Uncertain
from worker.channels.ledger import Found
from worker.channels.twilio_receipts import read_receipt
from worker.steps.reconcile import Reconciled, ReconcileParts, reconcile

TWILIO = "twilio:+15005550006"
SMTP = "smtp:mail.example:25"


@dataclass(slots=True)
class Books:
    """What the provider has, and `asked`: how often it was. `meanwhile` happens while it looks."""

    sender: str = TWILIO
    reports: bool = True
    has: list[Found] = field(default_factory=list)
    away: bool = False
    asked: int = 0
    meanwhile: Callable[[], object] = lambda: None

    def put(self, address: str, text: str, ref: str = "SM1", *, status: str = "queued",
            code: str = "", at: datetime = NOON) -> None:  # fmt: skip
        report = read_receipt(status, {"MessageSid": ref, "ErrorCode": code})
        self.has.append(Found(ref, status, at, address, text, report))

    def find(self, address: str, body: str, since: datetime, until: datetime) -> list[Found]:
        self._answer()
        return [
            one
            for one in self.has
            if (one.address, one.text) == (address, body) and since <= one.created <= until
        ]

    def left_between(self, since: datetime, until: datetime) -> Iterator[Found]:
        self._answer()
        yield from (one for one in self.has if since <= one.created < until)

    def taken_since(self, since: datetime) -> Iterator[Found]:
        self._answer()
        yield from (one for one in self.has if since <= one.created)

    def fetch(self, ref: str) -> Found | None:
        self._answer()
        return next((one for one in self.has if one.ref == ref), None)

    def _answer(self) -> None:
        self.asked += 1
        self.meanwhile()
        if self.away:
            raise Uncertain("no_answer")


def unheard(engine: Engine, *, sender: str = TWILIO, customers: int = 1) -> Post:
    """Messages that were handed over by SMS, and whose answer was not heard at noon."""
    post = Post(engine, rules(), senders={"sms": [sender], "email": [SMTP]})
    for number in range(1, customers + 1):
        customer = f"c{number}"
        post.told(dana(customer, phone=f"+97250123456{number}"), left(customer))
    post.sms.answer = saying(Uncertain("timeout"))
    post.send()
    post.sms.calls.clear()
    return post


def look(
    post: Post,
    books: Books,
    now: datetime,
    *,
    policy: Mapping[str, str] | None = None,
    limit: int = 20,
) -> Reconciled:
    parts = ReconcileParts({books.sender: books}, policy or {}, post.hearing)
    return reconcile(post.engine, parts, now=now, limit=limit)
