"""When does a sender rest, and who may try whether it works again?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

MOST_FAILURES = 5
"""So many in a row of the provider's own, and its sender rests."""

FIRST_REST = timedelta(seconds=30)
LONGEST_REST = timedelta(minutes=5)
"""Each rest is twice as long as the one before it, up to this."""

TRIAL = timedelta(seconds=30)
"""After a rest one letter leaves, and the others wait so long for what becomes of it."""

BREATH = timedelta(seconds=1)
"""What a sender that is too fast rests where its provider does not say how long."""

_MOST_BREAKS = 1000


@dataclass(frozen=True, slots=True)
class Health:
    """`failures` in a row; `breaks`: rests since the last success; nothing leaves before `until`.

    With all of its failures it rests; with one less it is on trial, and one more lets it rest
    again.
    """

    failures: int = 0
    breaks: int = 0
    until: datetime | None = None
    why: str | None = None

    @property
    def is_down(self) -> bool:
        """It has rested, and nothing has succeeded since."""
        return self.breaks > 0

    def waits_until(self, now: datetime) -> datetime | None:
        return self.until if self.until is not None and self.until > now else None


WELL = Health()


def failed(health: Health, why: str, now: datetime) -> Health:
    """What was on its way when the rest began changes nothing more."""
    if health.failures >= MOST_FAILURES:
        return health
    if health.failures + 1 < MOST_FAILURES:
        return replace(health, failures=health.failures + 1)
    rest = min(LONGEST_REST, FIRST_REST * 2 ** min(health.breaks, 10))
    return _resting(health, now + rest, why)


def stopped(health: Health, why: str, now: datetime) -> Health:
    """At once: with this configuration nothing would pass."""
    until = now + LONGEST_REST
    if health.failures >= MOST_FAILURES:
        return replace(health, until=until, why=why)
    return _resting(health, until, why)


def slowed(health: Health, after: timedelta | None, now: datetime) -> Health:
    """Nobody failed: all wait for so long, then all may leave."""
    until = now + min(after or BREATH, LONGEST_REST)
    return health if (health.until or now) >= until else replace(health, until=until)


def succeeded(health: Health) -> Health:
    return WELL if health.is_down else replace(health, failures=0)


def tried(health: Health, now: datetime) -> Health:
    """One letter has been claimed to see whether it works again."""
    return replace(health, failures=MOST_FAILURES - 1, until=now + TRIAL)


def _resting(health: Health, until: datetime, why: str) -> Health:
    return Health(MOST_FAILURES, min(health.breaks + 1, _MOST_BREAKS), until, why)
