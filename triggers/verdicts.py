"""What can be the answer when an occurrence asks to be sent, and for which reason?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from triggers.definitions import AgentRoute, MessageRoute


class Reason(StrEnum):
    """Why something was put off, called off or never sent. docs/triggers.md explains each."""

    CALLED_OFF = "called_off"
    EXPIRED = "expired"
    MODE_OFF = "mode_off"
    NO_ROUTE = "no_route"
    NO_ADDRESS = "no_address"
    SUPPRESSED = "suppressed"
    NO_CONSENT = "no_consent"
    WHEN_FALSE = "when_false"
    PAUSED = "paused"
    QUIET = "quiet"
    PACE = "pace"
    RATE = "rate"
    BREAKER = "breaker"
    COOLDOWN = "cooldown"
    CAP = "cap"
    RAMP = "ramp"
    HOLDOUT = "holdout"
    SHADOW = "shadow"
    FUSE = "fuse"
    SPEND = "spend"
    # not a gate: our own code failed on it, and asks again
    OUR_ERROR = "our_error"
    # what an occurrence is called off by, when no exit event did it
    DISARMED = "disarmed"
    MOVED = "moved"
    TRIGGER_CHANGED = "trigger_changed"
    TRIGGER_REMOVED = "trigger_removed"
    WITHDRAWN = "withdrawn"
    ERASED = "erased"
    MERGED = "merged"
    # notes on events that started nothing
    NO_KEY = "no_key"
    NO_DATE = "no_date"
    UNKNOWN_FIELD = "unknown_field"
    # the text could not be written; the message is parked with the name of what was missing
    TEXT_FAILED = "text_failed"


class Outcome(StrEnum):
    """How an occurrence stands: the words of the occurrences table and of `simulate`."""

    PENDING = "pending"
    SENT = "sent"
    HANDED_OVER = "handed_over"
    SKIPPED = "skipped"
    CALLED_OFF = "called_off"
    HELD_OUT = "held_out"
    SHADOWED = "shadowed"


@dataclass(frozen=True, slots=True)
class Send:
    """Write to the customer by the first of `channels`; the others follow if it fails for good."""

    route: MessageRoute
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HandOver:
    """Let a person call."""

    route: AgentRoute


@dataclass(frozen=True, slots=True)
class Later:
    """Ask everything again at `moment`."""

    moment: datetime
    reason: Reason
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Never:
    """The epoch is spent and nothing leaves."""

    reason: Reason
    detail: str = ""

    @property
    def outcome(self) -> Outcome:
        match self.reason:
            case Reason.CALLED_OFF:
                return Outcome.CALLED_OFF
            case Reason.HOLDOUT | Reason.RAMP:
                return Outcome.HELD_OUT
            case Reason.SHADOW:
                return Outcome.SHADOWED
            case _:
                return Outcome.SKIPPED


Verdict = Send | HandOver | Later | Never
