"""How many more letters may this process have on their way?"""

from __future__ import annotations

from threading import Lock


class Slots:
    """A claim takes all that is free and gives back what it does not need: nothing waits in line.

    At most `turns` of them at once, so that a slow provider leaves threads for other work.
    """

    def __init__(self, most: int, *, turns: int) -> None:
        self._free = most
        self._turns = turns
        self._lock = Lock()

    def take(self) -> int:
        """So many are yours; 0: none is free, or it is nobody's turn."""
        with self._lock:
            if not self._turns or not self._free:
                return 0
            taken, self._free, self._turns = self._free, 0, self._turns - 1
            return taken

    def give_back(self, count: int) -> None:
        with self._lock:
            self._free += count

    def end_turn(self, count: int) -> None:
        """Give back the rest of what `take` gave."""
        with self._lock:
            self._free += count
            self._turns += 1
