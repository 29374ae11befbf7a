"""From what is an explanation made? What was stored of one trigger and one customer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from triggers.calendars.allowed import Whereabouts
from triggers.customers import Customer
from triggers.definitions import Policy, Trigger
from triggers.events import Event
from triggers.explaining.settings import Files
from triggers.explaining.silence import OfKey
from triggers.explaining.told import Decision, Message, Person


@dataclass(frozen=True, slots=True)
class Rules:
    """A version of the configuration, as far as one trigger is concerned."""

    bundle: str
    trigger: Trigger
    policy: Policy
    files: Files


@dataclass(frozen=True, slots=True)
class Seen:
    """An event that might have started it: new, read, set_aside or withdrawn."""

    event: Event
    state: str


@dataclass(frozen=True, slots=True)
class Occurred:
    """One occurrence as it stood: `at` is when it was decided last, `due` when it is asked next.

    `rules` are those of the version that decided, or those in force where that is read no more.
    """

    key: str
    epoch: str
    state: str
    at: datetime
    rules: Rules
    reason: str | None = None
    detail: str = ""
    due: datetime | None = None
    channel: str = ""
    decisions: tuple[Decision, ...] = ()
    message: Message | None = None
    person: Person | None = None


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that was stored of one trigger and one customer up to `now`.

    `customer_at`: how he was known at a moment. `cases`: the newest ones, and `older` more are left
    out; `started` names what all of them started by, `decided` their keys. `notes`: decisions on
    events that had no key.
    `starts`: the newest events of the type it listens to, whether they were read or not.
    """

    rules: Rules
    customer_at: Callable[[datetime], Customer]
    where: Whereabouts
    now: datetime
    keys: Mapping[str, OfKey] = field(default_factory=lambda: MappingProxyType({}))
    cases: Sequence[Occurred] = ()
    older: int = 0
    started: frozenset[tuple[str, str]] = frozenset()
    decided: frozenset[str] = frozenset()
    notes: Sequence[Decision] = ()
    starts: Sequence[Seen] = ()
    born: datetime | None = None
    erased: datetime | None = None
