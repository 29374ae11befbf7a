"""What is to go wrong at a stand-in, for which address, and how often?"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

EVERYBODY = "*"


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
        self._lock = threading.Lock()

    def add(self, **words: Any) -> None:
        with self._lock:
            self._set.append(Fault(**words))

    def take(self, address: str, *kinds: str) -> Fault | None:
        """The first that concerns the address, used up by one; of these kinds, if any are named."""
        with self._lock:
            for fault in self._set:
                if fault.concerns(address) and (not kinds or fault.kind in kinds):
                    if fault.times is not None:
                        fault.times -= 1
                    return fault
        return None

    def clear(self) -> None:
        with self._lock:
            self._set.clear()
