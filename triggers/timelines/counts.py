"""Which counts are complete: since the last reset, or within a sliding window?"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

from triggers.clock import UTC, instant, stamp
from triggers.definitions import Count, ElapsedWait, UntilWait
from triggers.events import Event, Order
from triggers.facts import Counted, Note, Occurrence
from triggers.paths import key_text
from triggers.timelines.tracks import Key, Track
from triggers.verdicts import Reason
from triggers.waits import elapsed_window

NOTHING = Decimal()
NEVER = datetime(1, 1, 1, tzinfo=UTC)
INITIAL = "initial"
"""The epoch of a count that no reset came before."""


class _Unit(NamedTuple):
    """One counted event: what makes it distinct, and how much it adds to a sum."""

    time: datetime
    distinct: str | None
    amount: Decimal


class Tally(Protocol):
    """The counted events that still count."""

    def add(self, unit: _Unit) -> None: ...

    def clear(self) -> None: ...

    def counted(self) -> Counted: ...

    @property
    def value(self) -> Decimal | int: ...

    def state(self) -> list[Any]:
        """As JSON, for `resume` of another one."""
        ...

    def resume(self, state: Sequence[Any]) -> None: ...


class Running:
    """Since the last reset: however many events there were, it holds no more than what differs."""

    def __init__(self, count: Count) -> None:
        self._count = count
        self.clear()

    def clear(self) -> None:
        self._number = 0
        self._first = NEVER
        self._total = NOTHING
        self._newest: dict[str, Decimal] = {}

    def add(self, unit: _Unit) -> None:
        self._number += 1
        if self._number == 1:
            self._first = unit.time
        self._total += unit.amount
        if unit.distinct is not None:
            # said twice of one thing, an amount is what was said last, and not both together
            self._newest[unit.distinct] = unit.amount

    def counted(self) -> Counted:
        return Counted(float(self.value), self._number, self._first)

    @property
    def value(self) -> Decimal | int:
        if self._count.sum is None:
            return len(self._newest) if self._count.distinct else self._number
        return sum(self._newest.values(), NOTHING) if self._count.distinct else self._total

    def state(self) -> list[Any]:
        newest = [[name, str(amount)] for name, amount in self._newest.items()]
        return [self._number, stamp(self._first), str(self._total), newest]

    def resume(self, state: Sequence[Any]) -> None:
        self._number, first, total, newest = state
        self._first = instant(first)
        self._total = Decimal(total)
        self._newest = {name: Decimal(amount) for name, amount in newest}


class Window:
    """Within a sliding time: each event is held until it has left it."""

    def __init__(self, count: Count, within: timedelta) -> None:
        self._count = count
        self._within = within
        self._units: deque[_Unit] = deque()
        self._seen: Counter[str] = Counter()

    def add(self, unit: _Unit) -> None:
        while self._units and unit.time - self._units[0].time > self._within:
            gone = self._units.popleft()
            # subtracting drops a name at nought, which `len` would count otherwise
            if gone.distinct is not None:
                self._seen -= Counter([gone.distinct])
        self._units.append(unit)
        if unit.distinct is not None:
            self._seen[unit.distinct] += 1

    def clear(self) -> None:
        self._units.clear()
        self._seen.clear()

    def counted(self) -> Counted:
        return Counted(float(self.value), len(self._units), self._units[0].time)

    @property
    def value(self) -> Decimal | int:
        if self._count.sum is None:
            return len(self._seen) if self._count.distinct else len(self._units)
        if self._count.distinct is None:
            return sum((unit.amount for unit in self._units), NOTHING)
        # said twice of one thing, an amount is what was said last, and not both together
        newest = {unit.distinct: unit.amount for unit in self._units}
        return sum(newest.values(), NOTHING)

    def state(self) -> list[Any]:
        return [[stamp(one.time), one.distinct, str(one.amount)] for one in self._units]

    def resume(self, state: Sequence[Any]) -> None:
        for time, distinct, amount in state:
            self.add(_Unit(instant(time), distinct, Decimal(amount)))


def tally_of(count: Count) -> Tally:
    return Running(count) if count.within is None else Window(count, count.within)


class CountTimeline:
    """`spent_until`: what a spent occurrence has counted counts no more."""

    def __init__(
        self,
        key: Key,
        count: Count,
        wait: ElapsedWait | UntilWait,
        spent_until: Order | None,
        spent_epochs: frozenset[str | None],
    ) -> None:
        self._key = key
        self._count = count
        self._wait = wait
        self._spent_until = spent_until
        self._spent_epochs = spent_epochs
        self._track = Track()
        self._tally = tally_of(count)
        self._epoch = INITIAL
        self._complete = INITIAL in spent_epochs
        when = key.trigger.when
        self._asks_count = when is not None and "count" in when.roots

    def resume(self, state: Mapping[str, Any]) -> None:
        self._track.resume(state)
        self._tally.resume(state["units"])
        self._epoch = state["epoch"]
        self._complete = state["complete"]

    def state(self) -> dict[str, Any]:
        kept = {
            "units": self._tally.state(),
            "epoch": self._epoch,
            "complete": self._complete,
        }
        return self._track.state(self._spent_epochs) | kept

    def run(self, facts: Iterable[Event]) -> Track:
        for event in self._key.sorted(facts):
            if self._key.resets(event):
                self._reset(event)
            if self._key.starts(event):
                self._start(event)
            if self._key.exits(event):
                self._track.end_all(Reason.CALLED_OFF, event)
        return self._track

    @property
    def reached(self) -> float | None:
        """How far the count has come; None where it is complete until the next reset."""
        if self._complete and self._count.since is not None:
            return None
        return float(self._tally.value)

    def _reset(self, event: Event) -> None:
        """The count begins anew; what an earlier count had completed is no longer true."""
        self._track.end_all(Reason.CALLED_OFF, event)
        self._tally.clear()
        self._epoch = event.id
        self._complete = event.id in self._spent_epochs

    def _start(self, event: Event) -> None:
        if self._spent_until is not None and event.order <= self._spent_until:
            return
        # until the next reset one message is enough, however far the count goes on
        if self._complete and self._count.since is not None:
            return
        trigger, key = self._key.trigger, self._key
        if not self._asks_count and not self._track.qualifies(trigger.when, key.env(event), event):
            return
        unit = self._unit(event)
        if unit is None:
            return
        self._tally.add(unit)
        if not event.history and float(self._tally.value) >= self._count.reach:
            self._try_to_complete(event, self._tally.counted())

    def _unit(self, event: Event) -> _Unit | None:
        distinct, amount = None, NOTHING
        if self._count.distinct is not None:
            distinct = key_text(self._count.distinct.read(event))
            if distinct is None:
                self._leave_out(event, self._count.distinct.text)
                return None
        if self._count.sum is not None:
            value = self._count.sum.read(event)
            if isinstance(value, bool) or not isinstance(value, int | float):
                self._leave_out(event, self._count.sum.text)
                return None
            # as floats 0.1 and 0.2 would miss a reach of 0.3
            amount = Decimal(str(value))
        return _Unit(event.time, distinct, amount)

    def _leave_out(self, event: Event, path: str) -> None:
        self._track.notes.append(Note(Reason.UNKNOWN_FIELD, event, path))

    def _try_to_complete(self, event: Event, counted: Counted) -> None:
        trigger, key = self._key.trigger, self._key
        if self._asks_count and not self._track.qualifies(
            trigger.when, key.env(event, counted), event
        ):
            return
        window = elapsed_window(self._wait, event, trigger.limits.expires, key.zone)
        epoch = event.id if self._count.since is None else self._epoch
        self._track.arm(Occurrence(epoch, event, event, window.moment, window.expires, counted))
        self._complete = True
        # without a reset the next message needs as many events again
        self._tally.clear()
