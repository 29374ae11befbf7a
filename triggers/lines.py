"""What is told of one outcome of a forecast?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from triggers.facts import TriggerKey
from triggers.verdicts import Outcome


@dataclass(frozen=True, slots=True)
class Line:
    """One outcome. `at` is the moment due, moved only by what put it off.

    `message` is what was sent or is read by who calls; `quiet`: quiet hours have moved it.
    """

    at: datetime
    key: TriggerKey
    epoch: str
    outcome: Outcome
    reason: str | None = None
    channel: str | None = None
    to: str | None = None
    text: str | None = None
    segments: int | None = None
    subject: str | None = None
    message: str | None = None
    quiet: bool = False

    def as_mapping(self) -> dict[str, Any]:
        """The line as `outreach simulate --format json` prints it."""
        return {
            "at": self.at.isoformat().replace("+00:00", "Z"),
            "trigger": self.key.trigger,
            "customer": self.key.customer,
            "key": self.key.key,
            "epoch": self.epoch,
            "outcome": self.outcome.value,
            "reason": self.reason,
            "channel": self.channel,
            "to": self.to,
            "text": self.text,
            "segments": self.segments,
        }
