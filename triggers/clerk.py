"""What does a verdict come to on the virtual clock: which line, and whose place is taken?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from triggers.agenda import Waiting
from triggers.case import Case
from triggers.composing import OwnLinks, compose
from triggers.configuration import Configuration
from triggers.definitions import AgentRoute, MessageRoute, Policy, Rate, Trigger
from triggers.facts import TriggerKey
from triggers.lines import Line
from triggers.remembering import KEPT, Known
from triggers.standing import Standing, fuse_name, pace_name, queue_name, rate_name
from triggers.surveys import ANSWER
from triggers.texts.failures import TextFailed
from triggers.verdicts import HandOver, Later, Never, Outcome, Reason, Send
from triggers.virtual import Claims, Throttles

Words = frozenset[tuple[str, str]]
PASSING = {Reason.PACE, Reason.RATE, Reason.FUSE}
"""Put off by these, an occurrence has a place kept for it."""

PLACEHOLDERS = OwnLinks(
    {
        "unsubscribe": "https://unsubscribe.example/u/0000000000000000000000",
        "preferences": "https://unsubscribe.example/u/0000000000000000000000",
        ANSWER: "https://outreach.example/l/000000000000",
    }
)
"""Links that are made for one message alone have no place in a forecast but their length; the
policy's stand as they are written, for whoever reads a forecast asks where they lead."""


def _joined(key: TriggerKey, epoch: str) -> str:
    """Another for each: what joins them may stand in any of them."""
    return "|".join(part.replace("\\", "\\\\").replace("|", "\\|") for part in (*key, epoch))


def _nobody(_addresses: Mapping[str, str], _now: datetime) -> Words:
    return frozenset()


@dataclass(frozen=True, slots=True)
class House:
    """What a forecast takes from an installation, where there is one.

    `occurrence_id`: by it goes first which of two that are due at once. `suppressed`: of these
    addresses, at this moment, the (channel, category or "*") refused.
    """

    salt: str = ""
    occurrence_id: Callable[[TriggerKey, str], str] = _joined
    message_id: Callable[[str], str] = str
    suppressed: Callable[[Mapping[str, str], datetime], Words] = _nobody
    kept: int = KEPT
    """Facts and customers that are held ready; the others sleep."""


class Clerk:
    """Knows how customers stand, and takes down what was claimed."""

    def __init__(
        self, configuration: Configuration, triggers: Iterable[Trigger], house: House
    ) -> None:
        chosen = tuple(triggers)
        self._policy = configuration.policy
        self._texts = configuration.texts
        self._house = house
        self._claims = Claims(self._policy, chosen)
        shared = _shared_rates(self._policy)
        self._shared = tuple(shared)
        self._throttles = Throttles(shared | _own_rates(self._policy, chosen))

    def case(self, trigger: Trigger, key: str, waiting: Waiting, known: Known) -> Case:
        now = waiting.asked
        names = {pace_name(trigger.name), fuse_name(trigger.name), *self._shared}
        addresses = known.reach.addresses
        standing = Standing(
            addresses=addresses,
            unusable=known.reach.unusable,
            suppressed=self._house.suppressed(addresses, now),
            consents=known.consents,
            claims=self._claims.of(known.customer.id, addresses, now),
            # whoever has a place kept finds it free
            busy_until=self._throttles.busy_until(names - waiting.places, now),
            salt=self._house.salt,
        )
        return Case(
            trigger=trigger,
            occurrence=waiting.occurrence,
            customer=known.customer,
            standing=standing,
            policy=self._policy,
            where=known.where,
            now=now,
            key=key,
        )

    def put_off(self, case: Case, waiting: Waiting, later: Later) -> Waiting:
        """A place is kept in each throttle that put it off until that moment.

        Whoever something else holds back has let those pass, and finds others in them later.
        """
        passing = later.reason in PASSING
        busy = case.standing.busy_until if passing else {}
        full = {name for name, free in busy.items() if free == later.moment}
        self._throttles.take(full, later.moment)
        return Waiting(
            waiting.occurrence,
            later.moment,
            later.moment,
            later.reason,
            waiting.places | full if passing else frozenset(),
            waiting.quiet or later.reason is Reason.QUIET,
        )

    def line(self, case: Case, line: Line, verdict: Send | HandOver | Never, kept: Waiting) -> Line:
        """`line` with what the verdict says; what is claimed takes its places."""
        match verdict:
            case Never():
                return replace(line, outcome=verdict.outcome, reason=verdict.reason.value)
            case HandOver(route):
                names = {pace_name(case.trigger.name), queue_name(route.queue)}
                self._throttles.take(names - kept.places, case.now)
                self._claims.add_call(case.trigger, case.customer.id, case.now)
                return self._handed_over(line, route)
            case Send(route, channels):
                return self._written(case, line, route, channels[0], kept)

    def _handed_over(self, line: Line, route: AgentRoute) -> Line:
        outcome = Outcome.HANDED_OVER
        return replace(
            line, outcome=outcome, channel="agent", to=route.queue, message=route.message
        )

    def _written(
        self, case: Case, line: Line, route: MessageRoute, channel: str, kept: Waiting
    ) -> Line:
        try:
            text = compose(case, self._texts, route.message, channel, PLACEHOLDERS)
        except TextFailed:
            return replace(line, outcome=Outcome.SKIPPED, reason=Reason.TEXT_FAILED.value)
        address = case.standing.addresses[channel]
        self._claims.add(case.trigger, case.customer.id, (channel, address), case.now)
        trigger = case.trigger.name
        names = {pace_name(trigger), fuse_name(trigger), rate_name(channel)}
        self._throttles.take(names - kept.places, case.now)
        return replace(
            line,
            channel=channel,
            to=address,
            text=text.text,
            segments=text.segments,
            subject=text.subject,
            message=route.message,
        )


def _shared_rates(policy: Policy) -> dict[str, Rate]:
    rates = {queue_name(name): queue.capacity for name, queue in policy.agents.items()}
    rates |= {rate_name("sms"): policy.sms.rate, rate_name("email"): policy.email.rate}
    return {name: rate for name, rate in rates.items() if rate}


def _own_rates(policy: Policy, triggers: Iterable[Trigger]) -> dict[str, Rate]:
    rates: dict[str, Rate] = {}
    for one in triggers:
        if one.limits.pace:
            rates[pace_name(one.name)] = one.limits.pace
        if policy.fuse_trigger:
            rates[fuse_name(one.name)] = policy.fuse_trigger
    return rates
