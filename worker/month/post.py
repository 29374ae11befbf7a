"""Who takes the month's messages? A provider that keeps them here, and fails now and then."""

from __future__ import annotations

from collections.abc import Callable, Collection
from concurrent.futures import Executor, Future
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from worker.channels.base import Accepted, Letter, TryLater, Uncertain
from worker.month.lives import workday
from worker.month.luck import Luck
from worker.outboxes import keep

OUTAGE_DAY, OUTAGE_HOUR, OUTAGE_LASTS = 11, 7, timedelta(hours=3)
"""When the SMS provider answers nobody: on a morning of work, by UTC."""

UNHEARD = (3, 5, 12, 13, 19, 25, 26)
"""Days from which on the next call's answer is lost: early enough that its fate is decided by the
end, and the last two so late that nobody has looked at them."""

SLOW = 0.02


class Post:
    """One way out. Every letter is kept where those of the outbox are, and none leaves."""

    def __init__(
        self,
        name: str,
        engine: Engine,
        luck: Luck,
        begin: datetime,
        clock: Callable[[], datetime],
    ) -> None:
        self.name = name
        self.sender = f"demo:{name}"
        self.taken: list[Letter] = []
        self.lost = False
        self._engine = engine
        self._luck = luck
        self._down = workday(begin, OUTAGE_DAY, hour=OUTAGE_HOUR)
        self._unheard = [begin + timedelta(days=day) for day in UNHEARD]
        self._clock = clock

    def send(self, letter: Letter) -> Accepted:
        now = self._clock()
        draw = self._luck.of("post", letter.message_id, str(letter.attempt))
        if self.name == "sms":
            if self._down <= now < self._down + OUTAGE_LASTS:
                raise TryLater("503", "the provider does not answer", failing=True)
            if self._unheard and now >= self._unheard[0]:
                del self._unheard[0]
                self.lost = True
                raise Uncertain("timeout", "no answer within 10 seconds")
            if draw.random() < SLOW and letter.attempt == 1:
                raise TryLater("20429", "too many requests", timedelta(minutes=1))
        keep(self._engine, letter, now=now)
        self.taken.append(letter)
        return Accepted(f"demo-{letter.message_id}-{letter.attempt}")

    def taken_since(self) -> Collection[Letter]:
        """Those taken since this was asked last."""
        found, self.taken = self.taken, []
        return found

    def close(self) -> None:
        """Nothing is held open."""


class AtOnce(Executor):
    """A pool without threads: answers come in the order of the calls, in every month alike."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(fn(*args, **kwargs))
        return done
