"""What would have been said to whom, and when? The same decisions, on a virtual clock."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from triggers.case import Case
from triggers.composing import compose
from triggers.configuration import Configuration
from triggers.definitions import MessageRoute, Policy, Rate, Trigger
from triggers.events import MAX_HOPS, OWN_SOURCE, Event, Order
from triggers.facts import Occurrence, Spent, Timeline, TriggerKey
from triggers.gates import ask
from triggers.lines import Line
from triggers.matching import Matcher
from triggers.standing import Standing, pace_name, queue_name, rate_name
from triggers.texts.failures import TextFailed
from triggers.timeline import timeline
from triggers.verdicts import HandOver, Later, Never, Outcome, Reason, Send
from triggers.virtual import Claims, Facts, Profiles, SpentEpochs, Throttles


@dataclass(slots=True)
class _Waiting:
    """An occurrence, when it is asked next, and the moment its line will tell."""

    occurrence: Occurrence
    asked: datetime
    at: datetime
    reason: Reason | None = None
    places: frozenset[str] = frozenset()
    """The throttles that keep a place for it."""


class Forecast:
    """Takes events in the order they are received, and yields what comes of them."""

    def __init__(
        self,
        configuration: Configuration,
        *,
        only: str | None = None,
        salt: str = "",
        arms: bool = True,
    ) -> None:
        """`only` one trigger; without `arms` nobody is held out and every ramp is at its end."""
        self._configuration = configuration
        chosen = (one for one in configuration.triggers.values() if only in {None, one.name})
        self._triggers = {one.name: one if arms else _without_arms(one) for one in chosen}
        self._matcher = Matcher(self._triggers.values())
        self._salt = salt
        self._profiles = Profiles(configuration.policy)
        self._facts = Facts(self._matcher)
        self._spent = SpentEpochs()
        self._claims = Claims(configuration.policy, self._triggers.values())
        self._throttles = Throttles()
        self._shared = _shared_rates(configuration.policy)
        self._rates = self._shared | {
            pace_name(one.name): one.limits.pace
            for one in self._triggers.values()
            if one.limits.pace
        }
        self._waiting: dict[TriggerKey, dict[str, _Waiting]] = {}
        self._agenda: list[tuple[datetime, int, TriggerKey, str]] = []
        self._seen: set[tuple[str, str]] = set()

    def know(self, customer: str, profile: Mapping[str, Any], order: Order) -> None:
        """A profile from before the events."""
        self._profiles.update(customer, profile, order)

    def take(self, event: Event) -> Iterator[Line]:
        """First what is due before this event is received, then what the event changes."""
        yield from self.advance(event.received)
        if (event.source, event.id) not in self._seen:
            self._seen.add((event.source, event.id))
            yield from self._read(event)

    def advance(self, until: datetime) -> Iterator[Line]:
        """All that is asked before `until`: an event at that very moment is read first."""
        while self._agenda and self._agenda[0][0] < until:
            asked, _, key, epoch = heapq.heappop(self._agenda)
            waiting = self._waiting.get(key, {}).get(epoch)
            if waiting is not None and waiting.asked == asked:
                yield from self._ask(key, waiting)

    def finish(self, until: datetime) -> Iterator[Line]:
        """What still waits when the clock stops."""
        yield from self.advance(until)
        for key, epochs in self._waiting.items():
            for epoch, one in epochs.items():
                reason = one.reason.value if one.reason else None
                yield Line(one.at, key, epoch, Outcome.PENDING, reason)

    def _read(self, event: Event) -> Iterator[Line]:
        profile = event.data if event.type == "customer.updated" else event.data.get("customer")
        if isinstance(profile, Mapping):
            yield from self._meet(event, profile)
        self._facts.add(event)
        touched = {key for _, key in self._matcher.touched(event) if key is not None}
        for key in sorted(touched):
            yield from self._settle(key, event)

    def _meet(self, event: Event, profile: Mapping[str, Any]) -> Iterator[Line]:
        """A changed profile may have moved a clock, or brought an address."""
        if not self._profiles.update(event.customer, profile, event.order):
            return
        for key in [one for one in self._waiting if one.customer == event.customer]:
            for epoch, waiting in self._waiting[key].items():
                if waiting.reason is Reason.NO_ADDRESS:
                    self._put(key, epoch, replace(waiting, asked=event.received))
            yield from self._settle(key, event)

    def _timeline(self, key: TriggerKey, spent: Iterable[Spent]) -> Timeline:
        zone = self._profiles[key.customer].where.zones[0]
        trigger = self._triggers[key.trigger]
        return timeline(trigger, self._facts.of(key), spent, zone, key=key.key)

    def _settle(self, key: TriggerKey, event: Event) -> Iterator[Line]:
        found = self._timeline(key, self._spent.of(key))
        stored = self._waiting.setdefault(key, {})
        for epoch in [one for one in stored if one not in found.pending]:
            ended = found.ended.get(epoch)
            reason = ended.reason.value if ended else Reason.DISARMED.value
            if ended and ended.reason is Reason.CALLED_OFF:
                reason = ended.by.type
            yield Line(event.received, key, epoch, Outcome.CALLED_OFF, reason)
            del stored[epoch]
        for epoch, occurrence in found.pending.items():
            self._wait(key, occurrence, stored.get(epoch), event.received)
        if not stored:
            del self._waiting[key]

    def _wait(
        self, key: TriggerKey, occurrence: Occurrence, stored: _Waiting | None, now: datetime
    ) -> None:
        if stored and stored.occurrence.moment == occurrence.moment:
            stored.occurrence = occurrence
            return
        grace = self._configuration.policy.grace if self._triggers[key.trigger].unless else None
        asked = occurrence.moment + grace if grace else occurrence.moment
        at = max(occurrence.moment, now)
        self._put(key, occurrence.epoch, _Waiting(occurrence, max(asked, now), at))

    def _put(self, key: TriggerKey, epoch: str, waiting: _Waiting) -> None:
        self._waiting[key][epoch] = waiting
        priority = self._triggers[key.trigger].limits.priority
        heapq.heappush(self._agenda, (waiting.asked, int(priority), key, epoch))

    def _ask(self, key: TriggerKey, waiting: _Waiting) -> Iterator[Line]:
        case = self._case(key, waiting)
        verdict = ask(case)
        if isinstance(verdict, Later):
            self._put(key, waiting.occurrence.epoch, self._later(case, waiting, verdict))
            return
        self._spend(key, waiting.occurrence)
        sent = Line(waiting.at, key, waiting.occurrence.epoch, Outcome.SENT)
        line = self._line(case, sent, verdict, waiting.places)
        yield line
        yield from self._announce(case, line)

    def _later(self, case: Case, waiting: _Waiting, verdict: Later) -> _Waiting:
        """A place is kept in each throttle that put it off until that moment."""
        full = {name for name, free in case.standing.busy_until.items() if free == verdict.moment}
        if verdict.reason not in {Reason.PACE, Reason.RATE}:
            full = set()
        for name in full:
            self._throttles.take(name, self._rates[name], verdict.moment)
        places = waiting.places | full
        return _Waiting(waiting.occurrence, verdict.moment, verdict.moment, verdict.reason, places)

    def _spend(self, key: TriggerKey, occurrence: Occurrence) -> None:
        self._spent.add(key, Spent(occurrence.epoch, occurrence.event.order))
        del self._waiting[key][occurrence.epoch]
        if not self._waiting[key]:
            del self._waiting[key]

    def _line(
        self, case: Case, line: Line, verdict: Send | HandOver | Never, places: frozenset[str]
    ) -> Line:
        match verdict:
            case Never():
                return replace(line, outcome=verdict.outcome, reason=verdict.reason.value)
            case HandOver(route):
                names = (pace_name(case.trigger.name), queue_name(route.queue))
                self._take(set(names) - places, case.now)
                return replace(line, outcome=Outcome.HANDED_OVER, channel="agent", to=route.queue)
            case Send(route, channels):
                names = (pace_name(case.trigger.name), rate_name(channels[0]))
                return self._written(case, line, route, channels[0], set(names) - places)

    def _written(
        self, case: Case, line: Line, route: MessageRoute, channel: str, names: set[str]
    ) -> Line:
        try:
            text = compose(case, self._configuration.texts, route.message, channel, PLACEHOLDERS)
        except TextFailed:
            return replace(line, outcome=Outcome.SKIPPED, reason=Reason.TEXT_FAILED.value)
        address = case.standing.addresses[channel]
        self._claims.add(case.trigger, case.customer.id, (channel, address), case.now)
        self._take(names, case.now)
        return replace(
            line,
            channel=channel,
            to=address,
            text=text.text,
            segments=text.segments,
            subject=text.subject,
        )

    def _take(self, names: Iterable[str], now: datetime) -> None:
        for name in names:
            if name in self._rates:
                self._throttles.take(name, self._rates[name], now)

    def _case(self, key: TriggerKey, waiting: _Waiting) -> Case:
        trigger, known = self._triggers[key.trigger], self._profiles[key.customer]
        now = waiting.asked
        standing = Standing(
            addresses=known.reach.addresses,
            unusable=known.reach.unusable,
            consents=known.consents,
            claims=self._claims.of(known.customer.id, known.reach.addresses, now),
            busy_until=self._busy(trigger, waiting.places, now),
            salt=self._salt,
        )
        return Case(
            trigger=trigger,
            occurrence=waiting.occurrence,
            customer=known.customer,
            standing=standing,
            policy=self._configuration.policy,
            where=known.where,
            now=now,
            key=key.key,
        )

    def _busy(
        self, trigger: Trigger, places: frozenset[str], now: datetime
    ) -> Mapping[str, datetime]:
        """Whoever has a place kept finds it free."""
        free = {
            name: self._throttles.free_at(name, self._rates[name], now)
            for name in (pace_name(trigger.name), *self._shared)
            if name in self._rates and name not in places
        }
        return {name: moment for name, moment in free.items() if moment > now}

    def _announce(self, case: Case, line: Line) -> Iterator[Line]:
        """What the system does is itself an event, which other triggers may listen to."""
        kind = ANNOUNCED.get(line.outcome)
        cause = case.waiting.event
        if kind is None or not self._matcher.listens(kind) or cause.hops >= MAX_HOPS:
            return
        data = {
            "trigger": line.key.trigger,
            "key": line.key.key,
            "message_id": "|".join((*line.key, line.epoch)),
            "message": line.key.trigger,
            "channel": line.channel,
            "cause": dict(cause.data),
        }
        yield from self._read(
            Event(
                source=OWN_SOURCE,
                id=f"{data['message_id']}:{line.outcome.value}",
                type=kind,
                time=case.now,
                customer=case.customer.id,
                data=data,
                received=case.now,
                hops=cause.hops + 1,
            )
        )


def _shared_rates(policy: Policy) -> dict[str, Rate]:
    rates = {queue_name(name): queue.capacity for name, queue in policy.agents.items()}
    rates[rate_name("sms")] = policy.sms.rate
    return {name: rate for name, rate in rates.items() if rate}


def _without_arms(trigger: Trigger) -> Trigger:
    return replace(trigger, limits=replace(trigger.limits, holdout=0.0, ramp=1.0))


ANNOUNCED = {
    Outcome.SENT: "outreach.sent",
    Outcome.HANDED_OVER: "outreach.handed_over",
    Outcome.SKIPPED: "outreach.skipped",
}

PLACEHOLDERS = {
    "unsubscribe": "https://unsubscribe.example/u/0000000000000000000000",
    "preferences": "https://unsubscribe.example/u/0000000000000000000000",
}
"""Links that are made for one message alone have no place in a forecast but their length."""
