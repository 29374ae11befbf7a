"""What has been counted, by every process there ever was?

A tally is written by the transaction that does what it counts, as its last statement: so it is
true whichever process dies, on however many machines, and nobody has to collect it from anywhere.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import NamedTuple

import orjson
from sqlalchemy import Connection, func, select

from worker.store.bulk import Insertion
from worker.store.tables import tallies

PARTS = 16
"""Rows of one tally, so that transactions which count the same seldom wait for each other."""

SECONDS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 900.0, 3600.0)
SIZES = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0)
INFINITE = "+Inf"

_WAITING = "tallies"
_ADD = Insertion(
    tallies, conflict="(name, labels, part) DO UPDATE SET value = tallies.value + excluded.value"
)


class Meaning(NamedTuple):
    """How Prometheus calls it, what it says, and what tells its series apart: nothing personal.

    `buckets`: what is observed is spread over these; none: it is only counted.
    """

    name: str
    text: str
    labels: tuple[str, ...]
    buckets: tuple[float, ...] = ()


class Tally(Enum):
    ACCEPTED = Meaning("outreach_events_accepted", "Events stored, by door.", ("door",))
    SET_ASIDE = Meaning(
        "outreach_events_set_aside",
        "Events our own code failed on; each holds its customer until it is replayed or dismissed.",
        (),
    )
    DECIDED = Meaning(
        "outreach_decisions",
        "Decisions written, those to ask again later among them.",
        ("trigger", "verdict", "reason"),
    )
    ATTEMPTS = Meaning(
        "outreach_attempts",
        "Calls of providers that came to this outcome; receipts bring the later ones.",
        ("channel", "sender", "outcome"),
    )
    DELAY = Meaning(
        "outreach_publish_to_provider_seconds",
        "From an event's acceptance, or from the moment due where it waited, until a provider had"
        " the message.",
        ("waited",),
        SECONDS,
    )
    COMMIT = Meaning(
        "outreach_accept_commit_events",
        "Events stored by one commit of the events door.",
        (),
        SIZES,
    )


class Counted(NamedTuple):
    """The sum of one series; of a histogram one bucket (not those below it), or `_sum`."""

    name: str
    labels: Mapping[str, str]
    value: float


def count(connection: Connection, what: Tally, amount: float = 1, **labels: str) -> None:
    """To be written when this transaction ends, and only if it does."""
    add(connection, what.value.name, labels, amount)


def observe(connection: Connection, what: Tally, value: float, **labels: str) -> None:
    """One of a histogram."""
    meaning = what.value
    bucket = next((str(one) for one in meaning.buckets if value <= one), INFINITE)
    add(connection, f"{meaning.name}_bucket", {**labels, "le": bucket}, 1)
    add(connection, f"{meaning.name}_sum", labels, value)


def add(connection: Connection, name: str, labels: Mapping[str, str], amount: float) -> None:
    waiting: Counter[tuple[str, str]] = connection.info.setdefault(_WAITING, Counter())
    waiting[name, orjson.dumps(labels, option=orjson.OPT_SORT_KEYS).decode()] += amount  # type: ignore[assignment]


def begin(connection: Connection) -> None:
    """A connection may have served a transaction before that failed."""
    connection.info.pop(_WAITING, None)


def write(connection: Connection) -> None:
    """The last statement of a transaction: who waits for a tally holds nothing anybody wants."""
    waiting: Mapping[tuple[str, str], float] = connection.info.pop(_WAITING, {})
    part = random.randrange(PARTS) if connection.dialect.name == "postgresql" else 0  # noqa: S311
    _ADD.run(
        connection,
        [
            {"name": name, "labels": labels, "part": part, "value": value}
            # in one order: of two who add to the same ones, neither has what the other waits for
            for (name, labels), value in sorted(waiting.items())
        ],
    )


def read_tallies(connection: Connection) -> Iterable[Counted]:
    of = tallies.c
    query = select(of.name, of.labels, func.sum(of.value)).group_by(of.name, of.labels)
    rows = connection.execute(query.order_by(of.name, of.labels))
    return [Counted(name, orjson.loads(labels), float(value)) for name, labels, value in rows]
