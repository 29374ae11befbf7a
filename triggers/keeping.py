"""For how long is what kept?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Retention:
    """What the policy names no age for is kept.

    `texts`: words and addresses of messages, calls and answers. `events`: payloads, facts and the
    history of profiles. `decisions`: with the occurrences that have ended. `raw`: what providers
    and strangers sent, as it came.
    """

    texts: timedelta | None = None
    events: timedelta | None = None
    decisions: timedelta | None = None
    raw: timedelta | None = None
