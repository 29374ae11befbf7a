"""What do the events just accepted change in what waits?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import Connection, Engine

from triggers.configuration import Configuration
from worker.hashing import Hasher
from worker.steps.ground import Ground
from worker.steps.reading import read_events
from worker.store import customers, inbox
from worker.store.alerts import Alarm, Raised, raise_alerts
from worker.store.clock import read_now
from worker.store.engine import OUTAGE, in_transaction, reading
from worker.store.inbox import Candidate
from worker.store.tallies import Tally, count

log = structlog.get_logger(__name__)

AHEAD = 8
"""Batches that one call looks at, until it finds customers whom no other worker holds."""


@dataclass(frozen=True, slots=True)
class Report:
    """What one call did; `more`: another one would find work."""

    read: int
    set_aside: int
    more: bool


@dataclass(frozen=True, slots=True)
class _Work:
    engine: Engine
    configuration: Configuration
    hasher: Hasher
    now: datetime | None
    limit: int

    def clock(self, connection: Connection) -> datetime:
        return self.now or read_now(connection)


def evaluate(
    engine: Engine,
    configuration: Configuration,
    hasher: Hasher,
    *,
    now: datetime | None = None,
    limit: int = 500,
) -> Report:
    """Read a batch of unread events. `now` is the database's clock unless it is given."""
    work = _Work(engine, configuration, hasher, now, limit)
    after = 0
    for _ in range(AHEAD):
        seen = _look(work, after)
        report = _read_of(work, seen)
        if report.read or report.set_aside or len(seen) <= limit:
            return report
        # others hold all of them: they are looked at once more when those have let go
        after = seen[-1].seq
    return report


def _look(work: _Work, after: int) -> list[Candidate]:
    """A batch, and one more where there is more."""
    return reading(
        work.engine, lambda connection: inbox.unread(connection, most=work.limit + 1, after=after)
    )


def _read_of(work: _Work, seen: list[Candidate]) -> Report:
    """Read those of these events whose customers nobody else holds."""
    mine = _handed_on(work, seen)
    _register(work, mine)
    fresh = [one for one in mine if not one.tries]
    # who has failed before is read alone, so that it takes nobody with it again
    batches = [fresh, *([one] for one in mine if one.tries)]
    reports = [_read(work, batch) for batch in batches if batch]
    read, set_aside = (sum(column) for column in zip((0, 0), *reports, strict=True))
    done = read + set_aside
    return Report(read, set_aside, more=0 < done < len(seen))


def _handed_on(work: _Work, seen: list[Candidate]) -> list[Candidate]:
    """What came for an id that is merged into another is the other's before anybody reads it."""
    seqs = [one.seq for one in seen if one.merged_into]
    if not seqs:
        return seen
    in_transaction(work.engine, lambda connection: inbox.hand_on(connection, seqs))
    return [
        one._replace(customer=one.merged_into, customer_known=True) if one.merged_into else one
        for one in seen
    ]


def _register(work: _Work, seen: Iterable[Candidate]) -> None:
    unknown = {one.customer for one in seen if not one.customer_known}

    def register(connection: Connection) -> None:
        customers.register(connection, unknown, now=work.clock(connection))

    if unknown:
        in_transaction(work.engine, register)


def _read(work: _Work, batch: Sequence[Candidate]) -> tuple[int, int]:
    """How many were read and set aside; a failing batch is halved until the culprit is alone."""
    try:
        return in_transaction(work.engine, lambda connection: _at_once(connection, work, batch)), 0
    except OUTAGE:
        raise
    except Exception as error:
        if len(batch) == 1:
            return 0, _blame(work, batch[0], error)
    middle = len(batch) // 2
    (read, aside), (more_read, more_aside) = (
        _read(work, batch[:middle]),
        _read(work, batch[middle:]),
    )
    return read + more_read, aside + more_aside


def _blame(work: _Work, one: Candidate, error: Exception) -> int:
    """Only the error's class is kept: its text may hold anything the event held."""
    name = type(error).__name__

    def blame(connection: Connection) -> str | None:
        aside = inbox.count_failure(connection, one.seq, error=name)
        if aside is not None:
            count(connection, Tally.SET_ASIDE)
            raised = [Raised(Alarm.EVENT_SET_ASIDE, one.type, name)]
            raise_alerts(connection, raised, now=work.clock(connection))
        return aside

    aside = in_transaction(work.engine, blame)
    if aside is None:
        return 0
    about = {"event_id": aside, "customer": work.hasher.customer(one.customer), "type": one.type}
    log.error("event_set_aside", seq=one.seq, error=name, **about)
    return 1


def _at_once(connection: Connection, work: _Work, batch: Sequence[Candidate]) -> int:
    ground = Ground(work.configuration, work.hasher, work.clock(connection))
    return read_events(connection, ground, batch, most=work.limit).events
