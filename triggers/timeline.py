"""What do a key's facts amount to under a trigger: which epochs wait, since when, until when?"""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from triggers.definitions import Trigger
from triggers.events import Event
from triggers.facts import Spent, Timeline


def timeline(
    trigger: Trigger, facts: Iterable[Event], spent: Iterable[Spent], zone: ZoneInfo
) -> Timeline:
    """Pure: any order of facts gives the same. `pending` leaves spent epochs out, `ended` does not."""
    raise NotImplementedError
