"""How many more letters may this process claim?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition, Lock
from time import monotonic

QUICK = 1.0
"""Seconds: behind calls that end sooner, a letter may wait for its own without being late."""
WAIT = 0.1
"""Seconds that a claim waits for such calls to end: a bell that tells it of that costs as much as
two letters, and comes 20 ms later."""


class Slots:
    """As many letters as it may have on their way, and while the provider is quick some more.

    Those wait in line, so that no line stands still during a claim; behind a slow provider they
    would be late, and nothing waits. A claim takes all that is free; while more soon will be, it
    is not worth its transaction for a few. At most `claims` at once, so that a slow provider leaves
    threads for other work.
    """

    def __init__(
        self,
        most: int,
        *,
        claims: int,
        ahead: int = 0,
        wait: float = WAIT,
        now: Callable[[], float] = monotonic,
    ) -> None:
        self._most = most
        self._claims = claims
        self._ahead = ahead
        self._least = (most + ahead) // 4 or 1
        self._wait = wait
        self._now = now
        self._quick_until = 0.0
        self._out = 0
        self._refused = False
        self._lock = Lock()
        self._freed = Condition(self._lock)
        self.asked = 0
        """So many claims were begun, or refused and told later: each heard whatever rang before."""

    def take(self) -> int:
        """So many are yours; 0: too few are free, or enough claims are under way.

        While the provider is quick, that is only said where it stays so for a while.
        """
        with self._lock:
            self.asked += 1
            if self._quick:
                self._freed.wait_for(lambda: self._ready, self._wait)
            self._refused = not self._ready
            if self._refused:
                return 0
            taken = min(self._free, self._most)
            self._out, self._claims = self._out + taken, self._claims - 1
            return taken

    def give_back(self, count: int) -> None:
        """What a claim did not need."""
        with self._lock:
            self._out -= count

    def end_call(self, seconds: float) -> bool:
        """One letter is no longer on its way; whether somebody was refused who would not be now."""
        with self._lock:
            self._quick_until = self._now() + QUICK if seconds < QUICK else 0.0
            self._out -= 1
            return self._wanted()

    def end_claim(self) -> bool:
        """Nobody waits for letters of this claim any more; answers as `end_call` does."""
        with self._lock:
            self._claims += 1
            return self._wanted()

    def _wanted(self) -> bool:
        if self._ready:
            self._freed.notify()
        wanted = self._refused and self._ready
        self._refused = self._refused and not wanted
        return wanted

    @property
    def _ready(self) -> bool:
        worth = self._least if self._quick else 1
        return self._claims > 0 and self._free >= worth

    @property
    def _free(self) -> int:
        return self._most + (self._ahead if self._quick else 0) - self._out

    @property
    def _quick(self) -> bool:
        """As the last call has shown; where none has ended since, nobody knows."""
        return self._now() < self._quick_until


class Turnstile:
    """One claims at a time, and one waits: what came due meanwhile is then claimed at once.

    Side by side they would share it out, a letter each, and each claim costs as much as one for
    all. Whoever finds one that waits already has nothing to add to it.
    """

    def __init__(self) -> None:
        self._claiming = Lock()
        self._waiting = Lock()

    @contextmanager
    def entered(self) -> Iterator[bool]:
        """Whether to claim, once nobody else does; False where one waits already."""
        if not self._waiting.acquire(blocking=False):
            yield False
            return
        with self._claiming:
            # from here on what becomes due may be too late for this claim
            self._waiting.release()
            yield True
