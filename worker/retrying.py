"""After this attempt and this failure, when is it tried again, or never?"""

from __future__ import annotations

from datetime import datetime, timedelta

from triggers.chance import share

PAUSES = (
    timedelta(seconds=10),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(minutes=30),
    timedelta(hours=1),
)
"""Before the second try, the third and so on; the last one goes on until the message expires."""

LEASE = timedelta(seconds=150)
"""A claim is its worker's for this long: longer than any provider's call may last."""

CALL_WITHIN = timedelta(seconds=5)
"""A provider's call begins this soon after its claim, or the claim is given back."""

FIRST_LOOK = timedelta(seconds=10)
"""After the answer was not heard, the provider is first asked whether it has the message."""

ABSENT_AFTER = timedelta(minutes=2)
"""Before this, that the provider's list lacks a message proves nothing."""

LOOKED_AGAIN = timedelta(seconds=30)
"""At least so long from one look to the next."""

UNKNOWN_FOR = timedelta(minutes=15)
"""What is not known by then is for the policy, or for a person, to decide."""

_JITTER = 0.25


def next_try(
    message_id: str,
    tries: int,
    *,
    now: datetime,
    expires: datetime,
    after: timedelta | None = None,
) -> datetime | None:
    """When to try again after `tries` failures; None where that would be too late.

    `after` is what the provider asked for. The jitter is the message's own, so that what failed
    together does not come back together, and the same call gives the same answer.
    """
    pause = PAUSES[min(tries, len(PAUSES)) - 1]
    pause += pause * (_JITTER * share(message_id, str(tries)))
    moment = now + max(pause, after or pause)
    return moment if moment < expires else None


def next_look(unknown_at: datetime, *, now: datetime, answered: bool) -> datetime:
    """When the provider is asked again; seldom as time goes by where it did not answer."""
    soonest = now + LOOKED_AGAIN
    if answered:
        return max(soonest, unknown_at + ABSENT_AFTER)
    limit = unknown_at + UNKNOWN_FOR
    return max(soonest, min(now + (now - unknown_at) / 4, limit))
