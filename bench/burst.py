"""What happens at the end of quiet hours, when 200,000 wait and leave over half an hour?

Those whose turn comes while we look are real; the others are rows, due later, among which they have
to be found. One trigger of them has a pace. Meanwhile new events come in and are decided; beside it
stands what that takes in the same house before the burst and after it.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime
from statistics import quantiles
from typing import Any, NamedTuple

from bench.account_files import ACCOUNT_FILES, profile
from bench.doors import refuse_others
from bench.house import House, house, publishing
from bench.load import publisher
from bench.measuring import Sample, Watch, cpu_seconds, middle_cpu
from bench.provider import Provider, provider
from bench.results import Result, Scale, at_most
from bench.yardsticks.rules import RULES, told
from bench.yardsticks.running import clock

PEOPLE = 1_000
PACE = 20
SPREAD = 1_800
PACED = ACCOUNT_FILES | {
    "config/triggers/rules.yaml": ACCOUNT_FILES["config/triggers/rules.yaml"].replace(
        "limits: {category: service}", f"limits: {{category: service, pace: {PACE} per 1s}}", 1
    )
}
PEOPLE_LATER = """
INSERT INTO customers (id, profile, field_orders, updated_at)
SELECT 'later' || n, '{}', '{}', now() FROM generate_series(1, %d) AS n
"""
# decided under what is in force: an apply that asked all of them again would be another workload
LATER = """
INSERT INTO occurrences (id, "trigger", customer_id, key, epoch, state, reason, start_time,
    start_source, start_id, moment, due, expires, priority, category, bundle, created_at,
    updated_at)
SELECT md5('later' || n), 'rule_1', 'later' || n, 'k', n::text, 'pending', 'quiet', now(), '', '',
    now(), now() + interval '10 minutes' + n * interval '1 s' * %d / %d, now() + interval '1 day',
    1, 'service', (SELECT bundle FROM activations ORDER BY seq DESC LIMIT 1), now(), now()
FROM generate_series(1, %d) AS n
"""
HELD_BACK = """
UPDATE occurrences SET reason = 'quiet', due = now() + interval '1 hour' WHERE state = 'pending'
"""
RECOMPUTED = "SELECT count(*) FROM activations WHERE recomputed_at IS NULL"
SPREAD_OUT = """
UPDATE occurrences SET due = now() + interval '8 s' + place * interval '1 s' / %f
FROM (SELECT id AS which, row_number() OVER (ORDER BY id) AS place FROM occurrences
      WHERE state = 'pending' AND "trigger" <> 'rule_0' AND customer_id < 'later') AS own
WHERE id = which
"""
TOGETHER = """
UPDATE occurrences SET due = now() + interval '8 s' WHERE state = 'pending' AND "trigger" = 'rule_0'
"""
LEFT = """
SELECT o."trigger", o.due, a.claimed_at FROM attempts AS a
JOIN messages AS m ON m.id = a.message_id JOIN occurrences AS o ON o.id = m.occurrence_id
WHERE a.claimed_at > (SELECT now() - interval '5 minutes')
"""


class Decided(NamedTuple):
    """Of one event: seconds until it was decided, and of the workers' CPU."""

    seconds: float
    cpu: float


class Burst(NamedTuple):
    """Seconds after their moment at which the last hundredth was claimed; the most of the paced
    trigger in any second; what new events took to be decided, without and with it."""

    late: float
    most: int
    quiet: Decided
    busy: Decided
    sample: Sample


def measure(waiting: int, seconds: int) -> Burst:
    rate = waiting / SPREAD
    with ExitStack() as stack:
        stand_in = stack.enter_context(provider())
        made = stack.enter_context(house(files=PACED, environment=stand_in.environment))
        made.start("api", "events")
        due = [n for n in range(1, int(rate * seconds * 1.02)) if n % RULES]
        paced = [RULES * n for n in range(1, PACE * seconds // 2)]
        _publish(made, _telling(made, [*due, *paced]))
        made.until(lambda: not made.unread(), "the last decision")
        _write(made, HELD_BACK, PEOPLE_LATER % waiting, LATER % (SPREAD, waiting, waiting))
        made.start("inbox", "send", "beat")
        made.until(lambda: not made.ask(RECOMPUTED), "the end of the apply")
        made.settle()
        before = _decide(made, 10_000_000, seconds // 2)
        _write(made, SPREAD_OUT % rate, TOGETHER)
        with Watch(made.trees(provider=stand_in.pid)) as watch:
            busy = _decide(made, 20_000_000, seconds)
            made.until(lambda: stand_in.count() >= len(due) + len(paced), "the last message")
        after = _decide(made, 30_000_000, seconds // 2)
        late, most = _punctual(made, stand_in)
    quiet = Decided(*(sum(both) / 2 for both in zip(before, after, strict=True)))
    return Burst(late, most, quiet, busy, watch.sample(late, per=len(due) + len(paced)))


def _write(made: House, *statements: str) -> None:
    with made.engine.begin() as connection:
        for one in statements:
            connection.exec_driver_sql(one)


def _telling(made: House, numbers: Sequence[int]) -> list[Any]:
    for start in range(0, len(numbers), PEOPLE):
        people = numbers[start : start + PEOPLE]
        made.post("/v1/customers:batch", [profile(number) for number in people])
    return [_event(number) for number in numbers]


def _event(number: int, **data: str) -> dict[str, Any]:
    event = told(number)
    del event["time"]
    return event | {"data": event["data"] | data}


def _publish(made: House, events: list[Any]) -> None:
    with publisher(made.port, publishing(events, batch=100), connections=2) as load:
        load.begin()
        refuse_others(load.end())


def _decide(made: House, first: int, seconds: int) -> Decided:
    """What an event takes that starts nothing, over about so long."""
    pause, spent = threading.Event(), 0.0
    [worker] = made.started["events"]
    before = cpu_seconds(worker.pid)
    for turn in range(seconds):
        numbers = range(first + 500 * turn, first + 500 * (turn + 1))
        begun = clock()
        _publish(made, [_event(number, kind="another") for number in numbers])
        made.until(lambda: not made.unread(), "the last decision")
        spent += clock() - begun
        pause.wait(max(0.0, 1 - (clock() - begun)))
    events = 500 * seconds
    return Decided(spent / events, (cpu_seconds(worker.pid) - before) / events)


def _punctual(made: House, stand_in: Provider) -> tuple[float, int]:
    assert stand_in.count()
    with made.engine.connect() as connection:
        rows = connection.exec_driver_sql(LEFT).all()
    late = [(at - due).total_seconds() for trigger, due, at in rows if trigger != "rule_0"]
    assert min(late) >= 0, "something left before its moment"
    paced = sorted(at for trigger, _, at in rows if trigger == "rule_0")
    return quantiles(late, n=100)[98], max(_within(paced, at) for at in paced)


def _within(moments: Sequence[datetime], last: datetime) -> int:
    """In the second that ends then."""
    return sum(1 for one in moments if 0 <= (last - one).total_seconds() < 1)


def workload(scale: Scale) -> Iterator[Result]:
    waiting, seconds = scale.of(200_000, 20_000), scale.of(30, 8)
    found = [measure(waiting, seconds) for _ in range(scale.rounds)]
    name = f"{waiting:,} waiting at the end of quiet hours"
    yield Result("burst", f"{name}: the last hundredth is late by", "s", [x.late for x in found],
                 at_most(1.0), cpu=middle_cpu([x.sample for x in found]))  # fmt: skip
    yield Result("burst", f"{name}: most in a second at a pace of {PACE}", "messages",
                 [x.most for x in found], at_most(PACE))  # fmt: skip
    yield Result("burst", f"{name}: deciding a new event takes longer by", "times",
                 [x.busy.seconds / x.quiet.seconds for x in found], at_most(1.2),
                 note=_told(found[-1]))  # fmt: skip


def _told(burst: Burst) -> str:
    quiet, busy = (f"{1e6 * one.seconds:,.0f} µs" for one in (burst.quiet, burst.busy))
    cpu = (f"{1e6 * one.cpu:,.0f}" for one in (burst.quiet, burst.busy))
    return f"{quiet} → {busy} an event; of the workers' CPU {' → '.join(cpu)} µs."


def main() -> None:
    for one in workload(Scale(quick="--quick" in sys.argv, rounds=1)):
        print(f"{one.figure}: {one.median:.2f} {one.unit}", flush=True)


if __name__ == "__main__":
    main()
