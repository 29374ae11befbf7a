"""What happens at the end of quiet hours, when 200,000 wait and leave over half an hour?

Those whose turn comes while we look are real; the others are rows, due later, among which they have
to be found. One trigger of them has a pace. Meanwhile new events come in and are decided.
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
from bench.measuring import Sample, Watch, middle_cpu
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
LATER = """
INSERT INTO occurrences (id, "trigger", customer_id, key, epoch, state, reason, start_time,
    start_source, start_id, moment, due, expires, priority, category, bundle, created_at,
    updated_at)
SELECT md5('later' || n), 'rule_1', 'later' || n, 'k', n::text, 'pending', 'quiet', now(), '', '',
    now(), now() + interval '10 minutes' + n * interval '1 s' * %d / %d, now() + interval '1 day',
    1, 'service', '', now(), now()
FROM generate_series(1, %d) AS n
"""
SPREAD_OUT = """
UPDATE occurrences SET reason = 'quiet', due = now() + interval '3 s' + place * interval '1 s' / %f
FROM (SELECT id AS which, row_number() OVER (ORDER BY id) AS place FROM occurrences
      WHERE state = 'pending' AND "trigger" <> 'rule_0' AND reason IS DISTINCT FROM 'quiet') AS own
WHERE id = which
"""
TOGETHER = """
UPDATE occurrences SET due = now() + interval '3 s' WHERE state = 'pending' AND "trigger" = 'rule_0'
"""
LEFT = """
SELECT o."trigger", o.due, a.claimed_at FROM attempts AS a
JOIN messages AS m ON m.id = a.message_id JOIN occurrences AS o ON o.id = m.occurrence_id
WHERE a.claimed_at > (SELECT now() - interval '5 minutes')
"""


class Burst(NamedTuple):
    """Seconds after their moment at which the last hundredth was claimed; the most of the paced
    trigger in any second; how much longer new events took to be decided."""

    late: float
    most: int
    slower: float
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
        with made.engine.begin() as connection:
            connection.exec_driver_sql(LATER % (SPREAD, waiting, waiting))
            connection.exec_driver_sql("ANALYZE")
        quiet = _decide(made, 10_000_000, seconds)
        made.start("send", "beat")
        with made.engine.begin() as connection:
            connection.exec_driver_sql(SPREAD_OUT % rate)
            connection.exec_driver_sql(TOGETHER)
        with Watch(made.trees(provider=stand_in.pid)) as watch:
            busy = _decide(made, 20_000_000, seconds)
            made.until(lambda: stand_in.count() >= len(due) + len(paced), "the last message")
        late, most = _punctual(made, stand_in)
    return Burst(late, most, busy / quiet, watch.sample(late, per=len(due)))


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


def _decide(made: House, first: int, seconds: int) -> float:
    """Seconds of decision an event, for events that start nothing, over about so long."""
    pause, spent = threading.Event(), 0.0
    for turn in range(seconds):
        numbers = range(first + 500 * turn, first + 500 * (turn + 1))
        begun = clock()
        _publish(made, [_event(number, kind="another") for number in numbers])
        made.until(lambda: not made.unread(), "the last decision")
        spent += clock() - begun
        pause.wait(max(0.0, 1 - (clock() - begun)))
    return spent / (500 * seconds)


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
                 [x.slower for x in found], at_most(1.2))  # fmt: skip


def main() -> None:
    for one in workload(Scale(quick="--quick" in sys.argv, rounds=1)):
        print(f"{one.figure}: {one.median:.2f} {one.unit}", flush=True)


if __name__ == "__main__":
    main()
