"""What would have been said to whom, and when? The same decisions, on a virtual clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import chain
from typing import Any

from triggers.agenda import Agenda, Waiting
from triggers.case import Case
from triggers.clerk import Clerk, House
from triggers.configuration import Configuration
from triggers.definitions import Mode, Trigger
from triggers.events import Event, Order
from triggers.facts import Ended, Occurrence, Spent, Timeline, TriggerKey
from triggers.gates import ask
from triggers.lines import Line
from triggers.matching import Matcher
from triggers.own_events import ANNOUNCED, own_event
from triggers.profile_updates import fitting_update
from triggers.remembering import BEGINNING, People, Person
from triggers.settling import due_after
from triggers.stirring import Part, Plan, plans_of, stirs
from triggers.timeline import timeline
from triggers.verdicts import Later, Outcome, Reason, Verdict

Witness = Callable[[Case, Verdict], None]


class Forecast:
    """Takes events in the order they are received, and yields what comes of them."""

    def __init__(
        self,
        configuration: Configuration,
        *,
        only: str | None = None,
        arms: bool = True,
        live: bool = False,
        house: House | None = None,
        witness: Witness | None = None,
    ) -> None:
        """`only` one trigger. Without `arms` nobody is held out and every ramp is at its end;
        `live` as if every trigger were, for everybody. `witness` is shown every verdict."""
        named = (one for one in configuration.triggers.values() if only in {None, one.name})
        chosen = tuple(_as_asked(one, arms=arms, live=live) for one in named)
        self._configuration = configuration
        self._policy = configuration.policy
        self._house = house or House()
        self._witness = witness
        self._triggers = {one.name: one for one in chosen}
        self._plans = plans_of(chosen)
        self._matcher = Matcher(chosen)
        self._clerk = Clerk(configuration, chosen, self._house)
        self._people = People(self._house.kept)
        self._agenda = Agenda()
        self._newest = BEGINNING.time

    def know(self, customer: str, profile: Mapping[str, Any], order: Order) -> None:
        """A profile from before the events."""
        self._people.rest()
        self._people[customer].learn(profile, order)

    def take(self, event: Event, *, speaks_of_customer: bool = True) -> Iterator[Line]:
        """First what is due before this event is received, then what the event changes.

        `speaks_of_customer`: whoever published it may write profiles.
        """
        yield from self.advance(event.received)
        yield from self._read(event, speaks_of_customer=speaks_of_customer)

    def advance(self, until: datetime) -> Iterator[Line]:
        """All that is asked before `until`: an event at that very moment is read first."""
        while True:
            self._people.rest()
            found = self._agenda.next(until)
            if found is None:
                return
            yield from self._ask(*found)

    def finish(self, until: datetime) -> Iterator[Line]:
        """What still waits when the clock stops."""
        yield from self.advance(until)
        for key, one in self._agenda:
            reason = one.reason.value if one.reason else None
            epoch = one.occurrence.epoch
            yield Line(one.at, key, epoch, Outcome.PENDING, reason, quiet=one.quiet)

    def _read(self, event: Event, *, speaks_of_customer: bool) -> Iterator[Line]:
        person = self._people[event.customer]
        if speaks_of_customer:
            said = fitting_update(event, self._configuration.profile)
            if said:
                yield from self._meet(event, said, person)
        plan = self._plans.get(event.type)
        if plan is not None:
            for key in self._touched(plan, event, person):
                yield from self._settle(key, person, event)

    def _meet(self, event: Event, said: Mapping[str, Any], person: Person) -> Iterator[Line]:
        """A changed profile may have moved a clock, or brought an address."""
        waiting = self._agenda.keys(event.customer)
        clock = person.clock(self._policy) if waiting else None
        if not person.learn(said, event.order):
            return
        for key in waiting:
            for one in list(self._agenda.of(key).values()):
                if one.reason is Reason.NO_ADDRESS:
                    now = event.received
                    self._put(key, replace(one, asked=now, at=now, due=now))
            if clock != person.clock(self._policy):
                yield from self._settle(key, person, event)

    def _touched(self, plan: Plan, event: Event, person: Person) -> Iterable[TriggerKey]:
        """The keys for which this event may change what waits."""
        newest = event.time > self._newest
        if newest:
            self._newest = event.time
        keys = plan.keys(event)
        new = late = False
        for (name, _), key in zip(plan.places, keys, strict=True):
            if key is not None:
                place = (event.type, name, key)
                newer = self._people.keep(person, place, event, newest=newest)
                new |= newer is not None
                late |= bool(newer)
        if not new:
            return ()
        waiting = self._agenda.keys(event.customer)
        parts = plan.all_parts() if late else chain(plan.parts(event), _sifted(plan, waiting))
        found = set()
        for part in parts:
            value = keys[part.place]
            if value is not None:
                key_ = TriggerKey(part.trigger.name, event.customer, value)
                if key_ in waiting or stirs(part, event, value, person, newest=newest):
                    found.add(key_)
        return sorted(found)

    def _timeline(self, key: TriggerKey, person: Person) -> Timeline:
        facts = (
            fact
            for _, type_, path, value in self._matcher.reads(key)
            for fact in person.events((type_, path, value))
        )
        zone = person.clock(self._policy)
        spent = person.spent.get(key, ())
        return timeline(self._triggers[key.trigger], facts, spent, zone, key=key.key)

    def _settle(self, key: TriggerKey, person: Person, event: Event) -> Iterator[Line]:
        found = self._timeline(key, person)
        stored = dict(self._agenda.of(key))
        for epoch in stored:
            if epoch not in found.pending:
                yield self._call_off(key, person, epoch, event.received, _why_gone(found, epoch))
        for epoch, ended in found.ended.items():
            if epoch not in stored and self._ended_at_once(key, person, epoch, ended, event):
                yield self._call_off(key, person, epoch, event.received, _why(ended))
        for epoch, occurrence in found.pending.items():
            person.called_off.pop((key, epoch), None)
            self._wait(key, occurrence, stored.get(epoch), event.received)

    def _call_off(
        self, key: TriggerKey, person: Person, epoch: str, at: datetime, reason: str
    ) -> Line:
        if epoch in self._agenda.of(key):
            self._agenda.drop(key, epoch)
        person.called_off[key, epoch] = None
        return Line(at, key, epoch, Outcome.CALLED_OFF, reason)

    def _ended_at_once(
        self, key: TriggerKey, person: Person, epoch: str, ended: Ended, event: Event
    ) -> bool:
        """It never waited, for its end was known before its start; told once."""
        gone = ended.occurrence
        if gone is None or (key, epoch) in person.called_off or person.is_spent(key, epoch):
            return False
        return event.order in {ended.by.order, gone.start.order, gone.event.order}

    def _wait(
        self, key: TriggerKey, occurrence: Occurrence, stored: Waiting | None, now: datetime
    ) -> None:
        if stored and stored.occurrence.moment == occurrence.moment:
            self._agenda.renew(key, replace(stored, occurrence=occurrence))
            return
        due = due_after(self._triggers[key.trigger], occurrence.moment, self._policy.grace)
        at = max(occurrence.moment, now)
        self._put(key, Waiting(occurrence, max(due, now), at, due=due))

    def _put(self, key: TriggerKey, waiting: Waiting) -> None:
        priority = int(self._triggers[key.trigger].limits.priority)
        name = self._house.occurrence_id(key, waiting.occurrence.epoch)
        self._agenda.put(key, waiting, priority, name)

    def _ask(self, key: TriggerKey, waiting: Waiting) -> Iterator[Line]:
        person, occurrence = self._people[key.customer], waiting.occurrence
        gone = self._taken_by_another(key, person, occurrence.epoch)
        if gone:
            yield self._call_off(key, person, occurrence.epoch, waiting.asked, gone)
            return
        known = person.as_known(self._policy)
        case = self._clerk.case(self._triggers[key.trigger], key.key, waiting, known)
        verdict = ask(case)
        if self._witness is not None:
            self._witness(case, verdict)
        if isinstance(verdict, Later):
            self._put(key, self._clerk.put_off(case, waiting, verdict))
            return
        self._agenda.drop(key, occurrence.epoch)
        spent = Spent(occurrence.epoch, occurrence.event.order)
        person.spent.setdefault(key, []).append(spent)
        blank = Line(waiting.at, key, occurrence.epoch, Outcome.SENT, quiet=waiting.quiet)
        line = self._clerk.line(case, blank, verdict, waiting)
        yield line
        yield from self._announce(case, line)

    def _taken_by_another(self, key: TriggerKey, person: Person, epoch: str) -> str | None:
        """Why it waits no more since another of its key was spent; None where it does."""
        if key not in person.spent:
            return None
        found = self._timeline(key, person)
        return None if epoch in found.pending else _why_gone(found, epoch)

    def _announce(self, case: Case, line: Line) -> Iterator[Line]:
        """What the system does is itself an event, which other triggers may listen to."""
        if not self._matcher.listens(ANNOUNCED.get(line.outcome, "")):
            return
        event = own_event(case, line, self._message_id(line))
        if event is not None:
            yield from self._read(event, speaks_of_customer=False)

    def _message_id(self, line: Line) -> str:
        return self._house.message_id(self._house.occurrence_id(line.key, line.epoch))


def _as_asked(trigger: Trigger, *, arms: bool, live: bool) -> Trigger:
    limits = trigger.limits
    if not arms:
        limits = replace(limits, holdout=0.0, ramp=1.0)
    if live:
        limits = replace(limits, mode=Mode.LIVE, ramp=1.0)
    return replace(trigger, limits=limits)


def _sifted(plan: Plan, waiting: Iterable[TriggerKey]) -> Iterator[Part]:
    """What the event cannot start, and may disarm."""
    if plan.by_trigger:
        for key in waiting:
            if key.trigger in plan.by_trigger:
                yield plan.by_trigger[key.trigger]


def _why_gone(found: Timeline, epoch: str) -> str:
    ended = found.ended.get(epoch)
    if ended is not None:
        return _why(ended)
    return (Reason.MOVED if found.pending else Reason.DISARMED).value


def _why(ended: Ended) -> str:
    """The event that called it off; else what became of its own."""
    return ended.by.type if ended.reason is Reason.CALLED_OFF else ended.reason.value
