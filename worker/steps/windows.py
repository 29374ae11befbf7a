"""When has a pace, a queue of people, a sender's rate or a fuse room for one more?"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from triggers.calendars.hours import worked
from triggers.definitions import AgentQueue, AgentRoute, Policy, Rate, Trigger
from triggers.standing import calls_name, fuse_name, pace_name, queue_name
from triggers.zones import known_zone
from worker.steps.calm import Calm, Fuse
from worker.steps.crowds import Who
from worker.store.handoffs import Waiting, read_waiting
from worker.store.senders import line_name
from worker.store.throttles import Counted, Span, lock_throttles, read_spans

CALLS_ASKED_AGAIN = timedelta(minutes=5)
NOBODY = Waiting(0, None)
InCrowd = Callable[[Mapping[str, Rate], Who], datetime]
"""When somebody behind these windows asks again."""


class Window:
    """A rolling window. What is put off takes its place ahead, so that the next one comes later."""

    def __init__(self, rate: Rate, taken: Iterable[datetime], now: datetime) -> None:
        newest = heapq.nlargest(rate.count, taken)
        self.rate = rate
        self._per = rate.per
        self._now = now
        self._room = rate.count - len(newest)
        self._leaving = [moment + rate.per for moment in newest]
        heapq.heapify(self._leaving)

    @property
    def free_at(self) -> datetime:
        return self._now if self._room else max(self._now, self._leaving[0])

    def take(self) -> None:
        leaves = self.free_at + self._per
        if self._room:
            self._room -= 1
            heapq.heappush(self._leaving, leaves)
        else:
            heapq.heapreplace(self._leaving, leaves)


class Desktop:
    """Calls that wait for people. When one of them ends is nobody's to know: it is asked again."""

    def __init__(self, staffed: Staffed, waiting: Waiting, now: datetime) -> None:
        most = staffed.policy.open
        self._room = None if most is None else most - waiting.calls
        self._late = waiting.due is not None and staffed.is_late(waiting.due, now)
        self._now = now

    @property
    def free_at(self) -> datetime:
        full = self._room is not None and self._room <= 0
        return self._now + CALLS_ASKED_AGAIN if full or self._late else self._now

    def take(self) -> None:
        if self._room is not None:
            self._room -= 1


@dataclass(frozen=True, slots=True)
class Limited:
    """A throttle's rate, and what of the tables it counts.

    `beyond`: so many of the newest need not be known. A window of a thousand places, of which a
    batch takes fewer than a hundred, is a window of a hundred that the oldest fill.
    """

    name: str
    rate: Rate
    counts: tuple[tuple[Counted, str], ...]
    beyond: int = 0
    fuse: bool = False


@dataclass(frozen=True, slots=True)
class Staffed:
    """A queue for whose people only so many calls may wait, and none for too long."""

    name: str
    policy: AgentQueue
    zone: ZoneInfo | None

    def is_late(self, due: datetime, now: datetime) -> bool:
        """By how long it is overdue their nights and days off do not count."""
        hours, most = self.policy.hours, self.policy.overdue
        if most is None or now - due < most:
            return False
        return not hours or not self.zone or worked(hours, due, now, self.zone) >= most


class Windows:
    """All windows that a batch may run into, by name."""

    def __init__(
        self, windows: Mapping[str, Window | Desktop], now: datetime, in_crowd: InCrowd
    ) -> None:
        self.windows = windows
        self.now = now
        self.in_crowd = in_crowd
        # of a thousand windows few are full, and each turn of a batch asks for those
        self._full: dict[str, datetime] = {}
        for name in windows:
            self._look(name)

    @property
    def busy_until(self) -> Mapping[str, datetime]:
        """Those that are full, by name."""
        return self._full

    def take(self, names: Iterable[str]) -> None:
        for name in names:
            if name in self.windows:
                self.windows[name].take()
                self._look(name)

    def put_off(self, names: Iterable[str], moment: datetime, who: Who | None) -> datetime:
        """When to ask again: at that moment, with a place in each window that is full until then;
        or in a crowd (`who`: whoever may be in one) at a later one, drawn, with no place."""
        own = [one for one in names if self._full.get(one) == moment]
        later = self._in_crowd(own, who) if who else moment
        if later > moment:
            return later
        self.take(own)
        return moment

    def _in_crowd(self, names: Iterable[str], who: Who) -> datetime:
        found = ((one, self.windows[one]) for one in names)
        behind = {one: window.rate for one, window in found if isinstance(window, Window)}
        return self.in_crowd(behind, who) if behind else self.now

    def _look(self, name: str) -> None:
        free = self.windows[name].free_at
        if free > self.now:
            self._full[name] = free
        else:
            self._full.pop(name, None)


def open_windows(
    connection: Connection,
    limits: Iterable[Limited | Staffed],
    besides: Iterable[str],
    *,
    calm: Calm,
    now: datetime,
) -> Windows:
    """Lock the throttles and count: nobody else adds to these windows until we commit.

    `besides`: throttles that are to be held, too, and have no window. `calm` knows which fuses
    have room for the whole batch.
    """
    asked = list(limits)
    limited = {one.name: one for one in asked if isinstance(one, Limited)}
    staffed = {one.policy.name: one for one in asked if isinstance(one, Staffed)}
    lock_throttles(connection, {*(one.name for one in asked), *besides})
    far = calm.among(connection, map(_fuse, _fuses(limited.values())), now=now)
    near = [one for one in limited.values() if not (one.fuse and one.counts[0][1] in far)]
    taken = read_spans(connection, [span for one in near for span in _spans(one, now)])
    waiting = read_waiting(connection, staffed.keys()) if staffed else {}
    windows = {name: Window(one.rate, taken.get(name, ()), now) for name, one in limited.items()}
    desks = {
        one.name: Desktop(one, waiting.get(queue, NOBODY), now) for queue, one in staffed.items()
    }

    def in_crowd(behind: Mapping[str, Rate], who: Who) -> datetime:
        return calm.crowds.moment(connection, behind, who, now)

    return Windows({**windows, **desks}, now, in_crowd)


def _fuses(limits: Iterable[Limited]) -> Iterator[Limited]:
    return (one for one in limits if one.fuse)


def _fuse(one: Limited) -> Fuse:
    [(_, trigger)] = one.counts
    return Fuse(trigger, one.rate.count + one.beyond, one.rate.per, one.rate.count)


def _spans(one: Limited, now: datetime) -> Iterator[Span]:
    since = now - one.rate.per
    for counted, subject in one.counts:
        yield Span(one.name, counted, subject, since, one.rate.count, one.beyond)


def limits_of(
    trigger: Trigger, policy: Policy, senders: Mapping[str, Sequence[str]], *, by_people: bool
) -> Iterator[Limited | Staffed]:
    """What may be full when an occurrence of this trigger asks; `by_people`: a person may call."""
    name, pace = trigger.name, trigger.limits.pace
    if pace:
        both = ((Counted.MESSAGES, name), (Counted.HANDOFFS, name))
        yield Limited(pace_name(name), pace, both)
    for channel, rate in (("sms", policy.sms.rate), ("email", policy.email.rate)):
        if rate:
            for sender in senders.get(channel, ()):
                yield Limited(line_name(sender), rate, ((Counted.ATTEMPTS, sender),))
    if by_people or any(isinstance(route, AgentRoute) for route in trigger.send):
        yield from _queues(policy)


def fuse_limit(trigger: str, fuse: Rate, *, most: int) -> Limited:
    """The fuse of a trigger, for a batch that asks at most so often."""
    places = min(most, fuse.count)
    rate = Rate(places, fuse.per)
    counts = ((Counted.MESSAGES, trigger),)
    return Limited(fuse_name(trigger), rate, counts, beyond=fuse.count - places, fuse=True)


def _queues(policy: Policy) -> Iterator[Limited | Staffed]:
    for queue in policy.agents.values():
        if queue.capacity:
            counts = ((Counted.QUEUE, queue.name),)
            yield Limited(queue_name(queue.name), queue.capacity, counts)
        if queue.open is not None or queue.overdue is not None:
            yield Staffed(calls_name(queue.name), queue, known_zone(policy.timezone))


def names_of_message(trigger: Trigger, sender: str) -> tuple[str, ...]:
    return pace_name(trigger.name), line_name(sender), fuse_name(trigger.name)


def names_of_call(trigger: Trigger, queue: str) -> tuple[str, ...]:
    return pace_name(trigger.name), queue_name(queue), calls_name(queue)
