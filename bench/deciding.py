"""How many events a second does the pure core decide on one core, and does it grow with triggers?

`python -m bench.deciding`: the shipped triggers, 5 % of the events start something; what one of
their conditions costs; then the same events among 10 and 10,000 triggers that do not match, over as
many types and all on one type.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from triggers.clerk import House
from triggers.conditions import Condition, Env
from triggers.configuration import Configuration, read_configuration
from triggers.events import Event
from triggers.forecast import Forecast
from triggers.remembering import BEGINNING
from triggers.shapes import Scope
from worker.folder import read_folders

CUSTOMERS = 5_000
START = datetime(2026, 11, 1, tzinfo=UTC)
END = START + timedelta(days=90)
GOAL = 20_000


def shipped() -> dict[str, str]:
    return dict(read_folders(Path("config"), Path("templates"))[0])


def history(size: int, *, seed: int = 1) -> list[Event]:
    """A month; one event in twenty starts something, the others are what surrounds it."""
    draw, step = Random(seed), timedelta(days=30) / size
    return [_event(draw, number, START + number * step) for number in range(size)]


def _event(draw: Random, number: int, time_: datetime) -> Event:
    customer = f"c{draw.randrange(CUSTOMERS)}"
    type_, data = happening(draw, number, customer, time_)
    return Event("bench", str(number), type_, time_, customer, data, time_, customer)


def happening(  # noqa: PLR0911 - one for each type
    draw: Random, number: int, customer: str, time_: datetime
) -> tuple[str, Mapping[str, Any]]:
    ends = (time_ + timedelta(days=draw.randrange(8, 60))).date().isoformat()
    plan = {"plan_id": f"p-{customer}", "status": "active", "end_date": ends}
    match number % 100:
        case 0 | 1:
            return "checkout.started", {"cart_id": f"k{number}", "total": 250.0, "items": 2}
        case 2:
            return "payment_plan.updated", {**plan, "auto_renew": False}
        case 3:
            return "service_call.ended", {"call_id": f"s{number}", "topic": "card"}
        case 4:
            return "claim.opened", {"claim_id": f"m{number}", "kind": "car"}
        case 5:
            return "claim.filed", {"claim_id": f"m{number - 1}"}
        case few if few < 20:
            return "payment_plan.updated", {**plan, "auto_renew": True}
        case some if some < 40:
            return "checkout.completed", {"cart_id": f"k{number}", "total": 99.9}
        case some if some < 60:
            return "support.contacted", {"channel": "call"}
        case _:
            check = {"account_id": f"{customer}-{number % 8}", "check_number": str(number)}
            return "check.deposited", {**check, "amount": 300.5}


def seconds(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def decide(configuration: Configuration, events: Sequence[Event], kept: int) -> Counter[str]:
    """The outcomes of these events, told by a fresh forecast that holds so much ready."""
    forecast = Forecast(configuration, house=House(kept=kept))
    for number in range(CUSTOMERS):
        profile = {"phone": f"+97250{number:07}", "language": "he"}
        forecast.know(f"c{number}", profile, BEGINNING)
    return Counter(line.outcome.value for line in _played(forecast, events))


def _played(forecast: Forecast, events: Sequence[Event]) -> Iterator[Any]:
    for event in events:
        yield from forecast.take(event)
    yield from forecast.finish(END)


def speed(size: int) -> None:
    configuration, events = read_configuration(shipped()), history(size)
    outcomes = decide(configuration, events, size)
    print(f"outcomes of {size:,} events: {dict(outcomes)}")
    for told, kept in (("everybody awake", 2 * size), ("many customers asleep", size // 10)):
        rate = size / _median(partial(decide, configuration, events, kept))
        line = f"{rate:9,.0f} events/s of CPU, {rate / GOAL:.2f} x the goal"
        print(f"shipped triggers, {told:<24}{line}", flush=True)


def conditions(size: int) -> None:
    """One asking of a compiled condition, over the events that the shipped ones are written for."""
    events, triggers = history(size), read_configuration(shipped()).triggers.values()
    asked = [
        (one.when, Env(event=event))
        for one in triggers
        for event in events
        if one.when and one.on == event.type
    ]
    spent = _median(lambda: [when.may_hold(env) for when, env in asked])
    print(f"a shipped trigger's condition, asked once: {1e6 * spent / len(asked):.2f} µs")


def _median(work: Callable[[], object]) -> float:
    return statistics.median(seconds(work) for _ in range(3))


SILENT = """
trigger: silent
on: cart.seen
key: event.data.cart_id
when: event.data.kind == "kind 0"
wait: 1h
send: [{message: silent, by: [sms]}]
limits: {category: service}
"""
SEEN = """
event: cart.seen
data: {type: object, properties: {cart_id: {type: string}, kind: {type: string}}}
"""


def silent(number: int, *, types: int) -> Configuration:
    """So many triggers over so many event types; the events below start none of them."""
    told = {
        "config/events/cart.seen.yaml": SEEN,
        "config/triggers/silent.yaml": SILENT,
        "templates/silent/sms.he.txt": "שלום",
        "templates/silent/sms.en.txt": "Hello",
    }
    configuration = read_configuration(shipped() | told)
    one = configuration.triggers["silent"]
    scope = one.when.scope if one.when else Scope({})
    triggers = {
        f"silent_{n}": replace(
            one,
            name=f"silent_{n}",
            on=f"{one.on}.{n % types}" if n % types else one.on,
            when=Condition(f'event.data.kind == "kind {n}"', scope),
        )
        for n in range(number)
    }
    return replace(configuration, triggers=triggers)


def seen(size: int) -> list[Event]:
    step = timedelta(days=30) / size
    return [
        Event("bench", str(n), "cart.seen", START + n * step, f"c{n % CUSTOMERS}",
              {"cart_id": f"k{n}", "kind": "none of them"}, START + n * step)
        for n in range(size)
    ]  # fmt: skip


def growth(size: int, most: int) -> None:
    events = seen(size)
    for told, few, many in (
        ("one type", silent(10, types=1), silent(most, types=1)),
        ("a type each", silent(10, types=10), silent(most, types=most)),
    ):
        costs = _costs(few, many, events)
        ratio = costs[1] / costs[0]
        line = f"{costs[0]:5.1f} -> {costs[1]:5.1f} µs an event, {ratio:.2f} x"
        print(f"10 -> {most:,} triggers, {told:<12}{line}", flush=True)


def _costs(few: Configuration, many: Configuration, events: Sequence[Event]) -> tuple[float, float]:
    """Microseconds of CPU an event, the least of nine rounds by turns: what disturbs only adds."""
    rounds = [(once(few, events), once(many, events)) for _ in range(9)]
    return min(one for one, _ in rounds), min(other for _, other in rounds)


def once(configuration: Configuration, events: Sequence[Event]) -> float:
    forecast = Forecast(configuration)
    spent = seconds(lambda: [list(forecast.take(event)) for event in events])
    return 1e6 * spent / len(events)


def measure(events: int, *, triggers: int = 10_000) -> None:
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    speed(events)
    conditions(events)
    growth(events // 3, triggers)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=60_000)
    parser.add_argument("--triggers", type=int, default=10_000)
    given = parser.parse_args()
    measure(given.events, triggers=given.triggers)


if __name__ == "__main__":
    main()
