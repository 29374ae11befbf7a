"""What does a worker hold between its claim of a letter and the provider's answer?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from worker.channels.base import Letter
from worker.store.stretches import Beginning


@dataclass(frozen=True, slots=True)
class ClaimedLetter:
    """A letter under a lease. `deadline` is this process's monotonic clock's, in seconds.

    `sender`: the name of the channel by which it leaves. `customer`: a hash, for the log.
    `cause` is the data of the event that triggered it, for what we announce of it. `began`: since
    when it could have left, where the claim knows it.
    """

    letter: Letter
    sender: str
    address_hash: str
    owner: str
    customer: str
    deadline: float
    cause: Mapping[str, Any]
    began: Beginning | None = None
