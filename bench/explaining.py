"""How long does it take to explain a customer of whom a thousand events are kept?

`python -m bench.explaining`: the shipped triggers on PostgreSQL (`--sqlite`: on SQLite); the median
and the slowest of all triggers at once, of one, and of a moment in the past.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random

from sqlalchemy import Engine, update

from bench.accept_to_decided import database, prepared
from bench.deciding import happening
from bench.results import Result, Scale, at_most
from triggers.configuration import Configuration, read_configuration
from worker.folder import read_folders
from worker.hashing import Hasher
from worker.steps.accepting import accept_or_refuse
from worker.steps.apply import apply
from worker.steps.evaluate import evaluate
from worker.steps.explain import Question, explain
from worker.store.engine import in_transaction, make_engine
from worker.store.tables import activations

CUSTOMER, OTHERS = "c1", 200
GOAL = timedelta(milliseconds=100)
HASHER = Hasher("a key of the benchmark")


def live(engine: Engine, configuration: Configuration, events: int) -> None:
    """A customer's events, and as many of others round them, all read."""
    draw, now = Random(1), datetime.now(UTC)
    raw = []
    for number in range(2 * events):
        customer = CUSTOMER if number % 2 else f"o{draw.randrange(OTHERS)}"
        at = now - timedelta(days=20) + number * timedelta(days=19) / (2 * events)
        type_, data = happening(draw, number // 2, customer, at)
        raw.append(
            {
                "specversion": "1.0",
                "source": "bench",
                "id": str(number),
                "type": type_,
                "subject": customer,
                "time": at.isoformat(),
                "data": data,
            }
        )
    for start in range(0, len(raw), 500):
        page = raw[start : start + 500]
        accept_or_refuse(engine, configuration, page, door="bench", may_write_customers=True)
    while evaluate(engine, configuration, HASHER).more:
        pass


def workload(scale: Scale) -> Iterator[Result]:
    events = scale.of(1_000, 50)
    most = at_most(GOAL.total_seconds() * 1000)
    for name, samples in asked(events, sqlite=False, rounds=scale.of(20, 3)):
        told_ = f"explain a customer of {events:,} events, {name}"
        yield Result("explain", told_, "ms", [one for one, _ in samples], most)


def measure(events: int, *, sqlite: bool, rounds: int = 20) -> None:
    print(f"{events} events of one customer, goal under {GOAL.total_seconds() * 1000:g} ms")
    for name, samples in asked(events, sqlite=sqlite, rounds=rounds):
        told(name, samples)


def asked(
    events: int, *, sqlite: bool, rounds: int
) -> Iterator[tuple[str, list[tuple[float, float]]]]:
    """Of each question the milliseconds that it took, and those of them that were our own."""
    files, _ = read_folders(Path("config"), Path("templates"))
    configuration = read_configuration(files)
    with database(sqlite) as url:
        engine = make_engine(prepared(url))
        apply(engine, files, "bench")
        early = datetime.now(UTC) - timedelta(days=30)
        in_transaction(engine, lambda c: c.execute(update(activations).values(at=early)))
        live(engine, configuration, events)
        then = datetime.now(UTC) - timedelta(seconds=1)
        for name, question in (
            ("all triggers", Question(CUSTOMER)),
            ("one trigger", Question(CUSTOMER, next(iter(configuration.triggers)))),
            ("all, a moment ago", Question(CUSTOMER, at=then)),
        ):
            ask = partial(explain, engine, HASHER, configuration, question)
            yield name, timed(ask, rounds)
        engine.dispose()


def timed(ask: Callable[[], object], rounds: int) -> list[tuple[float, float]]:
    ask()
    spent = []
    for _ in range(rounds):
        begun, worked = time.perf_counter(), time.process_time()
        ask()
        ended = time.perf_counter() - begun, time.process_time() - worked
        spent.append((1000 * ended[0], 1000 * ended[1]))
    return spent


def told(name: str, samples: list[tuple[float, float]]) -> None:
    """Of this process's own work too: what is left is the database's, and other people's."""
    middle, work = (statistics.median(column) for column in zip(*samples, strict=True))
    slowest = max(one for one, _ in samples)
    print(f"  {name}: median {middle:.0f} ms ({work:.0f} ms of our own), slowest {slowest:.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sqlite", action="store_true")
    parser.add_argument("--events", type=int, default=1_000)
    given = parser.parse_args()
    measure(given.events, sqlite=given.sqlite)


if __name__ == "__main__":
    main()
