"""When has this process last heard a heartbeat, and who sees to it that it hears one in time?

Beat rings one for each queue, and the broker gives it to one of those who share the queue: maybe
to the same one each time. Whoever has heard none for a while rings until one comes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import uniform
from time import monotonic

LATELY = 15.0
"""Seconds; compose wants to have heard of each process within thirty."""
AGAIN = (1.0, 3.0)
"""Seconds until it is rung once more. Never the same: else the broker, whose own waits are of one
length, may choose the same other one each time."""


class Pulse:
    """Of one connection of one process, in the one thread that hears its bells.

    `ring` rings one heartbeat in that queue; `later` calls after so many seconds, once.
    """

    def __init__(
        self,
        queues: Iterable[str],
        *,
        ring: Callable[[str], object],
        later: Callable[[float, Callable[[], None]], object],
        now: Callable[[], float] = monotonic,
    ) -> None:
        self._ring = ring
        self._later = later
        self._now = now
        self._heard = dict.fromkeys(queues, now())
        self._ended = False

    def begin(self) -> None:
        self._later(LATELY, self._look)

    def hear(self, queue: object) -> None:
        """One came in this queue; whoever wrote it may have named another than ours."""
        if queue in self._heard:
            self._heard[str(queue)] = self._now()

    def end(self) -> None:
        self._ended = True

    def _look(self) -> None:
        if self._ended:
            return
        ago = {queue: self._now() - heard for queue, heard in self._heard.items()}
        for queue in [one for one, seconds in ago.items() if seconds >= LATELY]:
            self._ring(queue)
        again = uniform(*AGAIN)  # noqa: S311 - guards no secret
        self._later(max(again, LATELY - max(ago.values())), self._look)
