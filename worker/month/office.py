"""How does the house work through the month? By its own stations, told what time it is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Row

from triggers.addresses import SMS
from triggers.configuration import Configuration
from worker.channels.base import Letter
from worker.channels.twilio_receipts import PROVIDER
from worker.month.luck import Luck
from worker.month.post import AtOnce, Post
from worker.steps.accepting import Door, take_in
from worker.steps.announcing import Hearing, hearing_of
from worker.steps.answer import AnswerParts, answer
from worker.steps.claim import claim
from worker.steps.deliver import deliver
from worker.steps.evaluate import evaluate
from worker.steps.listen import listen
from worker.steps.receive import receive
from worker.steps.reconcile import ReconcileParts, reconcile
from worker.steps.surveys import TextedSurveys
from worker.steps.sweep import sweep
from worker.store.addresses import Address
from worker.store.arrivals import keep_inbound, keep_receipt
from worker.store.demo import next_moment, read_left, read_links
from worker.store.engine import in_transaction, reading
from worker.store.waiting import what_is_left
from worker.wiring import OUTBOX, RECEIPT_READERS, TEXT_READERS, Parts

T = TypeVar("T")

ROUNDS = 30
"""What is not done by then in one moment is done in the next; nothing may go round for ever."""
BATCH = 50
SOON = timedelta(minutes=1)
OWNER = "de30" * 8


@dataclass
class Office:
    """One worker for everything; `now` is whatever the month says."""

    parts: Parts
    configuration: Configuration
    posts: Mapping[str, Post]
    now: datetime

    @property
    def engine(self) -> Engine:
        return self.parts.engine

    @property
    def hearing(self) -> Hearing:
        return hearing_of(self.configuration)

    def write(self, work: Callable[[Connection], T]) -> T:
        return in_transaction(self.engine, work)

    def read(self, work: Callable[[Connection], T]) -> T:
        return reading(self.engine, work)

    def take(self, raw: Sequence[Mapping[str, Any]], door: str, *, people: bool = False) -> int:
        """Let events in; how many were refused, which are kept with their reasons."""
        way = Door(door, may_write_customers=people)
        return take_in(self.engine, self.configuration, raw, way, now=self.now).refused

    def receipt(self, provider: str, about: tuple[str, int], status: str, raw: Any) -> None:
        now = self.now
        self.write(lambda c: keep_receipt(c, provider, raw, about=about, status=status, now=now))

    def text(self, phone: str, words: str, ref: str) -> None:
        """What somebody writes back, as Twilio would bring it."""
        fields = {"MessageSid": ref, "From": phone, "To": "demo", "Body": words, "NumMedia": "0"}
        sender, now = Address(self.parts.hasher.address(SMS, phone), SMS), self.now
        self.write(lambda c: keep_inbound(c, PROVIDER, fields, ref=ref, sender=sender, now=now))

    def work(self) -> list[Letter]:
        """Everything that can be done at this moment; the letters that were taken."""
        for _ in range(ROUNDS):
            left = self.read(lambda c: what_is_left(c, self.now))
            if left.receipts:
                receive(self.engine, self.hearing, RECEIPT_READERS, now=self.now)
            if left.replies:
                self._answer()
            if left.events:
                evaluate(self.engine, self.configuration, self.parts.hasher, now=self.now)
            sent = left.due and self._send()
            if not (left.receipts or left.replies or left.events or sent):
                break
        return [letter for post in self.posts.values() for letter in post.taken_since()]

    def sweep(self) -> None:
        sweep(self.engine, self.hearing, OUTBOX, now=self.now)

    def listen(self) -> None:
        listen(self.engine, self.configuration, now=self.now)

    def look_for_unknown(self) -> None:
        """As long as no answer was ever lost, there is none to look for."""
        if not any(post.lost for post in self.posts.values()):
            return
        asking = ReconcileParts({}, self.configuration.policy.unknown, self.hearing)
        reconcile(self.engine, asking, now=self.now)

    def next_moment(self) -> datetime | None:
        """When there is something to do again; what could not be done now is soon tried again."""
        found = self.read(next_moment)
        return None if found is None else max(found, self.now + SOON)

    def told_of(self, ids: Collection[str]) -> Iterable[tuple[Row[Any], Mapping[str, str]]]:
        """Each of these messages, with the tokens of its links."""
        found = self.read(lambda c: (read_left(c, ids), read_links(c, ids)))
        return [(row, found[1].get(row.id, {})) for row in found[0]]

    def _answer(self) -> None:
        surveys = TextedSurveys(self.configuration)
        parts = AnswerParts(self.configuration, TEXT_READERS, surveys)
        answer(self.engine, parts, now=self.now)

    def _send(self) -> bool:
        """Whether anything was decided. One letter after the other, so that all months of a seed
        have their rows in the same order."""
        claimed = claim(
            self.engine, self.parts.claiming(self.configuration), limit=BATCH, now=self.now
        )
        delivering = self.parts.delivering(self.configuration)
        for letter in claimed.letters:
            deliver(self.engine, [letter], delivering, now=self.now)
        return bool(claimed.letters) or claimed.more or claimed.heard


def open_office(parts: Parts, configuration: Configuration, luck: Luck, begin: datetime) -> Office:
    """The parts of a worker, but that nothing leaves."""
    office: Office

    def clock() -> datetime:
        return office.now

    posts = {name: Post(name, parts.engine, luck, begin, clock) for name in ("sms", "email")}
    channels = {post.sender: post for post in posts.values()}
    mine = replace(parts, channels=channels, pool=AtOnce(), owner=OWNER)
    office = Office(mine, configuration, posts, begin)
    return office
