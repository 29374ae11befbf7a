"""What becomes of events that should never have been published?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row

from triggers.clock import stamp
from triggers.configuration import Configuration
from triggers.events import OWN_SOURCE
from worker.hashing import Hasher
from worker.lifecycle import EventState, move
from worker.steps.ground import Ground, clocks_of
from worker.steps.insisting import LOOKS, insist
from worker.steps.undoing import Undoing, Undone
from worker.store import customers, folds, withdrawal
from worker.store.actions import note_action
from worker.store.clock import read_now
from worker.store.direct import flush
from worker.store.engine import in_transaction, reading
from worker.store.inbox import event_of
from worker.store.withdrawal import Named
from worker.told import Told


class NotWithdrawn(Told):
    """Why it is not done; what was done before stays done."""


@dataclass(slots=True)
class Withdrawn:
    """So many events by the state they had; `profiles`: customers whose profile they changed."""

    events: Counter[str] = field(default_factory=Counter)
    customers: set[str] = field(default_factory=set)
    profiles: set[str] = field(default_factory=set)
    undone: Undone = field(default_factory=Undone)

    def add(self, other: Withdrawn) -> None:
        self.events += other.events
        self.customers |= other.customers
        self.profiles |= other.profiles
        self.undone.add(other.undone)


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """`by` None: everything is done and undone again, batch by batch, to see what it would do."""

    engine: Engine
    configuration: Configuration
    hasher: Hasher
    named: Named
    by: str | None = None
    now: datetime | None = None
    limit: int = 200
    looks: int = LOOKS

    def run(self) -> Withdrawn:
        """Whoever is killed in between begins again: what is withdrawn is not named any more."""
        if self.named.source == OWN_SOURCE:
            raise NotWithdrawn(f"{OWN_SOURCE!r} is ourselves: what we did cannot be withdrawn")
        total = Withdrawn()
        while ids := reading(self.engine, lambda c: withdrawal.customers_named(c, self.named)):
            self._all_of(ids, total)
            if self.by is None:
                break
        return total

    def _all_of(self, ids: Sequence[str], total: Withdrawn) -> None:
        def work(left: Sequence[str]) -> Sequence[str]:
            return [id_ for batch in self._batches(left) for id_ in self._one(batch, total)]

        left = insist(work, ids, looks=self.looks)
        if left:
            held = f"{len(left)} customers are held by others all the time"
            raise NotWithdrawn(f"{held}: say it again")

    def _batches(self, ids: Sequence[str]) -> list[Sequence[str]]:
        return [ids[start : start + self.limit] for start in range(0, len(ids), self.limit)]

    def _one(self, ids: Sequence[str], total: Withdrawn) -> Collection[str]:
        """Who of them was held by somebody else, so that nothing was done for him."""
        try:
            done, busy = in_transaction(self.engine, lambda c: self._work(c, ids))
        except _Undone as undone:
            done, busy = undone.done, undone.busy
        total.add(done)
        return busy

    def _work(self, connection: Connection, ids: Sequence[str]) -> tuple[Withdrawn, list[str]]:
        ground = Ground(self.configuration, self.hasher, self.now or read_now(connection))
        customers.register(connection, ids, now=ground.now)
        held = customers.hold(connection, ids, most=len(ids))
        rows = withdrawal.lock_named(connection, self.named, held)
        clocks = clocks_of(held, ground.policy)
        undoing = Undoing(connection, ground, map(event_of, rows), clocks)
        withdrawal.mark_withdrawn(connection, [(row.seq, _withdrawn(row)) for row in rows])
        withdrawal.forget_facts(connection, rows)
        folds.drop_folds(connection, {row.customer_id for row in rows})
        done = Withdrawn(
            events=Counter(row.state for row in rows),
            customers={row.customer_id for row in rows},
            profiles=withdrawal.profiles_changed_by(connection, rows),
            undone=undoing.finish(),
        )
        busy = [one for one in ids if one not in held]
        if self.by is None:
            flush(connection)
            raise _Undone(done, busy)
        if rows:
            result = {"events": done.events.total(), "customers": len(done.customers)}
            target = _target(self.named)
            note_action(connection, "withdraw", target, by=self.by, now=ground.now, result=result)
        return done, busy


class _Undone(Exception):
    """Carries what would be done out of the transaction, which is rolled back."""

    def __init__(self, done: Withdrawn, busy: list[str]) -> None:
        super().__init__()
        self.done = done
        self.busy = busy


def _withdrawn(row: Row[Any]) -> EventState:
    return move(EventState(row.state), EventState.WITHDRAWN)


def _target(named: Named) -> dict[str, Any]:
    since = stamp(named.since) if named.since else None
    return {
        "source": named.source,
        "type": named.type,
        "id": named.id,
        "since": since,
        "until": stamp(named.until),
    }
