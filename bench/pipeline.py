"""How many events a second go from HTTP to the provider and into the record, beside the usual way?

A hundred rules, one message an event, a provider that answers at once. Ours and the usual way (a
task an event and a task a message, SQLAlchemy, Twilio's SDK on requests) get the same requests
from the same load generator, and the same stand-in answers both.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import text

from bench.account_files import ACCOUNT_FILES, phone, profile
from bench.doors import refuse_others
from bench.house import House, house, publishing, settle
from bench.load import publisher
from bench.measuring import (
    Sample,
    Watch,
    figures,
    interleaved,
    middle_cpu,
    most_memory,
    ratio,
    steps,
)
from bench.provider import Provider, provider
from bench.results import Ratio, Result, Scale, at_least, at_most
from bench.yardsticks.rules import told
from bench.yardsticks.running import PROCESSES, USUAL, Yardstick, clock, yardstick
from tests.servers import free_port

NOTIFY = 80.0
"""GOV.UK Notify's (alphagov/notifications-api), measured on two such cores; not in this run."""
RECORDED = "SELECT count(*) FROM messages WHERE state = 'accepted'"
PEOPLE = 1_000
SENDERS = "With two senders, one for each core; the yardstick has two workers."


@dataclass
class Ours:
    """The installation, round after round: each event is a new one, of another customer."""

    made: House
    provider: Provider
    done: int = 0

    def _recorded(self, events: int) -> bool:
        """The database is not asked while it is at work: counting would be part of its cost."""
        return self.provider.count() >= events and self.made.ask(RECORDED) >= self.done

    def once(self, events: int, *, batch: int) -> Sample:
        numbers = range(self.done, self.done + events)
        self.done += events
        self.provider.reset()
        for start in range(numbers.start, numbers.stop, PEOPLE):
            people = range(start, min(start + PEOPLE, numbers.stop))
            self.made.post("/v1/customers:batch", [profile(one) for one in people])
        requests = publishing(_events(numbers), batch=batch)
        with (
            publisher(self.made.port, requests, connections=_connections(batch)) as load,
            Watch(self.made.trees(load=load.pid, provider=self.provider.pid)) as watch,
        ):
            begun = clock()
            load.begin()
            refuse_others(load.end())
            self.made.until(partial(self._recorded, events), "the last message")
            wall = clock() - begun
        return watch.sample(events / wall, per=events)


@dataclass
class Usual:
    """The same for the usual way; its door listens at a port of its own."""

    running: Yardstick
    port: int
    provider: Provider
    done: int = 0

    def once(self, events: int, *, batch: int) -> Sample:
        numbers = range(self.done, self.done + events)
        self.done += events
        self.provider.reset()
        with self.running.engine.begin() as connection:
            people = [{"id": f"c{one}", "phone": phone(one)} for one in numbers]
            connection.execute(
                text("INSERT INTO customers (id, phone) VALUES (:id, :phone)"), people
            )
        requests = publishing(_events(numbers), batch=batch)
        with (
            publisher(self.port, requests, connections=_connections(batch)) as load,
            Watch(self.running.trees(load=load.pid, provider=self.provider.pid)) as watch,
        ):
            begun = clock()
            load.begin()
            refuse_others(load.end())
            for _ in steps(120):
                if self.provider.count() < events:
                    continue
                if self.running.count("accepted") >= self.done:
                    break
            wall = clock() - begun
        return watch.sample(events / wall, per=events)


def _events(numbers: range) -> list[Any]:
    """As of now: what happened long ago would be late."""
    return [{name: one for name, one in told(number).items() if name != "time"}
            for number in numbers]  # fmt: skip


def _connections(batch: int) -> int:
    return 32 if batch == 1 else 4


def workload(scale: Scale) -> Iterator[Result]:
    with ExitStack() as stack:
        stand_in = stack.enter_context(provider())
        made = stack.enter_context(house(files=ACCOUNT_FILES, environment=stand_in.environment))
        made.start("api", "events", "send", "send", "beat")
        port = free_port()
        door = ("uvicorn", "bench.yardsticks.usual_door:app", "--port", str(port),
                "--log-level", "info", "--no-access-log")  # fmt: skip
        servers = made.servers["PostgreSQL"], made.servers["Redis"]
        more = {"USUAL_SENDS": "yes", "USUAL_PROVIDER_URL": stand_in.url}
        other = stack.enter_context(yardstick(*servers, [USUAL, door], 2, more))
        ours, usual = Ours(made, stand_in), Usual(other, port, stand_in)
        # as many rows as make PostgreSQL ask its indexes, as it does in an installation that lives
        ours.once(scale.of(5_000, 500), batch=100)
        usual.once(scale.of(1_000, 100), batch=100)
        for engine in (made.engine, other.engine):
            settle(engine)
        runs = {
            "batches": partial(ours.once, scale.of(8_000, 1_500), batch=100),
            "usual": partial(usual.once, scale.of(1_500, 300), batch=100),
            "single": partial(ours.once, scale.of(4_000, 800), batch=1),
        }
        found = interleaved(scale.rounds, runs)
    yield from _rows(found)


def _rows(found: dict[str, list[Sample]]) -> Iterator[Result]:
    ours, usual, single = found["batches"], found["usual"], found["single"]
    beside = [
        ratio(ours, "the usual Celery design", usual, at_least(6)),
        Ratio("GOV.UK Notify's 80/s", [one.figure / NOTIFY for one in ours], at_least(25)),
    ]
    name = "HTTP batches of 100 → provider accepted → recorded"
    yield Result("pipeline", name, "events/s", figures(ours), at_least(2_000),
                 cpu=middle_cpu(ours), memory=most_memory(ours), ratios=beside,
                 note=SENDERS)  # fmt: skip
    spent = [sum(one.cpu.values()) for one in ours]
    yield Result("pipeline", "the same: CPU of all processes an event", "ms", spent, at_most(0.8))
    yield Result("pipeline", "single HTTP events → provider accepted → recorded", "events/s",
                 figures(single), at_least(1_000), cpu=middle_cpu(single),
                 memory=most_memory(single), note=SENDERS)  # fmt: skip
    yield Result("pipeline", f"yardstick: the usual Celery design, prefork {PROCESSES}, batches",
                 "events/s", figures(usual), cpu=middle_cpu(usual),
                 memory=most_memory(usual))  # fmt: skip
