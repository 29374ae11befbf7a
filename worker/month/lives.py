"""What happens to each customer in the month, whatever we write? As business systems tell it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from triggers.clock import stamp
from worker.month.luck import Luck, within
from worker.month.people import Person
from worker.month.truth import ANYHOW

DAYS = 30
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
CLEARED = 8 * HOUR
"""Deposited checks come once a day, from clearing, at this hour (UTC)."""

CHECKS_OF_A_BOOK = 20
TOPICS = ("card", "account", "fees", "password")

WORKDAYS = frozenset({6, 0, 1, 2, 3})
"""Sunday to Thursday, as `datetime.weekday` counts."""


class Told(NamedTuple):
    """A business event, and when it happened."""

    at: datetime
    event: Mapping[str, Any]


class Doubt(NamedTuple):
    """Whether this customer calls about it: `chance` is held against the trigger's truth."""

    at: datetime
    person: Person
    trigger: str
    key: str
    chance: float


class Life(NamedTuple):
    events: list[Told]
    doubts: list[Doubt]


def live(person: Person, luck: Luck, begin: datetime) -> Life:
    """Their own events, and what they may call about."""
    life = Life([], [])
    for name, share, happen in HAPPENINGS:
        draw = luck.of(name, person.id)
        if draw.random() < share:
            for one in happen(person, draw, begin):
                (life.doubts if isinstance(one, Doubt) else life.events).append(one)  # type: ignore[arg-type]
    return life


def event(
    source: str, type_: str, person: Person, at: datetime, data: Mapping[str, Any], which: str = ""
) -> Told:
    """`which` tells two of one customer and type apart."""
    of = which or "-".join(str(value) for value in data.values())[:60]
    return Told(
        at,
        {
            "specversion": "1.0",
            "id": f"{type_}-{person.id}-{of}",
            "source": source,
            "type": type_,
            "subject": person.id,
            "time": stamp(at),
            "data": dict(data),
        },
    )


def _cart(person: Person, draw: Random, begin: datetime) -> Iterator[Told | Doubt]:
    last = 21.0 if draw.random() < 0.85 else DAYS - 0.05
    at = _by_day(begin, draw, 0.1, last)
    cart = f"k-{person.id}"
    total = round(draw.uniform(70, 900), 2)
    items = draw.randint(1, 5)
    data = {"cart_id": cart, "total": total, "items": items}
    yield event("shop", "checkout.started", person, at, data, cart)
    paid = {"cart_id": cart, "total": total}
    if draw.random() < 0.15:
        done = at + within(draw, 5 * MINUTE, 50 * MINUTE)
        yield event("shop", "checkout.completed", person, done, paid, cart)
    else:
        yield _doubt("abandoned_checkout", person, cart, at + HOUR, draw)


def _plan(person: Person, draw: Random, begin: datetime) -> Iterator[Told | Doubt]:
    at, plan = _by_day(begin, draw, 0, 24), f"p-{person.id}"
    ends = (at + within(draw, 9 * DAY, 36 * DAY)).date()
    data = {"plan_id": plan, "status": "active", "auto_renew": draw.random() < 0.15,
            "end_date": ends.isoformat(), "amount": draw.randint(90, 900)}  # fmt: skip
    yield event("billing", "payment_plan.updated", person, at, data, plan)
    fate = draw.random()
    if fate < 0.2:
        renewed = at + within(draw, DAY, 2 * DAY)
        yield event("billing", "payment_plan.renewed", person, renewed, {"plan_id": plan})
    elif fate < 0.26:
        ended = at + within(draw, DAY, 2 * DAY)
        yield event("billing", "payment_plan.cancelled", person, ended, {"plan_id": plan})
    else:
        warned = datetime.combine(ends, datetime.min.time(), UTC) - 7 * DAY
        yield _doubt("payment_plan_ending", person, plan, max(at, warned) + 9 * HOUR, draw)


def _checks(person: Person, draw: Random, begin: datetime) -> Iterator[Told | Doubt]:
    account, first = f"a-{person.id}", draw.randint(1000, 9000)
    number = draw.randint(CHECKS_OF_A_BOOK - 3, CHECKS_OF_A_BOOK + 4)
    days = sorted(draw.randint(1, 19) for _ in range(number))
    for index, day in enumerate(days):
        at = begin.replace(hour=0, minute=0, second=0) + day * DAY + CLEARED
        data = {"account_id": account, "check_number": str(first + index),
                "amount": draw.randint(50, 4000)}  # fmt: skip
        yield event("clearing", "check.deposited", person, at, data, str(first + index))
    if number >= CHECKS_OF_A_BOOK:
        full = begin.replace(hour=0, minute=0, second=0) + days[CHECKS_OF_A_BOOK - 1] * DAY
        yield _doubt("low_checkbook", person, account, full + CLEARED + HOUR, draw)


def _claim(person: Person, draw: Random, begin: datetime) -> Iterator[Told | Doubt]:
    at = begin + within(draw, HOUR, DAYS * DAY - HOUR)
    claim = f"m-{person.id}"
    kind = draw.choice(("car", "home", "health", "travel"))
    data = {"claim_id": claim, "kind": kind, "incident_date": (at - DAY).date().isoformat()}
    yield event("claims", "claim.opened", person, at, data, claim)
    fate = draw.random()
    if fate < 0.2:
        filed = at + within(draw, 10 * SECOND, 50 * SECOND)
        yield event("claims", "claim.filed", person, filed, {"claim_id": claim})
        return
    yield _doubt("claim_opened", person, claim, at + 10 * MINUTE, draw)
    if fate < 0.7:
        filed = at + within(draw, 3 * HOUR, 3 * DAY)
        yield event("claims", "claim.filed", person, filed, {"claim_id": claim})
    elif fate < 0.75:
        gone = at + within(draw, 3 * HOUR, DAY)
        yield event("claims", "claim.withdrawn", person, gone, {"claim_id": claim})


def _call(person: Person, draw: Random, begin: datetime) -> Iterator[Told]:
    at = _by_day(begin, draw, 0.5, DAYS - 0.1)
    call = {"call_id": f"s-{person.id}", "topic": draw.choice(TOPICS),
            "seconds": draw.randint(60, 1500)}  # fmt: skip
    yield event("telephones", "service_call.ended", person, at, call, "1")


def _anyhow(person: Person, draw: Random, begin: datetime) -> Iterator[Told]:
    yield contact(person, _by_day(begin, draw, 0.2, DAYS - 0.1), draw.choice(TOPICS), "anyhow")


def contact(person: Person, at: datetime, topic: str, which: str) -> Told:
    ways = ("call", "call", "call", "chat", "email", "visit")
    data = {"channel": ways[sum(map(ord, person.id + which)) % len(ways)], "topic": topic}
    return event("telephones", "support.contacted", person, at, data, which)


def _doubt(trigger: str, person: Person, key: str, since: datetime, draw: Random) -> Doubt:
    at = since + within(draw, 12 * HOUR, 5 * DAY)
    return Doubt(at, person, trigger, key, draw.random())


def workday(begin: datetime, day: int, *, hour: int) -> datetime:
    """The first one from that day of the month on."""
    at = (begin + day * DAY).replace(hour=hour, minute=0, second=0, microsecond=0)
    while at.weekday() not in WORKDAYS:
        at += DAY
    return at


def _by_day(begin: datetime, draw: Random, first: float, last: float) -> datetime:
    """Between these days of the month, when people are awake."""
    day = begin + within(draw, first * DAY, last * DAY)
    at = day.replace(hour=draw.randint(7, 17), minute=draw.randint(0, 59))
    return min(max(at, begin + first * DAY), begin + last * DAY)


HAPPENINGS = (
    ("cart", 0.75, _cart),
    ("plan", 0.4, _plan),
    ("checks", 0.25, _checks),
    ("claim", 0.3, _claim),
    ("call", 0.35, _call),
    ("anyhow", ANYHOW, _anyhow),
)
"""What it is called, the share of customers it happens to, and what happens."""
