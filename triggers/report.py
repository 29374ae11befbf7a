"""What does the report say of each trigger? What was counted, and what can be known by it.

Nothing is compared without customers who were held out: docs/report.md says how it is made.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from triggers.counted import Assigned, Counts, Followed, Objected, Survey
from triggers.definitions import Policy, Trigger
from triggers.effect import Aim, Arm, Effect, Span, compare, uneven


class Bucket(StrEnum):
    """How time is divided: weeks begin on Monday; days are those of UTC."""

    WEEK = "week"
    MONTH = "month"

    def of(self, day: date) -> date:
        """The first day of the week or the month it is in."""
        if self is Bucket.MONTH:
            return day.replace(day=1)
        return day - timedelta(days=day.weekday())


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: of assignments from `since` to before `until`. `trigger` None: of each."""

    since: datetime
    until: datetime
    now: datetime
    trigger: str | None = None
    by: Bucket = Bucket.WEEK
    aim: Aim = field(default_factory=Aim)


@dataclass(frozen=True, slots=True)
class Drawn:
    """Customers first assigned, each to one arm. `open`: their time is not over yet."""

    messaged: int
    held_out: int
    open: int


@dataclass(frozen=True, slots=True)
class Period:
    begins: date
    drawn: Drawn
    effect: Effect


@dataclass(frozen=True, slots=True)
class Balance:
    """In the policy's currency, of what is closed. `worth` None: no control, or no cost of a
    contact. `cost`: of messages, and of calls that people were asked to make where that has a
    price; `unpriced` messages and calls are not in it."""

    worth: Span | None
    cost: float
    unpriced: int

    @property
    def net(self) -> Span | None:
        """Only where everything has a price."""
        if self.worth is None or self.unpriced:
            return None
        worth = self.worth
        return Span(worth.estimate - self.cost, worth.low - self.cost, worth.high - self.cost)


@dataclass(frozen=True, slots=True)
class Way:
    """Of those who followed a link and whose time is over, so many contacted us after all.

    `topics`: about what, the commonest first. `open`: customers whose time is not over yet.
    """

    link: str
    followed: int
    contacted: int
    topics: tuple[tuple[str, int], ...]
    open: int


@dataclass(frozen=True, slots=True)
class TriggerReport:
    """`holdout` is the share that is held out now. `uneven`: the arms do not stand as that share
    says. `objected`: by what was objected, to how many of the `messages` that left."""

    trigger: str
    about: str
    holdout: float
    drawn: Drawn
    effect: Effect
    uneven: bool
    periods: tuple[Period, ...]
    balance: Balance
    messages: Mapping[str, int]
    segments: int
    handed_over: int
    asked_for: int
    objected: Mapping[Objected, int]
    surveys: tuple[Survey, ...]
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """`since` is later than was asked where what happened before is not kept any more."""

    asked: Question
    since: datetime
    event: str
    within: timedelta
    currency: str
    contact_cost: float | None
    triggers: tuple[TriggerReport, ...]

    @property
    def shortened(self) -> bool:
        return self.since > self.asked.since


def kept_since(asked: Question, policy: Policy) -> datetime:
    """From when on all is there that is counted."""
    ages = [one for one in (policy.retention.events, policy.retention.decisions) if one]
    return max([asked.since, *(asked.now - age for age in ages)])


def make_report(
    asked: Question, counts: Counts, policy: Policy, triggers: Mapping[str, Trigger]
) -> Report:
    """Of every trigger in force, and of each that something was counted of."""
    names = {asked.trigger} if asked.trigger else counts.triggers | triggers.keys()
    cost = policy.outcome_cost
    return Report(
        asked=asked,
        since=kept_since(asked, policy),
        event=policy.outcome_event,
        within=policy.outcome_within,
        currency=policy.currency,
        contact_cost=None if cost is None else float(cost),
        triggers=tuple(
            _trigger(name, triggers.get(name), asked, counts.of(name), policy)
            for name in sorted(names)
        ),
    )


def _trigger(
    name: str, trigger: Trigger | None, asked: Question, counts: Counts, policy: Policy
) -> TriggerReport:
    holdout = trigger.limits.holdout if trigger else 0.0
    drawn = _drawn(counts.assigned)
    effect = _effect(counts.assigned, holdout, asked.aim)
    messages: dict[str, int] = defaultdict(int)
    for one in counts.sent:
        messages[one.channel] += one.messages
    return TriggerReport(
        trigger=name,
        about=trigger.about if trigger else "",
        holdout=holdout,
        drawn=drawn,
        effect=effect,
        uneven=bool(drawn.held_out)
        and uneven(drawn.held_out, drawn.messaged + drawn.held_out, holdout),
        periods=_periods(counts.assigned, holdout, asked),
        balance=_balance(effect, counts, policy),
        messages=dict(sorted(messages.items())),
        segments=sum(one.segments for one in counts.sent),
        handed_over=sum(one.handed_over for one in counts.calls),
        asked_for=sum(one.asked_for for one in counts.calls),
        objected={one.how: one.addresses for one in counts.objections},
        surveys=tuple(counts.surveys),
        ways=_ways(counts.followed),
    )


def _drawn(assigned: Iterable[Assigned]) -> Drawn:
    rows = list(assigned)
    held_out = sum(one.customers for one in rows if one.held_out)
    still = sum(one.customers for one in rows if not one.closed)
    return Drawn(sum(one.customers for one in rows) - held_out, held_out, still)


def _effect(assigned: Sequence[Assigned], holdout: float, aim: Aim) -> Effect:
    drawn = _drawn(assigned)
    everybody = drawn.messaged + drawn.held_out
    # nobody is held out any more: as many as there were
    share = holdout or (drawn.held_out / everybody if everybody else 0.0)
    messaged, held_out = (_arm(assigned, held_out=one) for one in (False, True))
    return compare(messaged, held_out, drawn=drawn.held_out, share=share, aim=aim)


def _arm(assigned: Iterable[Assigned], *, held_out: bool) -> Arm:
    rows = [one for one in assigned if one.closed and one.held_out is held_out]
    return Arm(sum(one.customers for one in rows), sum(one.contacted for one in rows))


def _periods(assigned: Iterable[Assigned], holdout: float, asked: Question) -> tuple[Period, ...]:
    found: dict[date, list[Assigned]] = defaultdict(list)
    for one in assigned:
        found[asked.by.of(one.day)].append(one)
    return tuple(
        Period(begins, _drawn(rows), _effect(rows, holdout, asked.aim))
        for begins, rows in sorted(found.items())
    )


def _balance(effect: Effect, counts: Counts, policy: Policy) -> Balance:
    price = policy.outcome_cost
    sent = [one for one in counts.sent if one.closed]
    calls = sum(one.handed_over for one in counts.calls if one.closed)
    cost, unpriced = sum(one.cost for one in sent), sum(one.unpriced for one in sent)
    if price is None:
        return Balance(None, cost, unpriced + calls)
    worth = effect.prevented.times(float(price)) if effect.prevented else None
    # a call that is made costs as much as one that is taken
    return Balance(worth, cost + calls * float(price), unpriced)


def _ways(followed: Iterable[Followed]) -> tuple[Way, ...]:
    found: dict[str, list[Followed]] = defaultdict(list)
    for one in followed:
        found[one.link].append(one)
    ways = (_way(link, rows) for link, rows in found.items())
    return tuple(sorted(ways, key=lambda one: (-one.contacted, one.link)))


def _way(link: str, rows: Sequence[Followed]) -> Way:
    closed = [one for one in rows if one.closed]
    after_all = [(one.topic, one.customers) for one in closed if one.topic is not None]
    return Way(
        link=link,
        followed=sum(one.customers for one in closed),
        contacted=sum(number for _, number in after_all),
        topics=tuple(sorted(after_all, key=lambda one: (-one[1], one[0]))),
        open=sum(one.customers for one in rows if not one.closed),
    )
