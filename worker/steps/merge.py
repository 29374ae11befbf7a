"""How do two ids that are one person become one, so that nobody is written to twice?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, Row

from triggers.configuration import Configuration
from triggers.events import OWN_SOURCE, Event
from triggers.facts import TriggerKey
from triggers.joining import join
from triggers.verdicts import Reason
from worker.hashing import Hasher
from worker.lifecycle import MessageState, OccurrenceState, move
from worker.steps.answers import MAY_HAVE_LEFT
from worker.steps.ground import Ground, clocks_of
from worker.steps.insisting import LOOKS, HeldByOthers, insist
from worker.steps.profiles import addresses_of
from worker.steps.settling import settle_keys
from worker.store import customers, folds, merging, occurrences
from worker.store.actions import note_action
from worker.store.clock import read_now
from worker.store.customers import Held
from worker.store.direct import flush
from worker.store.engine import in_transaction
from worker.store.erasure import is_known
from worker.store.inbox import event_of
from worker.store.lookups import erased_at
from worker.store.messages import lock_messages
from worker.told import Told

_GONE = frozenset({MessageState.EXPIRED, MessageState.CALLED_OFF, MessageState.FAILED})
"""What has not reached anybody and will not."""


class NotMerged(Told):
    """Why these two are not made one; nothing was done."""


class NotKnown(NotMerged):
    """One of them is not known: nothing was ever heard of it."""


class Two(NamedTuple):
    """`into` is the id that is left."""

    old: str
    into: str


@dataclass(frozen=True, slots=True)
class Merge:
    """Of two ids, in one transaction. `by` None: it is done and undone again, to be seen.

    From its commit on everything that says `old` is of `into`. Said again, it is done again for
    what came meanwhile.
    """

    engine: Engine
    configuration: Configuration
    hasher: Hasher
    two: Two
    by: str | None = None
    now: datetime | None = None
    looks: int = LOOKS

    @property
    def old(self) -> str:
        return self.two.old

    @property
    def into(self) -> str:
        return self.two.into

    def run(self) -> Mapping[str, int]:
        """By table, so many rows are of the other id now."""
        moved: dict[str, int] = {}

        def work(ids: Sequence[str]) -> Sequence[str]:
            try:
                done = in_transaction(self.engine, self._work)
            except _Undone as undone:
                done = undone.moved
            moved.update(done or {})
            return ids if done is None else ()

        if insist(work, [self.old], looks=self.looks):
            raise HeldByOthers(str(HeldByOthers.__doc__))
        return {table: count for table, count in moved.items() if count}

    def _work(self, connection: Connection) -> Mapping[str, int] | None:
        """None: others hold one of them now."""
        self._check(connection)
        now = self.now or read_now(connection)
        customers.register(connection, [self.old, self.into], now=now)
        wanted = sorted({self.old, self.into} - self._merged(connection))
        held = customers.hold(connection, wanted, most=len(wanted))
        if len(held) < len(wanted):
            return None
        ground = Ground(self.configuration, self.hasher, now)
        old = held.get(self.old, Held(self.old, {}, {}))
        moved = Merger(connection, ground, old, held[self.into]).run()
        if self.by is None:
            flush(connection)
            raise _Undone(moved)
        target = {"customer": self.old, "into": self.into}
        note_action(connection, "merge", target, by=self.by, now=now, result=moved)
        return moved

    def _merged(self, connection: Connection) -> set[str]:
        places = merging.places_of(connection, [self.old])
        return {id_ for id_, into in places.items() if into == self.into}

    def _check(self, connection: Connection) -> None:
        if self.old == self.into:
            raise NotMerged("both are the same id")
        if not all(is_known(connection, one) for one in (self.old, self.into)):
            raise NotKnown(str(NotKnown.__doc__))
        places = merging.places_of(connection, [self.old, self.into])
        if places.get(self.into) == self.old:
            raise NotMerged("they are one already, the other way round")
        if places.get(self.into):
            raise NotMerged("the second is merged into another: name the one that is left")
        if places.get(self.old) not in (None, self.into):
            raise NotMerged("the first is merged into another already")
        if any(erased_at(connection, one) for one in (self.old, self.into)):
            raise NotMerged("one of them was erased: nothing is left to be merged")


class _Undone(Exception):
    """Carries what would be done out of the transaction, which is rolled back."""

    def __init__(self, moved: Mapping[str, int]) -> None:
        super().__init__()
        self.moved = moved


@dataclass(slots=True)
class Merger:
    """In the transaction that holds both."""

    connection: Connection
    ground: Ground
    old: Held
    into: Held
    decisions: list[dict[str, Any]] = field(default_factory=list)

    def run(self) -> dict[str, int]:
        connection, old, into = self.connection, self.old.id, self.into.id
        # in their order and before anything else of theirs, as everybody does who settles them
        lock_messages(connection, [*merging.messages_of(connection, old),
                                   *merging.messages_of(connection, into)])  # fmt: skip
        known = [replace(event_of(row), customer=into) for row in merging.facts_of(connection, old)]
        by_customer = [one.name for one in self.ground.configuration.triggers.values()
                       if one.key is None]  # fmt: skip
        moved = merging.move_rows(connection, old, into, by_customer=by_customer)
        folds.drop_folds(connection, [old, into])
        moved["occurrences"] = self._move_occurrences(by_customer)
        merging.keep_erasure(connection, old, into)
        merging.point_to(connection, old, into, now=self.ground.now)
        self._call_off_twins()
        self._settle(known, self._join())
        occurrences.write_decisions(connection, self.decisions)
        return moved

    def _move_occurrences(self, by_customer: Collection[str]) -> int:
        """What both had is one; under the old id stays only what was told under both."""
        connection, into = self.connection, self.into.id

        def moved(row: Row[Any]) -> dict[str, Any]:
            own = row.trigger in by_customer and row.key == self.old.id
            key = TriggerKey(row.trigger, into, into if own else row.key)
            named = {"customer_id": into, "key": key.key}
            known = {str(name): value for name, value in row._mapping.items()}
            return {**known, **named, "id": self.ground.hasher.epoch(key, row.epoch)}

        undecided = [moved(row) for row in merging.take_undecided(connection, self.old.id)]
        put = merging.put_undecided(connection, undecided)
        self.decisions += [
            self._called_off(row)
            for row in undecided
            if row["id"] not in put and row["state"] == OccurrenceState.PENDING
        ]
        theirs = {(r.trigger, r.key, r.epoch) for r in merging.occurrences_of(connection, into)}
        decided = [
            {**moved(row), "id": row.id} for row in merging.occurrences_of(connection, self.old.id)
        ]
        mine = [r for r in decided if (r["trigger"], r["key"], r["epoch"]) not in theirs]
        merging.move_occurrences(connection, mine)
        return len(put) + len(mine)

    def _call_off_twins(self) -> None:
        """Of two messages that say the same, one that has not left yet does not leave."""
        ids = merging.messages_of(self.connection, self.into.id)
        twins: dict[tuple[str, str, str], list[Row[Any]]] = defaultdict(list)
        for row in lock_messages(self.connection, ids).values():
            # of an erased one the key is not known
            if row.key and MessageState(row.state) not in _GONE:
                twins[row.trigger, row.key, row.epoch].append(row)
        for rows in twins.values():
            waiting = sorted((row for row in rows if _waits(row)), key=lambda row: row.claimed_at)
            for row in waiting if len(waiting) < len(rows) else waiting[1:]:
                ended = move(MessageState(row.state), MessageState.CALLED_OFF)
                now = self.ground.now
                merging.call_off_message(self.connection, row.id, ended, Reason.MERGED, now=now)
                self.decisions.append(self._called_off({**row._mapping}, message_id=row.id))

    def _join(self) -> Held:
        """What is known of both, as if it had been said of one."""
        old, into = self.old, self.into
        merged = join(into.profile, into.field_orders, old.profile, old.field_orders)
        now, whole = self.ground.now, merged.profile
        saved = {"id": into.id, "profile": whole, "field_orders": merged.field_orders}
        addresses = addresses_of(whole, self.ground.policy)
        customers.save_profiles(self.connection, [{**saved, **addresses, "updated_at": now}])
        history = {"customer_id": into.id, "at": now, "source": OWN_SOURCE,
                   "event_id": f"merge:{old.id}", "changes": merged.changes}  # fmt: skip
        customers.write_history(self.connection, [history] if merged.changes else [])
        occurrences.wake_unreachable(self.connection, [into.id], now=now)
        return Held(into.id, whole, merged.field_orders)

    def _settle(self, known: Collection[Event], whole: Held) -> None:
        """What waits is what both together amount to."""
        ground, triggers = self.ground, self.ground.configuration.triggers
        keys = {key for event in known for _, key in ground.matcher.touched(event) if key}
        keys |= occurrences.pending_keys(self.connection, [whole.id])
        touched: dict[TriggerKey, tuple[Event, ...]] = {
            key: () for key in sorted(keys) if key.trigger in triggers
        }
        clocks = clocks_of({whole.id: whole}, ground.policy)
        settle_keys(self.connection, ground, touched, clocks, otherwise=Reason.MERGED)

    def _called_off(self, row: Mapping[str, Any], message_id: str | None = None) -> dict[str, Any]:
        return {
            "at": self.ground.now,
            **{name: row[name] for name in ("trigger", "customer_id", "key", "epoch")},
            "verdict": OccurrenceState.CALLED_OFF,
            "reason": Reason.MERGED,
            "detail": None,
            "moment": None,
            "facts": [[row["start_source"], row["start_id"]]],
            "bundle": self.ground.configuration.hash,
            "message_id": message_id,
        }


def _waits(message: Row[Any]) -> bool:
    """Whether it certainly has not left: an unknown one may have."""
    if message.state == MessageState.PARKED:
        return bool(message.why not in MAY_HAVE_LEFT)
    return bool(message.state == MessageState.PLANNED)
