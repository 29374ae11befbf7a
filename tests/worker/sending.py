"""A small world whose triggers are ready to send, for tests of claiming and delivering."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Connection, Engine, Row, insert
from sqlalchemy import event as hooks

from tests.worker.small_world import HASHER, NOON, event, files, read_all, rows, told
from triggers.case import Case
from triggers.configuration import Configuration, read_configuration
from triggers.events import Event
from triggers.gates import ask
from triggers.verdicts import Verdict
from worker.channels.base import Accepted, Letter
from worker.lifecycle import ReceiptState
from worker.steps.announcing import Hearing, hearing_of
from worker.steps.calm import Calm
from worker.steps.claim import Claimed, ClaimParts, claim
from worker.steps.deliver import Delivered, DeliverParts, deliver
from worker.steps.leases import ClaimedLetter
from worker.steps.linking import Shortener
from worker.steps.receive import Received, receive
from worker.steps.sweep import Swept, sweep
from worker.store.engine import in_transaction
from worker.store.tables import attempts, decisions, events, messages, occurrences, receipts
from worker.wiring import OUTBOX, RECEIPT_READERS

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
OWNER = "a" * 32
SENDERS = {"sms": ["outbox:sms"], "email": ["outbox:email"]}
SHORTENER = Shortener((SecretStr("a key that signs links"),), "https://reach.bank.example")
PHONE, EMAIL = "+972501234567", "dana@mail.example"

POLICY = """
languages: [he, en]
timezone: Asia/Jerusalem
country: IL
brand: {name: {he: הבנק, en: The Bank}, phone: "*5550"}
categories:
  service: {quiet: none}
  nightly: {quiet: default}
  marketing: {quiet: none, consent: required, caps: [2 per 1d]}
  urgent: {quiet: none}
quiet:
  default: {nights: 21:00 to 08:30}
agents:
  desk: {capacity: 2 per 1h, hours: "sun-thu 08:30 to 17:00"}
"""


def trigger(name: str = "hi", *, on: str = "cart.left", limits: str = "", **more: str) -> str:
    """A trigger that sends at once, unless `more` has words of its own."""
    words = {
        "on": on,
        "key": "event.data.cart",
        "send": "[{message: hello, by: [sms, email]}]",
        "limits": limits or "{category: service}",
        **more,
    }
    return "\n".join([f"trigger: {name}", *(f"{word}: {text}" for word, text in words.items())])


TEXTS = {
    "templates/hello/sms.he.txt": "שלום {{ customer.id }}",
    "templates/hello/sms.en.txt": "Hello {{ customer.id }}",
    "templates/hello/email.en.subject.txt": "Hello",
    "templates/hello/email.en.txt": "Hello {{ customer.id }}",
    "templates/hello/email.en.html": "<p>Hello {{ customer.id }}</p>",
    "templates/hello/agent.en.txt": "Call {{ customer.id }}",
    "templates/hello/agent.he.txt": "להתקשר אל {{ customer.id }}",
}


OFFER = "{message: offer, by: [sms, email]}"
OFFERS = {
    "templates/offer/sms.he.txt": "פרסומת: שלום. {{ links.unsubscribe }}",
    "templates/offer/sms.en.txt": "Advertisement: hello. {{ links.unsubscribe }}",
    "templates/offer/email.en.subject.txt": "Advertisement: hello",
    "templates/offer/email.en.txt": "Hello. {{ links.unsubscribe }}",
    "templates/offer/email.en.html": "<p>Hello. {{ links.unsubscribe }}</p>",
}


def offer(name: str = "ad", **more: str) -> str:
    """A trigger that advertises."""
    return trigger(name, **{"send": f"[{OFFER}]", "limits": "{category: marketing}", **more})


def rules(*triggers: str, policy: str = POLICY, **texts: str) -> Configuration:
    """These triggers and no others; `texts` are templates by their path's last parts."""
    made = files(*(triggers or (trigger(),)), without=("cart", "plan", "checks"), policy=policy)
    offers = OFFERS if any("message: offer" in one for one in triggers) else {}
    return read_configuration({**made, **TEXTS, **offers, **texts})


def dana(customer: str = "c1", **profile: Any) -> Event:
    """A profile, told as an event; with a phone and an email unless it says otherwise."""
    given = {"phone": PHONE, "email": EMAIL, "language": "en", **profile}
    known = {name: value for name, value in given.items() if value is not None}
    return event("customer.updated", f"profile-{customer}", customer=customer, **known)


def left(customer: str = "c1", cart: str = "k", **given: Any) -> Event:
    return event("cart.left", f"left-{customer}-{cart}", customer=customer, cart=cart, **given)


def counted(engine: Engine, work: Callable[[], Any]) -> int:
    """How many statements `work` runs."""
    run: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        run.append(statement)

    hooks.listen(engine, "before_cursor_execute", count)
    work()
    hooks.remove(engine, "before_cursor_execute", count)
    return len(run)


@dataclass(slots=True)
class Line:
    """A sender that answers as it is told, and remembers every call."""

    name: str = "sms"
    answer: Callable[[Letter], Accepted] = lambda letter: Accepted(f"ref-{letter.attempt}")
    calls: list[Letter] = field(default_factory=list)
    sender: str = "outbox:sms"

    def send(self, letter: Letter) -> Accepted:
        self.calls.append(letter)
        return self.answer(letter)

    def close(self) -> None:
        """Nothing is held open."""


def saying(error: Exception) -> Callable[[Letter], Accepted]:
    def answer(_letter: Letter) -> Accepted:
        raise error

    return answer


class AtOnce(Executor):
    """A pool without threads: what is submitted is done."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(fn(*args, **kwargs))
        return done


@dataclass(slots=True)
class Post:
    """A worker that claims and delivers, on a clock the test turns."""

    engine: Engine
    configuration: Configuration
    sms: Line = field(default_factory=Line)
    email: Line = field(default_factory=lambda: Line("email", sender="outbox:email"))
    spare: Sequence[Line] = ()
    owner: str = OWNER
    seconds: float = 0.0
    calm: Calm = field(default_factory=Calm)
    gates: Callable[[Case], Verdict] = ask
    senders: Mapping[str, Sequence[str]] = field(default_factory=lambda: dict(SENDERS))

    def told(self, *told_events: Event) -> None:
        """Store these events and read them all."""
        people = [one for one in told_events if one.type == "customer.updated"]
        told(self.engine, *people, writes_customer=True)
        told(self.engine, *(one for one in told_events if one not in people))
        self.read()

    def read(self, now: datetime = NOON) -> None:
        read_all(self.engine, self.configuration, now=now)

    def claim(self, now: datetime = NOON, limit: int = 50) -> Claimed:
        parts = ClaimParts(
            configuration=self.configuration,
            hasher=HASHER,
            senders=self.senders,
            owner=self.owner,
            preferences=lambda address: f"https://bank.example/u/{address.channel}",
            shortener=SHORTENER,
            gates=self.gates,
            monotonic=lambda: self.seconds,
            calm=self.calm,
        )
        return claim(self.engine, parts, limit=limit, now=now)

    def deliver(self, letters: Sequence[ClaimedLetter], now: datetime = NOON) -> Delivered:
        """Every call is done before the first answer is looked at: one batch has them all."""
        parts = DeliverParts(
            channels=self.channels,
            pool=AtOnce(),
            hearing=self.hearing,
            monotonic=lambda: self.seconds,
        )
        return deliver(self.engine, letters, parts, now=now)

    @property
    def channels(self) -> dict[str, Line]:
        """By the names of their senders, which some tests give in their own words."""
        names = dict.fromkeys(self.senders.get("sms", ()), self.sms)
        names |= dict.fromkeys(self.senders.get("email", ()), self.email)
        return {**names, **{one.sender: one for one in self.spare}}

    @property
    def hearing(self) -> Hearing:
        return hearing_of(self.configuration)

    def send(self, now: datetime = NOON) -> Delivered:
        return self.deliver(self.claim(now).letters, now)

    def receive(self, now: datetime = NOON, limit: int = 200) -> Received:
        return receive(self.engine, self.hearing, RECEIPT_READERS, now=now, limit=limit)

    def sweep(self, now: datetime = NOON, limit: int = 200) -> Swept:
        return sweep(self.engine, self.hearing, OUTBOX, now=now, limit=limit)

    def store(self, table: Any, **row: Any) -> None:
        def work(connection: Connection) -> None:
            connection.execute(insert(table).values(**row))

        in_transaction(self.engine, work)

    def receipt(self, letter: Letter, status: str, **raw: str) -> None:
        self.store(
            receipts,
            provider="twilio",
            message_id=letter.message_id,
            attempt=letter.attempt,
            status=status,
            raw={"MessageStatus": status, **raw},
            received_at=NOON,
            state=ReceiptState.NEW,
        )

    @property
    def message(self) -> Row[Any]:
        [row] = rows(self.engine, messages, "id")
        return row

    @property
    def occurrence(self) -> Row[Any]:
        [row] = rows(self.engine, occurrences, "id")
        return row

    @property
    def attempts(self) -> Sequence[Row[Any]]:
        return rows(self.engine, attempts, "message_id", "number")

    @property
    def states(self) -> tuple[str, list[str]]:
        """The message's, and those of its attempts."""
        return self.message.state, [one.state for one in self.attempts]

    @property
    def rulings(self) -> list[tuple[str, str | None]]:
        """What claims decided, in order; what evaluating decided is not of this room."""
        found = rows(self.engine, decisions, "seq")
        return [(one.verdict, one.reason) for one in found if one.verdict != "started"]

    @property
    def own_events(self) -> list[Row[Any]]:
        return [one for one in rows(self.engine, events, "seq") if one.source == "outreach"]


def ready(engine: Engine, *triggers: str, **profile: Any) -> Post:
    """A customer who left a cart, and rules that answer to that."""
    post = Post(engine, rules(*triggers))
    post.told(dana(**profile), left())
    return post
