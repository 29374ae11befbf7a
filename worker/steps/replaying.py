"""What would become of events that failed, and do they get another chance?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, Engine, Row

from triggers.admission import CUSTOMERS_DOOR
from triggers.configuration import Configuration
from triggers.refusals import Refusal
from triggers.settling import Change
from worker.hashing import Hasher
from worker.lifecycle import EventState, RefusedState
from worker.steps.accept import Conflict, Incoming, Stored, accept
from worker.steps.accepting import KNOWN, Door, admitted
from worker.steps.ground import Ground
from worker.steps.reading import read_events
from worker.store import customers
from worker.store.actions import note_action
from worker.store.alerts import Alarm, close_alert
from worker.store.clock import read_now
from worker.store.direct import flush
from worker.store.engine import OUTAGE, in_transaction
from worker.store.failed_events import (
    any_set_aside,
    close_refused,
    numbered,
    release,
    seqs_of,
)

BATCH = 100
NOBODYS = "replay"

_WORDS = {Change.STARTED: "starts", Change.MOVED: "moves", Change.CALLED_OFF: "calls_off"}


def as_they_came(stream_source: str | None) -> Mapping[str, Door]:
    """Only what came from a file on this machine may write profiles, now as then."""
    return {
        CUSTOMERS_DOOR: Door(CUSTOMERS_DOOR, may_write_customers=True),
        "file": Door(NOBODYS, may_write_customers=True),
        "stream": Door(NOBODYS, source=stream_source),
    }


@dataclass(frozen=True, slots=True)
class Effect:
    """What reading it would change: word -> trigger -> how many. `failed`: our code fails on it."""

    changes: Mapping[str, Counter[str]] = field(default_factory=dict)
    failed: str | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of one row, or would; `problems`: why it is still not taken."""

    row: Row[Any]
    problems: tuple[str, ...] = ()
    duplicate: bool = False
    effect: Effect | None = None
    done: bool = False


@dataclass(frozen=True, slots=True)
class Replay:
    """`doors`: how what came in by each is taken now; by any other nobody's profile is written."""

    engine: Engine
    configuration: Configuration
    hasher: Hasher
    doors: Mapping[str, Door] = field(default_factory=dict)

    def try_refused(self, rows: Sequence[Row[Any]]) -> Iterator[Tried]:
        """Each by itself, as if it alone came now; nothing of it stays."""
        for row in rows:
            yield self._undone(self._one_refused, row)

    def replay_refused(self, rows: Sequence[Row[Any]], *, by: str) -> list[Tried]:
        """Take what can be taken now, and say of the others why not; they stay what they were."""
        found: list[Tried] = []
        for start in range(0, len(rows), BATCH):
            found += in_transaction(self.engine, self._taking(rows[start : start + BATCH], by))
        return found

    def dismiss_refused(self, rows: Sequence[Row[Any]], *, by: str) -> list[Tried]:
        """Off the list for good; whoever was quicker has done it."""

        def work(connection: Connection, seqs: Sequence[int]) -> set[int]:
            done = close_refused(connection, seqs, RefusedState.DISMISSED)
            if done:
                # what is no event has neither source nor id
                target, now = {"refused": sorted(done)}, read_now(connection)
                note_action(connection, "dismiss refused", target, by=by, now=now)
            return done

        done: set[int] = set()
        for start in range(0, len(rows), BATCH):
            seqs = [row.seq for row in rows[start : start + BATCH]]
            done |= in_transaction(self.engine, partial(work, seqs=seqs))
        return [Tried(row, done=row.seq in done) for row in rows]

    def try_set_aside(self, rows: Sequence[Row[Any]]) -> Iterator[Tried]:
        """Read each by itself once more; nothing of it stays."""
        for row in rows:
            yield self._undone(self._one_set_aside, row)

    def replay_set_aside(
        self, rows: Sequence[Row[Any]], *, by: str, dismiss: bool = False
    ) -> list[Tried]:
        """To be read once more, or never; whoever was quicker has done it."""
        state = EventState.WITHDRAWN if dismiss else EventState.NEW

        def work(connection: Connection) -> set[int]:
            now = read_now(connection)
            done = release(connection, [row.seq for row in rows], state)
            if done:
                note_action(
                    connection,
                    "dismiss set aside" if dismiss else "replay set aside",
                    {"events": [[row.source, row.id] for row in rows if row.seq in done]},
                    by=by,
                    now=now,
                )
            for type_ in sorted({row.type for row in rows if row.seq in done}):
                if not any_set_aside(connection, type_):
                    close_alert(connection, Alarm.EVENT_SET_ASIDE, type_, now=now)
            return done

        done = in_transaction(self.engine, work)
        return [Tried(row, done=row.seq in done) for row in rows]

    def _taking(self, rows: Sequence[Row[Any]], by: str) -> Callable[[Connection], list[Tried]]:
        def work(connection: Connection) -> list[Tried]:
            now = read_now(connection)
            found = self._accepted(connection, rows, now)
            taken = [one.row for one in found if one.done]
            close_refused(connection, [row.seq for row in taken], RefusedState.REPLAYED)
            if taken:
                target = {"events": [[row.source, row.id] for row in taken]}
                note_action(connection, "replay refused", target, by=by, now=now)
            return found

        return work

    def _accepted(
        self, connection: Connection, rows: Sequence[Row[Any]], now: datetime
    ) -> list[Tried]:
        """`done`: it is an event of ours now, whether this made it one or it was before."""
        asked = [(row, self._incoming(row, now)) for row in rows]
        groups = [[one] for _, one in asked if isinstance(one, Incoming)]
        outcomes = iter(accept(connection, groups, now=now, bundle=self.configuration.hash))
        found: list[Tried] = []
        for row, one in asked:
            if not isinstance(one, Incoming):
                found.append(Tried(row, one))
                continue
            match next(outcomes):
                case Conflict():
                    found.append(Tried(row, (f"{KNOWN.pointer} {KNOWN.detail}",)))
                case Stored(accepted):
                    found.append(Tried(row, duplicate=not accepted, done=True))
        return found

    def _incoming(self, row: Row[Any], now: datetime) -> Incoming | tuple[str, ...]:
        door = self.doors.get(row.door, Door(NOBODYS))
        try:
            return admitted(row.raw, self.configuration, door, now=now)
        except Refusal as refusal:
            return tuple(f"{one.pointer or 'it'} {one.detail}" for one in refusal.problems)

    def _one_refused(self, connection: Connection, row: Row[Any]) -> Tried:
        now = read_now(connection)
        [found] = self._accepted(connection, [row], now)
        if not found.done or found.duplicate:
            return found
        seqs = seqs_of(connection, row.source, row.id)
        return Tried(row, effect=self._read(connection, seqs, now), done=True)

    def _one_set_aside(self, connection: Connection, row: Row[Any]) -> Tried:
        release(connection, [row.seq], EventState.NEW)
        return Tried(row, effect=self._read(connection, [row.seq], read_now(connection)))

    def _read(self, connection: Connection, seqs: Collection[int], now: datetime) -> Effect | None:
        """None: somebody else holds its customer just now."""
        ground = Ground(self.configuration, self.hasher, now)
        batch = numbered(connection, seqs)
        customers.register(connection, [one.customer for one in batch], now=now)
        try:
            read = read_events(connection, ground, batch, most=len(batch))
            flush(connection)
        except OUTAGE:
            raise
        except Exception as error:
            return Effect(failed=type(error).__name__)
        changes = {word: Counter[str]() for word in _WORDS.values()}
        for one in read.settled:
            if one.settlement.change in _WORDS:
                changes[_WORDS[one.settlement.change]][one.key.trigger] += 1
        return Effect(changes) if read.events else None

    def _undone(self, work: Callable[[Connection, Row[Any]], Tried], row: Row[Any]) -> Tried:
        def tried(connection: Connection) -> None:
            raise _Undone(work(connection, row))

        try:
            in_transaction(self.engine, tried)
        except _Undone as undone:
            return undone.tried
        raise AssertionError("a trial never commits")


class _Undone(Exception):
    """Carries what a trial found out of the transaction, which is rolled back."""

    def __init__(self, tried: Tried) -> None:
        super().__init__()
        self.tried = tried
