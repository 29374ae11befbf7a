"""How many events a second go from the stream to decided, beside the usual way and the limit?

The shipped triggers, one event in twenty starts an occurrence; api aside, the processes are those
of docker-compose.yml. All that is to be taken lies there when the clock begins.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial

import orjson

from bench.accept_to_decided import introduce, told
from bench.house import House, client, house, settle
from bench.measuring import (
    Sample,
    Watch,
    figures,
    interleaved,
    middle_cpu,
    most_memory,
    ratio,
)  # fmt: skip
from bench.results import Result, Scale, at_least
from bench.yardsticks.running import RAW, USUAL, clock, raw_once, usual_once, yardstick
from worker.stream import GROUP, STREAM

STAGED = "staged"
PAGE = 1_000
STORED = "stored, indexes included: a million events, decided"
SIZE = "SELECT pg_database_size(current_database())"
NAME = "accept → decided, from the stream, PostgreSQL"


class Ours:
    """The installation, round after round: each event is a new one."""

    def __init__(self, made: House) -> None:
        self._house = made
        self._redis = client(made)
        self._done = 0

    def once(self, events: int) -> Sample:
        self._stage(range(self._done, self._done + events))
        self._done += events
        with Watch(self._house.trees()) as watch:
            begun = clock()
            self._redis.rename(STAGED, STREAM)
            self._house.until(self._decided, "the last decision")
            wall = clock() - begun
        return watch.sample(events / wall, per=events)

    def _decided(self) -> bool:
        if self._redis.xlen(STREAM) or self._house.unread():
            return False
        return self._house.ask("SELECT count(*) FROM events WHERE state = 'read'") >= self._done

    def _stage(self, numbers: range) -> None:
        for start in range(numbers.start, numbers.stop, PAGE):
            with self._redis.pipeline(transaction=False) as together:
                for number in range(start, min(start + PAGE, numbers.stop)):
                    together.xadd(STAGED, {"event": orjson.dumps(told(number))})
                together.execute()
        self._redis.xgroup_create(STAGED, GROUP, id="0")


def workload(scale: Scale) -> Iterator[Result]:
    with ExitStack() as stack:
        made = stack.enter_context(house())
        servers = made.servers["PostgreSQL"], made.servers["Redis"]
        made.start("inbox", "events", "beat")
        usual = stack.enter_context(yardstick(*servers, [USUAL], 2))
        raw = stack.enter_context(yardstick(*servers, [RAW, RAW], 3))
        ours, events = Ours(made), scale.of(30_000, 6_000)
        introduce(made.engine, range(1_000 + scale.rounds * events))
        ours.once(1_000)
        usual_once(usual, 100)
        for engine in (made.engine, usual.engine, raw.engine):
            settle(engine)
        runs = {
            "ours": partial(ours.once, events),
            "usual": partial(usual_once, usual, scale.of(3_000, 600)),
            "raw": partial(raw_once, raw, scale.of(100_000, 20_000)),
        }
        before = made.ask(SIZE)
        found = interleaved(scale.rounds, runs)
        grown = made.ask(SIZE) - before
    mine = found["ours"]
    yield Result(
        "stream", NAME, "events/s", figures(mine), at_least(6_000),
        cpu=middle_cpu(mine), memory=most_memory(mine),
        ratios=[
            ratio(mine, "the usual Celery design", found["usual"], at_least(8)),
            ratio(mine, "the raw loop", found["raw"], at_least(1 / 9)),
        ],
    )  # fmt: skip
    stored = grown / (scale.rounds * events) / 1000
    yield Result("stream", STORED, "GB", [stored])
    for name, told_ in (("usual", "the usual Celery design"), ("raw", "the raw loop")):
        one = found[name]
        yield Result(
            "stream", f"yardstick: {told_}, an outbox row each", "events/s", figures(one),
            cpu=middle_cpu(one), memory=most_memory(one),
        )  # fmt: skip
