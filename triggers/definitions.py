"""What is a trigger, a route, a policy, once it has been read? Frozen shapes, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Any

from triggers.answering import ReplyPolicy
from triggers.conditions import Condition
from triggers.durations import Duration
from triggers.keeping import Retention
from triggers.paths import Path
from triggers.subscribing import Subscription
from triggers.surveys import SurveyPolicy
from triggers.usual import Watch

CHANNELS = ("sms", "email")


class Again(StrEnum):
    """What a repeated start does."""

    ONCE = "once"
    EACH = "each"
    RESTART = "restart"


class Mode(StrEnum):
    LIVE = "live"
    SHADOW = "shadow"
    OFF = "off"


class Priority(IntEnum):
    """Lower is claimed first."""

    HIGH = 0
    NORMAL = 1
    LOW = 2


@dataclass(frozen=True, slots=True)
class Rate:
    """So many in a rolling window: `200 per 1h`."""

    count: int
    per: timedelta

    def __str__(self) -> str:
        return f"{self.count} per {Duration(0, self.per)}"


@dataclass(frozen=True, slots=True)
class ElapsedWait:
    """`1h`, `1d at 11:00`, or nothing at all: from the start event's time."""

    duration: Duration
    at: time | None = None


@dataclass(frozen=True, slots=True)
class UntilWait:
    """`until 10:00`: the next such wall time at or after the start event's time."""

    at: time


@dataclass(frozen=True, slots=True)
class DateWait:
    """`7d before PATH at 10:00`: a negative offset means before, a positive one after."""

    offset: Duration
    before: bool
    path: Path
    at: time | None = None


Wait = ElapsedWait | UntilWait | DateWait
NO_WAIT = ElapsedWait(Duration(0, timedelta()))


@dataclass(frozen=True, slots=True)
class Exit:
    """An event that calls off what is waiting. `key` None: the trigger's own key path."""

    event: str
    key: Path | None = None
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """Exactly one of `since` (a reset event's type) and `within` is set."""

    reach: float
    since: str | None = None
    within: timedelta | None = None
    distinct: Path | None = None
    sum: Path | None = None


@dataclass(frozen=True, slots=True)
class MessageRoute:
    """A templated message by the first of `by` that can reach the customer."""

    message: str
    by: tuple[str, ...]
    when: Condition | None = None
    survey: bool = False


@dataclass(frozen=True, slots=True)
class AgentRoute:
    """A person of `queue` calls within `due`, reading templates/`message`/agent.*."""

    queue: str
    message: str
    due: Duration | None = None
    when: Condition | None = None


Route = MessageRoute | AgentRoute


@dataclass(frozen=True, slots=True)
class Limits:
    category: str
    expires: timedelta = timedelta(days=1)
    cooldown: timedelta | None = None
    holdout: float = 0.0
    priority: Priority = Priority.NORMAL
    pace: Rate | None = None
    mode: Mode = Mode.LIVE
    ramp: float = 1.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the configuration something was written, for messages that must point at it."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Example:
    """A story that a trigger is tried by, as it was written, and where that is."""

    story: Mapping[str, Any]
    place: Place


@dataclass(frozen=True, slots=True)
class Trigger:
    """One trigger. `key` None: one occurrence a customer."""

    name: str
    on: str
    send: tuple[Route, ...]
    limits: Limits
    key: Path | None = None
    when: Condition | None = None
    count: Count | None = None
    wait: Wait = NO_WAIT
    unless: tuple[Exit, ...] = ()
    again: Again = Again.EACH
    about: str = ""
    examples: tuple[Example, ...] = ()
    place: Place = Place("", 0)
    digest: str = ""
    """Hash of the definition's text: two bundles with the same digest hold the same trigger."""


@dataclass(frozen=True, slots=True)
class Nights:
    """From a wall time to a wall time, over midnight when start is the later one."""

    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Quiet:
    """When nothing leaves. `days` holds weekday names (`sun`…`sat`), `shabbat`, `holidays`."""

    nights: Nights | None = None
    days: frozenset[str] = frozenset()
    resume: time | None = None
    spread: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Category:
    """`quiet` None: at any hour. `urgent` categories pass caps and quiet hours."""

    name: str
    quiet: Quiet | None = None
    consent_required: bool = False
    caps: tuple[Rate, ...] = ()
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Weekly:
    """Working hours: wall times on some weekdays (Monday is 0)."""

    weekdays: frozenset[int]
    start: time
    end: time


@dataclass(frozen=True, slots=True)
class AgentQueue:
    name: str
    capacity: Rate | None = None
    hours: Weekly | None = None
    open: int | None = None  # while so many calls wait, no trigger hands over another
    overdue: timedelta | None = None  # nor while one that nobody has taken is late by so much work


@dataclass(frozen=True, slots=True)
class SmsPolicy:
    """`countries` are ISO codes of the numbers that may be written to; empty: the policy's own.

    `two_way`: whoever answers an SMS is heard; a sender that is a name cannot be answered.
    `price`: of one segment, in the policy's currency.
    """

    max_segments: int = 3
    countries: frozenset[str] = frozenset()
    rate: Rate | None = None
    two_way: bool = True
    price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class EmailPolicy:
    """`price`: of one message, in the policy's currency."""

    rate: Rate | None = None
    price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """So much money in a rolling window: `500 per 1d`, in the policy's currency."""

    amount: Decimal
    per: timedelta

    def __str__(self) -> str:
        return f"{self.amount} per {Duration(0, self.per)}"


@dataclass(frozen=True, slots=True)
class Policy:
    """config/outreach.yaml. The first language is the default.

    `currency`: of the prices, empty where it is not written. `outcome_cost`: of one such contact.
    `approval_required`: while this policy is in force, another one needs a second person.
    """

    languages: tuple[str, ...]
    categories: Mapping[str, Category]
    brand: Mapping[str, Any] = field(default_factory=dict)
    timezone: str = "UTC"
    country: str = ""
    place: str = ""
    segments: Mapping[str, Condition] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    tracked: Mapping[str, timedelta] = field(default_factory=dict)
    surveys: Mapping[str, SurveyPolicy] = field(default_factory=dict)
    agents: Mapping[str, AgentQueue] = field(default_factory=dict)
    fuse_customer: Rate = Rate(6, timedelta(hours=1))
    fuse_trigger: Rate | None = None
    lateness: timedelta = timedelta(days=30)
    grace: timedelta = timedelta(minutes=2)
    outcome_event: str = "support.contacted"
    outcome_within: timedelta = timedelta(days=7)
    outcome_cost: Decimal | None = None
    sms: SmsPolicy = SmsPolicy()
    email: EmailPolicy = EmailPolicy()
    replies: ReplyPolicy = field(default_factory=ReplyPolicy)
    currency: str = ""
    spend_total: Budget | None = None
    spend_trigger: Budget | None = None
    unknown: Mapping[str, str] = field(default_factory=dict)
    delivery_unknown_after: timedelta = timedelta(days=3)
    approval_required: bool = False
    retention: Retention = field(default_factory=Retention)
    webhooks: Mapping[str, Subscription] = field(default_factory=dict)
    watch: Watch = field(default_factory=Watch)
