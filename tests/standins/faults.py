"""What is to go wrong at a stand-in, for which address, and how often?"""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

EVERYBODY = "*"
Weather = Sequence[tuple[float, Mapping[str, Any]]]
"""Shares of all that comes, and the words of the fault that each meets."""


@dataclass
class Fault:
    """`kind` is the stand-in's own word; `times` None: until it is cleared."""

    kind: str
    to: str = EVERYBODY
    times: int | None = None
    seconds: float = 0.0
    status: int = 400
    code: int | None = None
    reply: str = ""

    def concerns(self, address: str) -> bool:
        return self.to in (EVERYBODY, address) and self.times != 0


class Faults:
    """Those that are set, taken in the order they were set in."""

    def __init__(self) -> None:
        self._set: list[Fault] = []
        self._weather: Weather = ()
        self._dice = random.Random()
        self._lock = threading.Lock()

    def add(self, **words: Any) -> None:
        with self._lock:
            self._set.append(Fault(**words))

    def weather(self, seed: int, weather: Weather) -> None:
        """From now on, by the dice: the same seed throws the same."""
        with self._lock:
            self._weather = weather
            self._dice = random.Random(seed)

    def take(self, address: str, *kinds: str) -> Fault | None:
        """The first that concerns the address, used up by one; of these kinds, if any are named."""
        with self._lock:
            for fault in self._set:
                if fault.concerns(address) and (not kinds or fault.kind in kinds):
                    if fault.times is not None:
                        fault.times -= 1
                    return fault
            return self._thrown(kinds)

    def clear(self) -> None:
        with self._lock:
            self._set.clear()
            self._weather = ()

    def _thrown(self, kinds: Sequence[str]) -> Fault | None:
        for share, words in self._weather:
            if (not kinds or words["kind"] in kinds) and self._dice.random() < share:
                return Fault(**words)
        return None
