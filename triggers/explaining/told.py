"""What does an explanation hold? All that a page, a command or the API may show of it.

`Explained` is the whole: one `OfTrigger` for each trigger in force, each with its `Point`s, the
newest first. A point is one case of a trigger (one key and epoch) or one silence. Its `sentence`
is written in the language asked for; every other field is a code, a moment in UTC or a value as
it was, the same in every language. Nothing here is an address or a number somebody can be
reached at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from triggers.clock import stamp
from triggers.definitions import Place

SILENT = "silent"
"""The outcome of a point that is no occurrence; all others are states of occurrences."""


class Silence(StrEnum):
    """Why nothing ever started: the `why` of a silent point."""

    NO_EVENT = "no_event"
    ERASED = "erased_before"
    WHEN_FALSE = "start_false"
    WHEN_UNKNOWN = "start_unknown"
    NO_KEY = "no_key"
    NO_DATE = "no_date"
    NOT_COUNTED = "not_counted"
    COUNTING = "counting"
    HISTORY = "history"
    BEFORE_TRIGGER = "before_trigger"
    WITHDRAWN = "withdrawn_event"
    UNREAD = "unread"
    SET_ASIDE = "set_aside"
    SPENT = "spent"
    FORGOTTEN = "forgotten"


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a condition: `answer` is yes, no, unknown or open; None for a plain value."""

    text: str
    value: Any
    answer: str | None
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A condition and what it says, part by part.

    `word`: `when`, `send 1 when` (a route's), `segment.senior`. `unknown` and `open`: the paths
    that had no usable value, and those that nobody asks before the moment has come.
    """

    word: str
    text: str
    answer: str
    parts: tuple[Part, ...] = ()
    unknown: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """The word of a file that decided: `limits.cooldown`, `7d`, where it stands.

    `written` False: nobody wrote it, the value is the default, and the place is what it would
    stand in.
    """

    word: str
    value: str
    place: Place | None
    written: bool = True


@dataclass(frozen=True, slots=True)
class Cause:
    """An event that something was decided on. `time` None: it was erased, or is kept no longer."""

    source: str
    id: str
    type: str | None = None
    time: datetime | None = None
    received: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """A stored decision: the verdict, its reason, and until when where it is later."""

    at: datetime
    verdict: str
    reason: str | None
    detail: str
    moment: datetime | None
    bundle: str
    causes: tuple[Cause, ...] = ()


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call of a provider: its own code and words; never the address."""

    number: int
    channel: str
    state: str
    at: datetime
    code: str | None = None
    said: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """`state` None: how it stood at the moment asked about is not kept, only how it stands now."""

    id: str
    name: str
    channel: str
    state: str | None
    why: str | None
    attempts: tuple[Attempt, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """To whom it went: the queue, and who took it, if anybody has."""

    handoff: str
    queue: str
    state: str
    due: datetime
    taken_by: str | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """How far a count has come."""

    reached: float
    reach: float


@dataclass(frozen=True, slots=True)
class Point:
    """One case of a trigger, or one silence.

    `outcome`: silent, pending, called_off, messaged, handed_over, skipped, held_out, shadowed.
    `why`: of a silent one a `Silence`, else a `Reason` or None. `at`: when it was decided last.
    `next`: when it is asked again. `bundle`: the version of the configuration that decided.
    """

    sentence: str
    outcome: str
    why: str | None = None
    detail: str = ""
    key: str | None = None
    epoch: str | None = None
    at: datetime | None = None
    next: datetime | None = None
    bundle: str | None = None
    conditions: tuple[Asked, ...] = ()
    setting: Setting | None = None
    causes: tuple[Cause, ...] = ()
    decisions: tuple[Decision, ...] = ()
    message: Message | None = None
    person: Person | None = None
    count: Count | None = None

    @property
    def spoke(self) -> bool:
        """Whether somebody heard of it: the customer, or a person who was to call."""
        return self.outcome in {"messaged", "handed_over"}


@dataclass(frozen=True, slots=True)
class OfTrigger:
    """Everything a trigger has to say of one customer; `more` points are older and left out."""

    trigger: str
    about: str
    place: Place
    bundle: str
    points: tuple[Point, ...]
    more: int = 0

    @property
    def sentence(self) -> str:
        return self.points[0].sentence


@dataclass(frozen=True, slots=True)
class Explained:
    """`at`: the moment asked about. `notes`: what holds for all triggers, in sentences.

    `zone`: the customer's clock, on which the sentences tell the time.
    """

    customer: str
    at: datetime
    lang: str
    zone: str
    bundle: str
    notes: tuple[str, ...]
    triggers: tuple[OfTrigger, ...]


def as_mapping(one: Any) -> Any:
    """The same for JSON: moments as RFC 3339 in UTC, places as file:line."""
    match one:
        case Mapping():
            return {str(name): as_mapping(value) for name, value in one.items()}
        case tuple() | list() | frozenset() | set():
            return [as_mapping(value) for value in one]
        case OfTrigger():
            return {"sentence": one.sentence, **_fields(one)}
        case _ if is_dataclass(one) and not isinstance(one, Place):
            return _fields(one)
        case _:
            return _plain(one)


def _fields(one: Any) -> dict[str, Any]:
    return {field.name: as_mapping(getattr(one, field.name)) for field in fields(one)}


def _plain(one: Any) -> Any:
    match one:
        case datetime():
            return stamp(one)
        case date():
            return one.isoformat()
        case None | bool() | int() | float() | str():
            return one
        case _:
            return str(one)
