"""Rules 3, 4 and 6 where it counts: on PostgreSQL, with two workers of each kind at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from tests.triggers.test_order import Machine
from tests.worker.sending import POLICY, Post, dana, rules, trigger
from tests.worker.small_world import HASHER, NOON, event, incoming, publish, rows, told
from triggers.events import Event
from triggers.facts import TriggerKey
from worker.steps.evaluate import evaluate
from worker.store.engine import make_engine
from worker.store.tables import events, occurrences

JERUSALEM = ZoneInfo("Asia/Jerusalem")
LONG_AFTER = NOON + timedelta(days=20)
CARTS = {"wait": "1h", "unless": "cart.paid", "limits": "{category: service, expires: 60d}"}
KINDS = (
    trigger("once", again="once", **CARTS),
    trigger("each", again="each", **CARTS),
    trigger("restart", again="restart", **CARTS),
    trigger(
        "plans", on="plan.changed", key="event.data.plan", unless="plan.cancelled",
        wait="2d before event.data.ends at 10:00", limits="{category: service, expires: 60d}",
    ),
    trigger(
        "checks", on="check.used", key="event.data.account", unless="book.ordered", wait="1h",
        count="{reach: 3, since: book.ordered, distinct: event.data.number}",
        limits="{category: service, expires: 60d}",
    ),
)  # fmt: skip
FREE = POLICY + "fuse: {customer: 1000 per 1h}\n"
CUSTOMERS = tuple(f"c{number}" for number in range(12))


def history(random: Random, customer: str, size: int) -> Iterator[Event]:
    """Anything at any time within ten days, each with an id that no two share."""
    for number in range(size):
        after = timedelta(minutes=random.randrange(10 * 24 * 60))
        name = f"{customer}-{random.randrange(10**9)}-{number}"
        type_, data = random.choice(
            (
                ("cart.left", {"cart": "k"}),
                ("cart.left", {"cart": "k"}),
                ("cart.paid", {"cart": "k"}),
                ("plan.changed", {"plan": "k", "ends": f"2026-11-{random.randrange(10, 28)}"}),
                ("plan.cancelled", {"plan": "k"}),
                ("check.used", {"account": "k", "number": random.randrange(9)}),
                ("check.used", {"account": "k", "number": random.randrange(9)}),
                ("book.ordered", {"account": "k"}),
            )
        )
        yield event(type_, name, customer=customer, after=after, **data)


def at_once(*works: Callable[[], None]) -> None:
    with ThreadPoolExecutor(len(works)) as pool:
        for done in [pool.submit(work) for work in works]:
            done.result()


class Town:
    """Several workers on one database, and what the smallest machine would have said."""

    def __init__(self, url: str, engines: list[Engine]) -> None:
        self.url = url
        self.rules = rules(*KINDS, policy=FREE)
        self.posts = [
            Post(engine, self.rules, owner=str(number) * 32)
            for number, engine in enumerate(engines)
        ]
        self.machines: dict[TriggerKey, Machine] = {}

    def know(self, one: Event) -> None:
        for _, key in self.rules.matcher.touched(one):
            if key is not None:
                rule = self.rules.triggers[key.trigger]
                machine = self.machines.setdefault(key, Machine(rule, JERUSALEM, [], [], []))
                machine.facts.append(one)

    def play(self, told_now: list[Event], random: Random, now: datetime) -> None:
        """Publish in any order and doubled; then two evaluate while two claim."""
        for one in told_now:
            self.know(one)
        arriving = told_now + random.sample(told_now, len(told_now) // 3)
        random.shuffle(arriving)
        half = len(arriving) // 2
        at_once(
            lambda: self._publish(0, arriving[:half], now),
            lambda: self._publish(1, arriving[half:], now),
        )
        # all of it is due by now, and nothing may be said that the unread would call off
        at_once(
            lambda: self._evaluate(0, now),
            lambda: self._evaluate(1, now),
            lambda: self._claim(2, now),
            lambda: self._claim(3, now),
        )
        self._evaluate(0, now)
        self._claim(0, now)
        for machine in self.machines.values():
            machine.claim(now)

    def _publish(self, post: int, told_now: list[Event], now: datetime) -> None:
        for one in told_now:
            publish(self.posts[post].engine, [incoming(one)], now=now)

    def _evaluate(self, post: int, now: datetime) -> None:
        for _ in range(12):
            evaluate(self.posts[post].engine, self.rules, HASHER, now=now, limit=7)

    def _claim(self, post: int, now: datetime) -> None:
        for _ in range(12):
            self.posts[post].send(now)

    def decided(self, *states: str) -> set[tuple[TriggerKey, str]]:
        found = rows(self.posts[0].engine, occurrences)
        return {
            (TriggerKey(row.trigger, row.customer_id, row.key), row.epoch)
            for row in found
            if row.state in states
        }

    def expected(self) -> set[tuple[TriggerKey, str]]:
        return {(key, epoch) for key, one in self.machines.items() for epoch, _ in one.sent}

    def letters(self) -> list[str]:
        return [letter.message_id for post in self.posts for letter in post.sms.calls]


@pytest.fixture
def town(postgres_database_url: str) -> Iterator[Town]:
    engines = [make_engine(postgres_database_url) for _ in range(4)]
    yield Town(postgres_database_url, engines)
    for engine in engines:
        engine.dispose()


@pytest.mark.parametrize("seed", range(4))
def test_whatever_the_order_and_the_workers_the_same_is_said_once(town: Town, seed: int) -> None:
    random = Random(seed)
    people = [dana(one, phone=f"+97250123{n:04}") for n, one in enumerate(CUSTOMERS)]
    told(town.posts[0].engine, *people, writes_customer=True)
    whole = [one for who in CUSTOMERS for one in history(random, who, 12)]
    first, late = whole[::2], whole[1::2]

    for part, now in ((first, LONG_AFTER), (late, LONG_AFTER + timedelta(hours=1))):
        town.play(part, random, now)

    unread = [row for row in rows(town.posts[0].engine, events) if row.state != "read"]
    assert unread == []
    said = town.decided("messaged")
    assert said | town.decided("skipped") == town.expected(), "skipped: their date was past"
    assert len(town.letters()) == len(set(town.letters())) == len(said) > len(CUSTOMERS)
