"""What does a customer do with a message, and what does the provider tell of it?"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from random import Random
from typing import Any, NamedTuple

from sqlalchemy import Row

from triggers.addresses import EMAIL, SMS
from triggers.surveys import ANSWER
from worker.channels.mailgun_receipts import PROVIDER as MAILGUN
from worker.channels.twilio_receipts import PROVIDER as TWILIO
from worker.month.lives import Told, event
from worker.month.luck import Luck, within
from worker.month.office import Office
from worker.month.people import Person
from worker.month.words import REMARKS, REPLIES
from worker.steps.clicks import follow
from worker.steps.preferring import Signed, leave
from worker.steps.surveys import PAGE, Said, answer_by_page
from worker.store.addresses import Address

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)

LOST, BOUNCED, COMPLAINED, LEFT = 0.02, 0.015, 0.01, 0.012
CLICKED, ANSWERED, WROTE = 0.42, 0.55, 0.09
SETTLES = {
    "payment_plan_ending": (0.5, "billing", "payment_plan.renewed", "plan_id"),
    "abandoned_checkout": (0.4, "shop", "checkout.completed", "cart_id"),
    "low_checkbook": (0.6, "clearing", "checkbook.ordered", "account_id"),
}
"""Of those who followed a trigger's link, how many settle the matter, and the event of it."""


class Deed(NamedTuple):
    """What is done at a moment, by whoever does it."""

    at: datetime
    do: Callable[[Office], object]


class Read(NamedTuple):
    """A message that a customer has before him: its row, the tokens of its links, and when."""

    row: Row[Any]
    tokens: Mapping[str, str]
    person: Person
    at: datetime

    @property
    def about(self) -> tuple[str, int]:
        return self.row.id, self.row.attempt

    @property
    def ref(self) -> str:
        return "SM" + sha256(f"{self.row.id}-{self.row.attempt}".encode()).hexdigest()[:32]


def reactions(read: Read, luck: Luck) -> Iterator[Deed]:
    """All that follows from it; who never got it does nothing."""
    draw = luck.of("reads", read.row.id, str(read.row.attempt))
    arrived = yield from (_by_sms if read.row.channel == SMS else _by_mail)(read, draw)
    if not arrived:
        return
    if ANSWER in read.tokens:
        yield from _answers(read, draw)
        return
    yield from _follows(read, draw)
    if read.row.channel == SMS and draw.random() < WROTE:
        yield _writes(read, draw)
    if read.row.channel == EMAIL and draw.random() < LEFT:
        yield Deed(read.at + within(draw, HOUR, 9 * HOUR), _leaving(read))


def _by_sms(read: Read, draw: Random) -> Generator[Deed, None, bool]:
    yield _status(read, "sent", 3 * SECOND)
    fate = draw.random()
    if read.person.unreachable:
        yield _status(read, "undelivered", 20 * SECOND, ErrorCode="30005")
        return False
    if fate < LOST:
        yield _status(read, "undelivered", 50 * MINUTE, ErrorCode="30003")
        return False
    if fate < 1 - LOST:
        yield _status(read, "delivered", within(draw, 4 * SECOND, 40 * SECOND))
    return True


def _status(read: Read, word: str, after: timedelta, **more: str) -> Deed:
    raw = {"MessageSid": read.ref, "MessageStatus": word, "To": read.person.phone or "", **more}
    return Deed(read.at + after, lambda office: office.receipt(TWILIO, read.about, word, raw))


def _by_mail(read: Read, draw: Random) -> Generator[Deed, None, bool]:
    fate = draw.random()
    if fate < BOUNCED:
        told = {"delivery-status": {"code": 550, "message": "5.1.1 no such mailbox"}}
        yield _event(read, "failed", 5 * SECOND, severity="permanent", **told)
        return False
    yield _event(read, "delivered", within(draw, 2 * SECOND, 50 * SECOND))
    if fate > 1 - COMPLAINED:
        yield _event(read, "complained", within(draw, HOUR, 20 * HOUR))
    return True


def _event(read: Read, word: str, after: timedelta, **more: Any) -> Deed:
    raw = {"event-data": {"event": word, "id": f"{read.ref}-{word}", **more}}
    about = (read.row.id, 0)
    return Deed(read.at + after, lambda office: office.receipt(MAILGUN, about, word, raw))


def _follows(read: Read, draw: Random) -> Iterator[Deed]:
    if not read.tokens or draw.random() >= CLICKED:
        return
    token = sorted(read.tokens.values())[0]
    at = read.at + within(draw, 2 * MINUTE, 14 * HOUR)
    yield Deed(at, _clicking(token))
    if draw.random() < 0.1:
        yield Deed(at + MINUTE, _clicking(token))
    share, source, type_, key = SETTLES.get(read.row.trigger, (0.0, "", "", ""))
    if draw.random() < share:
        data = {key: read.row.key}
        done = event(source, type_, read.person, at + within(draw, MINUTE, HOUR), data, "settled")
        yield Deed(done.at, _publishing(done))


def _clicking(token: str) -> Callable[[Office], object]:
    return lambda office: follow(
        office.engine, office.hearing, token, scanner=False, now=office.now
    )


def _publishing(told: Told) -> Callable[[Office], object]:
    return lambda office: office.take([told.event], "http")


def _answers(read: Read, draw: Random) -> Iterator[Deed]:
    if draw.random() >= ANSWERED:
        return
    score = draw.choices((1, 2, 3, 4, 5), (9, 8, 13, 30, 40))[0]
    at = read.at + within(draw, 3 * MINUTE, 20 * HOUR)
    remark = REMARKS["he" if read.person.hebrew else "en"][score > 2]
    words = remark if draw.random() < 0.3 else ""
    if read.row.channel == SMS and draw.random() < 0.5:
        yield Deed(at, _texting(read, f"{score} {words}".strip()))
        return
    token, said = read.tokens[ANSWER], Said(score, words, PAGE)
    yield Deed(at, _clicking(token))
    yield Deed(at + 20 * SECOND, lambda office: answer_by_page(
        office.engine, office.hearing, token, said, now=office.now))  # fmt: skip


def _writes(read: Read, draw: Random) -> Deed:
    [said] = draw.choices([one for _, one in REPLIES], [share for share, _ in REPLIES])
    words = draw.choice(said["he" if read.person.hebrew else "en"])
    return Deed(read.at + within(draw, MINUTE, 6 * HOUR), _texting(read, words))


def _texting(read: Read, words: str) -> Callable[[Office], object]:
    phone, ref = read.person.phone or "", read.ref.replace("SM", "MM", 1)
    return lambda office: office.text(phone, words, ref)


def _leaving(read: Read) -> Callable[[Office], object]:
    """By the link at the foot of a mail."""
    address = Address(read.row.address_hash, read.row.channel)
    language = str(read.person.profile["language"])

    def do(office: Office) -> None:
        signed = Signed(lambda _category: "", language, office.now)
        office.write(lambda c: leave(c, address, office.hearing, signed))

    return do
