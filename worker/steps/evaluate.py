"""What do the events just accepted change in what waits?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

import structlog
from sqlalchemy import Connection, Engine

from triggers.configuration import Configuration
from worker.hashing import Hasher
from worker.steps.ground import Ground
from worker.steps.reading import read_events, read_held
from worker.store import customers, inbox
from worker.store.alerts import Alarm, Raised, raise_alerts
from worker.store.bundles import active_bundle
from worker.store.by_index import ask_by_index, plan_by_index
from worker.store.customers import Held
from worker.store.engine import OUTAGE, in_transaction
from worker.store.inbox import Candidate
from worker.store.tallies import Tally, count
from worker.store.unread_span import unread_lately, unread_within
from worker.store.waiting import Soonest, ask_soonest

log = structlog.get_logger(__name__)

AHEAD = 8
"""Batches that one call looks at, until it finds enough whose customers no other worker holds."""


SURE = 3.0
"""Seconds that a call trusts the rules it was given: recompute asks again what was read by replaced
ones, and what is committed long after their end it would not find."""


class Replaced(Exception):
    """Other rules are in force by now; nothing was read by these."""


@dataclass(frozen=True, slots=True)
class Report:
    """What one call did; `more`: another one would find work. `soonest`: when what waits is due,
    as of its end, where it has seen that."""

    read: int
    set_aside: int
    more: bool
    soonest: Soonest | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class _Work:
    engine: Engine
    configuration: Configuration
    hasher: Hasher
    now: datetime | None
    limit: int
    sure: Callable[[], bool]

    def confirm(self, connection: Connection) -> None:
        """As the last question of a transaction that reads events."""
        if not self.sure() and active_bundle(connection) not in {None, self.configuration.hash}:
            raise Replaced(Replaced.__doc__)

    def clock(self, connection: Connection) -> datetime:
        """Asked once, as the first of a transaction: all it does is planned by indexes."""
        return plan_by_index(connection, self.now, in_order=True)

    def ground(self, connection: Connection) -> Ground:
        return Ground(self.configuration, self.hasher, self.clock(connection))


@dataclass(slots=True)
class _Sight:
    """How much of what is unread one transaction saw, what of it was its own, and what was read.

    `left`: whose customer has no row yet or is another by now, and what has failed before.
    """

    held: dict[str, Held] = field(default_factory=dict)
    mine: list[Candidate] = field(default_factory=list)
    left: list[Candidate] = field(default_factory=list)
    seen: int = 0
    read: int = 0
    soonest: Callable[[], Soonest] | None = None

    def begin(self) -> None:
        """A transaction may be done twice."""
        self.held, self.mine, self.left, self.seen, self.read = {}, [], [], 0, 0
        self.soonest = None

    @property
    def taken(self) -> int:
        return len(self.mine) + len(self.left)


def evaluate(
    engine: Engine,
    configuration: Configuration,
    hasher: Hasher,
    *,
    now: datetime | None = None,
    limit: int = 500,
    seconds: Callable[[], float] = monotonic,
) -> Report:
    """Read a batch of unread events. `now` is the database's clock unless it is given."""
    begun = seconds()
    work = _Work(engine, configuration, hasher, now, limit, lambda: seconds() - begun <= SURE)
    sight = _Sight()
    try:
        return _evaluate(work, sight)
    except Replaced:
        log.info("rules_replaced", bundle=configuration.hash)
        return Report(sight.read, 0, more=True)


def _evaluate(work: _Work, sight: _Sight) -> Report:
    try:
        in_transaction(work.engine, lambda connection: _at_once(connection, work, sight))
    except (*OUTAGE, Replaced):
        raise
    except Exception:
        if not sight.mine:
            raise
        # one of them breaks us: they are read in halves, until it is alone
        sight.left, sight.read, sight.soonest = sight.mine + sight.left, 0, None
    read, aside = _read_left(work, sight.left)
    done = sight.read + read + aside
    # what was read after that may be due before it
    soonest = sight.soonest() if sight.soonest and not read else None
    return Report(sight.read + read, aside, more=0 < done < sight.seen, soonest=soonest)


def _at_once(connection: Connection, work: _Work, sight: _Sight) -> None:
    """Look, hold and read; where others hold what is oldest, what comes after it."""
    sight.begin()
    clock, after = ask_by_index(connection, work.now, in_order=True), 0
    # a moment that is given may be far from the last one
    within = unread_within(connection, work.now) if work.now else unread_lately(connection, clock)
    for _ in range(AHEAD):
        found = inbox.unread(connection, within, most=work.limit + 1, after=after)
        sight.seen += len(found)
        _take(connection, sight, found[: work.limit])
        if len(found) <= work.limit or sight.taken >= -(-work.limit // 2):
            break
        after = found[-2].seq
    if sight.mine:
        ground = Ground(work.configuration, work.hasher, clock())
        read = read_held(connection, ground, sight.held, sight.mine).events
        work.confirm(connection)
        sight.soonest = ask_soonest(connection, ground.now)
        sight.read = read


def _take(connection: Connection, sight: _Sight, found: Sequence[Candidate]) -> None:
    """Those whose customers nobody else holds."""
    plain: list[Candidate] = []
    for one in found:
        asks = one.tries or one.merged_into or not one.customer_known
        (sight.left if asks else plain).append(one)
    ids = [one for one in dict.fromkeys(one.customer for one in plain) if one not in sight.held]
    sight.held |= customers.hold(connection, ids, most=len(ids))
    sight.mine += [one for one in plain if one.customer in sight.held]


def _read_left(work: _Work, left: list[Candidate]) -> tuple[int, int]:
    """Read what asks for more, as far as nobody else holds its customer."""
    if not left:
        return 0, 0
    mine = _handed_on(work, left)
    _register(work, mine)
    fresh = [one for one in mine if not one.tries]
    # who has failed before is read alone, so that it takes nobody with it again
    batches = [fresh, *([one] for one in mine if one.tries)]
    reports = [_read(work, batch) for batch in batches if batch]
    read, set_aside = (sum(column) for column in zip((0, 0), *reports, strict=True))
    return read, set_aside


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
        return in_transaction(work.engine, lambda connection: _batch(connection, work, batch)), 0
    except (*OUTAGE, Replaced):
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


def _batch(connection: Connection, work: _Work, batch: Sequence[Candidate]) -> int:
    read = read_events(connection, work.ground(connection), batch, most=work.limit).events
    work.confirm(connection)
    return read


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
