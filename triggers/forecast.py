"""What would have been said to whom, and when? The same decisions, on a virtual clock."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from triggers.addresses import usable
from triggers.case import Case
from triggers.composing import compose
from triggers.configuration import Configuration
from triggers.customers import Customer
from triggers.definitions import MessageRoute, Rate, Trigger
from triggers.events import MAX_HOPS, OWN_SOURCE, Event, Order
from triggers.facts import Occurrence, Spent, Timeline, TriggerKey
from triggers.gates import ask
from triggers.lines import Line
from triggers.matching import Matcher
from triggers.profiles import consents_of
from triggers.standing import Standing, pace_name, queue_name, rate_name
from triggers.texts.failures import TextFailed
from triggers.timeline import timeline
from triggers.verdicts import HandOver, Later, Never, Outcome, Reason, Send
from triggers.virtual import Claims, Facts, Profiles, SpentEpochs, Throttles
from triggers.zones import zone_of


@dataclass(slots=True)
class _Waiting:
    """An occurrence, when it is asked next, and the moment its line will tell."""

    occurrence: Occurrence
    asked: datetime
    at: datetime
    reason: Reason | None = None


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
        self._profiles = Profiles()
        self._facts = Facts(self._matcher)
        self._spent = SpentEpochs()
        self._claims = Claims(configuration.policy, self._triggers.values())
        self._throttles = Throttles()
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
        trigger, customer = self._triggers[key.trigger], self._profiles[key.customer]
        zone = zone_of(customer, self._configuration.policy).zones[0]
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
            later = _Waiting(waiting.occurrence, verdict.moment, verdict.moment, verdict.reason)
            self._put(key, waiting.occurrence.epoch, later)
            return
        self._spend(key, waiting.occurrence)
        line = self._line(
            case, Line(waiting.at, key, waiting.occurrence.epoch, Outcome.SENT), verdict
        )
        yield line
        yield from self._announce(case, line)

    def _spend(self, key: TriggerKey, occurrence: Occurrence) -> None:
        self._spent.add(key, Spent(occurrence.epoch, occurrence.event.order))
        del self._waiting[key][occurrence.epoch]
        if not self._waiting[key]:
            del self._waiting[key]

    def _line(self, case: Case, line: Line, verdict: Send | HandOver | Never) -> Line:
        match verdict:
            case Never():
                return replace(line, outcome=verdict.outcome, reason=verdict.reason.value)
            case HandOver(route):
                self._throttles.take(queue_name(route.queue), case.now)
                self._throttles.take(pace_name(case.trigger.name), case.now)
                return replace(line, outcome=Outcome.HANDED_OVER, channel="agent", to=route.queue)
            case Send(route, channels):
                return self._written(case, line, route, channels[0])

    def _written(self, case: Case, line: Line, route: MessageRoute, channel: str) -> Line:
        try:
            text = compose(case, self._configuration.texts, route.message, channel, PLACEHOLDERS)
        except TextFailed:
            return replace(line, outcome=Outcome.SKIPPED, reason=Reason.TEXT_FAILED.value)
        address = case.standing.addresses[channel]
        self._claims.add(case.trigger, case.customer.id, (channel, address), case.now)
        self._throttles.take(pace_name(case.trigger.name), case.now)
        self._throttles.take(rate_name(channel), case.now)
        return replace(
            line,
            channel=channel,
            to=address,
            text=text.text,
            segments=text.segments,
            subject=text.subject,
        )

    def _case(self, key: TriggerKey, waiting: _Waiting) -> Case:
        trigger, customer = self._triggers[key.trigger], self._profiles[key.customer]
        policy = self._configuration.policy
        return Case(
            trigger=trigger,
            occurrence=waiting.occurrence,
            customer=customer,
            standing=self._standing(trigger, customer, waiting.asked),
            policy=policy,
            where=zone_of(customer, policy),
            now=waiting.asked,
            key=key.key,
        )

    def _standing(self, trigger: Trigger, customer: Customer, now: datetime) -> Standing:
        reach = usable(customer, self._configuration.policy)
        return Standing(
            addresses=reach.addresses,
            unusable=reach.unusable,
            consents=consents_of(customer.profile),
            claims=self._claims.of(customer.id, reach.addresses, now),
            busy_until=self._busy(trigger, now),
            salt=self._salt,
        )

    def _busy(self, trigger: Trigger, now: datetime) -> Mapping[str, datetime]:
        rates: dict[str, Rate | None] = {pace_name(trigger.name): trigger.limits.pace}
        policy = self._configuration.policy
        rates[rate_name("sms")] = policy.sms.rate
        rates |= {queue_name(name): queue.capacity for name, queue in policy.agents.items()}
        moments = {
            name: self._throttles.busy_until(name, rate, now)
            for name, rate in rates.items()
            if rate is not None
        }
        return {name: moment for name, moment in moments.items() if moment is not None}

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
