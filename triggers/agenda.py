"""What waits on the virtual clock, and what is asked next?"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from triggers.facts import Occurrence, TriggerKey
from triggers.verdicts import Reason

Epochs = Mapping[str, "Waiting"]
_NONE: Epochs = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Waiting:
    """An occurrence, when it is asked next, and the moment its line will tell."""

    occurrence: Occurrence
    asked: datetime
    at: datetime
    reason: Reason | None = None
    places: frozenset[str] = frozenset()
    """The throttles that keep a place for it."""
    quiet: bool = False
    """Quiet hours have put it off."""
    due: datetime | None = None
    """When it should have been asked, had it been known in time."""


class Agenda:
    """All that waits, by customer and key, and in the order in which it is asked."""

    def __init__(self) -> None:
        self._of: dict[str, dict[TriggerKey, dict[str, Waiting]]] = {}
        self._queue: list[tuple[datetime, int, datetime, str, TriggerKey, str]] = []

    def __iter__(self) -> Iterator[tuple[TriggerKey, Waiting]]:
        for keys in self._of.values():
            for key, epochs in keys.items():
                for waiting in epochs.values():
                    yield key, waiting

    def of(self, key: TriggerKey) -> Epochs:
        keys = self._of.get(key.customer)
        return keys.get(key, _NONE) if keys else _NONE

    def keys(self, customer: str) -> list[TriggerKey]:
        return list(self._of.get(customer, ()))

    def put(self, key: TriggerKey, waiting: Waiting, priority: int, name: str) -> None:
        """It waits, and is asked at its moment; what stood there of its epoch is forgotten.

        What is asked at one moment goes by its priority, by when it was due, and by its name.
        """
        self.renew(key, waiting)
        due = waiting.due or waiting.asked
        epoch = waiting.occurrence.epoch
        heapq.heappush(self._queue, (waiting.asked, priority, due, name, key, epoch))

    def renew(self, key: TriggerKey, waiting: Waiting) -> None:
        """The same with other terms, asked when it would have been."""
        epochs = self._of.setdefault(key.customer, {}).setdefault(key, {})
        epochs[waiting.occurrence.epoch] = waiting

    def drop(self, key: TriggerKey, epoch: str) -> None:
        keys = self._of[key.customer]
        del keys[key][epoch]
        if not keys[key]:
            del keys[key]
        if not keys:
            del self._of[key.customer]

    def next(self, until: datetime) -> tuple[TriggerKey, Waiting] | None:
        """Taken off the queue: what is asked first, if that is before `until`."""
        while self._queue and self._queue[0][0] < until:
            asked, *_, key, epoch = heapq.heappop(self._queue)
            waiting = self.of(key).get(epoch)
            # what has been put off since has a newer entry
            if waiting is not None and waiting.asked == asked:
                return key, waiting
        return None
