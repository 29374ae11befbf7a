"""What was counted lately, and need not be counted anew for everybody who looks?"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from worker.http.parts import Doors


class Counted(NamedTuple):
    """What came out, and when it was counted."""

    at: datetime
    told: Any


class Shelf:
    """The last answer to each question; while one is being counted, who asks the same waits."""

    def __init__(self, kept: timedelta) -> None:
        self._kept = kept
        self._lock = Lock()
        self._found: dict[Hashable, Counted] = {}

    def get(self, key: Hashable, now: datetime, count: Callable[[], Any]) -> Counted:
        with self._lock:
            found = self._found.get(key)
            if found is None or now - found.at >= self._kept:
                fresh = {k: one for k, one in self._found.items() if now - one.at < self._kept}
                found = Counted(now, count())
                self._found = {**fresh, key: found}
            return found


Shelves = WeakKeyDictionary[Doors, Shelf]


def shelf_of(shelves: Shelves, house: Doors, kept: timedelta) -> Shelf:
    """Each process has its own."""
    return shelves.setdefault(house, Shelf(kept))
