"""Does a forecast say what the worker really does, over the same random history?

The worker reads, claims and delivers on a clock that the test turns to each moment at which
something is due; its outbox takes everything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from tests.worker.sending import OWNER, SENDERS, SHORTENER, Post
from tests.worker.small_world import HASHER, read_all, rows, told
from triggers.clerk import PLACEHOLDERS, House
from triggers.configuration import Configuration, read_configuration
from triggers.events import Event
from triggers.forecast import Forecast
from triggers.lines import Line
from triggers.texts.segments import segments
from triggers.verdicts import Outcome, Reason
from worker.folder import read_folders
from worker.lifecycle import MessageState
from worker.steps.claim import ClaimParts, claim
from worker.steps.claimed_rows import message_id_of
from worker.store.engine import make_engine, reading
from worker.store.tables import attempts, handoffs, house, links, messages, occurrences

ROOT = Path(__file__).parents[2]
START = datetime(2026, 10, 18, 6, 0, tzinfo=UTC)
END = START + timedelta(days=40)
SALT = "a salt of the tests"
PEOPLE = tuple(f"c{number}" for number in range(6))

MORE = """
trigger: after_the_cart
on: outreach.sent
key: event.data.message_id
when: event.data.trigger == "abandoned_checkout"
wait: 1d
unless: {event: claim.withdrawn, key: event.data.claim_id}
send: [{agent: retention}]
limits: {category: service}
---
trigger: visits
on: support.contacted
again: restart
wait: 5h
unless: claim.withdrawn
send: [{message: word, by: [sms, email]}]
limits: {category: survey, pace: 1 per 12h, cooldown: 3d, ramp: 70%}
---
trigger: many_calls
on: support.contacted
count: {reach: 3, within: 9d}
send: [{agent: retention}]
limits: {category: service, cooldown: 1d}
---
trigger: every_call
on: service_call.ended
key: event.data.call_id
wait: until 20:55
again: each
send: [{message: word, by: [email, sms]}]
limits: {category: urgent, holdout: 30%}
---
trigger: unseen
on: claim.opened
key: event.data.claim_id
wait: 2h
send: [{message: word, by: [sms]}]
limits: {category: service, mode: shadow}
"""

TEXTS = {
    "word/sms.he.txt": "שלום {{ customer.id }}",
    "word/sms.en.txt": "Hello {{ customer.id }}",
    "word/email.he.subject.txt": "שלום",
    "word/email.he.txt": "שלום {{ customer.id }}",
    "word/email.en.subject.txt": "Hello",
    "word/email.en.txt": "Hello {{ customer.id }}",
    "after_the_cart/agent.he.txt": "להתקשר",
    "many_calls/agent.he.txt": "להתקשר",
}


def rules() -> Configuration:
    files, mistakes = read_folders(ROOT / "config", ROOT / "templates")
    assert not mistakes
    # nobody makes calls here, and a forecast takes them for made in time
    policy = files["config/outreach.yaml"].replace(", overdue: 8h", "")
    assert policy != files["config/outreach.yaml"]
    texts = {f"templates/{name}": text for name, text in TEXTS.items()}
    return read_configuration(
        {**files, "config/outreach.yaml": policy, "config/triggers/more.yaml": MORE, **texts}
    )


def profile(draw: Random, customer: str) -> dict[str, Any]:
    """Some cannot be reached, some live elsewhere, two share a phone."""
    number = PEOPLE.index(customer) // 2
    known = {
        "phone": f"+97250123456{number}" if draw.random() < 0.8 else None,
        "email": f"{customer}@mail.example" if draw.random() < 0.7 else None,
        "language": draw.choice(["he", "en", "fr"]),
        "timezone": draw.choice([None, "Asia/Jerusalem", "America/New_York", "Asia/Tokyo"]),
        "age": draw.choice([30, 75]),
        "consent": draw.choice([None, {"marketing": True}, {"marketing": True, "survey": False}]),
        "quiet": draw.choice([None, {"shabbat": False}]),
        "agent_only": draw.random() < 0.1,
    }
    return {name: value for name, value in known.items() if value is not None}


def happening(draw: Random, time: datetime, customer: str) -> tuple[str, dict[str, Any]]:
    few = draw.randrange(3)
    ends = (time + timedelta(days=draw.randrange(3, 25))).date().isoformat()
    plan = {"plan_id": f"p{few}", "status": "active", "auto_renew": draw.random() < 0.3}
    check = {"account_id": f"a-{customer}", "check_number": str(draw.randrange(40))}
    return draw.choice(
        [
            ("payment_plan.updated", {**plan, "end_date": ends}),
            ("payment_plan.renewed", {"plan_id": f"p{few}"}),
            ("checkout.started", {"cart_id": f"k{few}", "total": 40.0 + 80 * few}),
            ("checkout.started", {"cart_id": f"k{draw.randrange(99)}", "total": 250.0}),
            ("checkout.completed", {"cart_id": f"k{few}", "total": 250.0}),
            ("claim.opened", {"claim_id": f"m{draw.randrange(9)}", "kind": "car"}),
            ("claim.filed", {"claim_id": f"m{draw.randrange(9)}"}),
            ("claim.withdrawn", {"claim_id": f"m{draw.randrange(9)}"}),
            ("service_call.ended", {"call_id": f"s{draw.randrange(99)}", "topic": "card"}),
            ("support.contacted", {"channel": "call"}),
            ("check.deposited", {**check, "amount": 10.0}),
            ("check.deposited", {**check, "amount": 10.0}),
            ("checkbook.ordered", {"account_id": f"a-{customer}"}),
            ("customer.updated", profile(draw, customer)),
        ]
    )


def history(seed: int, size: int = 110) -> list[Event]:
    """Most are received when they happen, some hours or days after."""
    draw = Random(seed)
    events = []
    for number in range(size):
        customer = draw.choice(PEOPLE)
        time = START + timedelta(seconds=draw.randrange(25 * 24 * 3600))
        late = draw.choice([0, 0, 0, 0, 0, 7, 50])
        type_, data = happening(draw, time, customer)
        received = time + timedelta(hours=late, seconds=late)
        events.append(Event("shop", f"e{number}", type_, time, customer, data, received, customer))
    return sorted(events, key=lambda event: (event.received, event.order))


@dataclass(slots=True)
class Road:
    """The real steps, on a clock of the test's own."""

    engine: Engine
    configuration: Configuration
    now: datetime = START

    def walk(self, events: Sequence[Event]) -> None:
        for received, together in groupby(events, key=lambda event: event.received):
            self.advance(received)
            for event in together:
                told(self.engine, event, writes_customer=True)
            read_all(self.engine, self.configuration, now=received)
        self.advance(END)

    def advance(self, until: datetime) -> None:
        while (due := self.next_due()) is not None and due < until:
            now = max(due, self.now)
            post = Post(self.engine, self.configuration)
            found = claim(self.engine, self.parts, limit=1, now=now)
            post.deliver(found.letters, now)
            read_all(self.engine, self.configuration, now=now)
        self.now = until

    def next_due(self) -> datetime | None:
        query = select(func.min(occurrences.c.due)).where(occurrences.c.state == "pending")
        return reading(self.engine, lambda connection: connection.execute(query).scalar())

    @property
    def parts(self) -> ClaimParts:
        return ClaimParts(
            configuration=self.configuration,
            hasher=HASHER,
            senders=SENDERS,
            owner=OWNER,
            preferences=lambda _: PLACEHOLDERS.given["preferences"],
            shortener=SHORTENER,
            monotonic=lambda: 0.0,
        )

    def with_whole_links(self, text: str) -> str:
        """A forecast shows where a short link leads."""
        for link in rows(self.engine, links):
            whole = link.url or PLACEHOLDERS.given[link.name]
            text = text.replace(SHORTENER.address(link.token), whole)
        return text

    def outcomes(self) -> Iterator[tuple[Any, ...]]:
        letters = {row.message_id: row for row in rows(self.engine, attempts)}
        written = {row.occurrence_id: row for row in rows(self.engine, messages)}
        calls = {row.occurrence_id: row for row in rows(self.engine, handoffs)}
        for row in rows(self.engine, occurrences):
            name = (row.trigger, row.customer_id, row.key, row.epoch)
            message, call = written.get(row.id), calls.get(row.id)
            if message is not None and message.state == MessageState.PARKED:
                yield (*name, Outcome.SKIPPED, Reason.TEXT_FAILED)
            elif message is not None:
                sent = letters[message.id]
                text = self.with_whole_links(sent.text)
                long = segments(text) if sent.channel == "sms" else 0
                yield (*name, Outcome.SENT, sent.channel, sent.address, text, long)
            elif call is not None:
                yield (*name, Outcome.HANDED_OVER, call.queue)
            elif row.state == Outcome.CALLED_OFF:
                yield (*name, Outcome.CALLED_OFF)
            else:
                yield (*name, Outcome(row.state), row.reason)


def as_outcome(line: Line) -> tuple[Any, ...]:
    name = (*line.key, line.epoch)
    match line.outcome:
        case Outcome.SENT:
            return (*name, line.outcome, line.channel, line.to, line.text, line.segments)
        case Outcome.HANDED_OVER:
            return (*name, line.outcome, line.to)
        case Outcome.CALLED_OFF:
            return (*name, line.outcome)
        case _:
            return (*name, line.outcome, line.reason)


def foretold(configuration: Configuration, events: Sequence[Event]) -> list[Line]:
    forecast = Forecast(configuration, house=House(SALT, HASHER.epoch, message_id_of))
    lines = [line for event in events for line in forecast.take(event)]
    return [*lines, *forecast.finish(END)]


def last(lines: Sequence[Line]) -> Mapping[tuple[str, ...], Line]:
    """What was called off may have waited again: its last word counts."""
    return {(*line.key, line.epoch): line for line in lines}


@pytest.fixture
def road(sqlite_database_url: str) -> Iterator[Road]:
    engine = make_engine(sqlite_database_url)
    configuration = rules()
    Post(engine, configuration).store(house, name="salt", value=SALT)
    yield Road(engine, configuration)
    engine.dispose()


@pytest.mark.parametrize(
    ("seed", "size"),
    [
        *((seed, 110) for seed in range(3)),
        pytest.param(104, 220, id="two who share a phone at the same moment"),
        pytest.param(109, 220, id="a later session leaves before an earlier one"),
        pytest.param(206, 220, id="a late start is of a session that is spent"),
    ],
)
def test_a_forecast_says_what_the_worker_does(road: Road, seed: int, size: int) -> None:
    events = history(seed, size)
    road.walk(events)

    lines = foretold(road.configuration, events)

    assert sorted(map(as_outcome, last(lines).values()), key=str) == sorted(
        road.outcomes(), key=str
    )
    assert {line.outcome for line in lines} >= {
        Outcome.SENT, Outcome.HANDED_OVER, Outcome.SKIPPED, Outcome.CALLED_OFF,
    }  # fmt: skip


@pytest.mark.parametrize("seed", [11])
def test_a_message_leaves_when_it_was_foretold_but_for_the_grace(road: Road, seed: int) -> None:
    events = history(seed)
    road.walk(events)
    lines = last(foretold(road.configuration, events))

    left = {(r.trigger, r.customer_id, r.key, r.epoch): r for r in rows(road.engine, messages)}
    waited = {name: row.claimed_at - lines[name].at for name, row in left.items()}

    grace = road.configuration.policy.grace
    assert left
    assert {name: wait for name, wait in waited.items() if not timedelta() <= wait <= grace} == {}
