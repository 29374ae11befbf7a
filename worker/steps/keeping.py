"""How are the answers to all calls of a process kept, with few transactions and none forgotten?"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog

from worker.lifecycle import AttemptState
from worker.steps.outcomes import Answered, Outcome, Written
from worker.store.engine import out_of_reach

log = structlog.get_logger(__name__)

RECORD_AGAIN = (0.1, 0.5, 2.0, 5.0, 5.0, 5.0)
"""Seconds between tries to write down answers that a lost database would make us forget: together
longer than it takes to start one again, shorter than a stop of this process may last."""

GATHERED = 0.02
"""Seconds that an answer waits for others, while others are to come: they are written together."""

ENOUGH = 128
"""As many answers as are worth a transaction: they wait for no more."""

Write = Callable[[Sequence[Answered]], Written]
"""In a transaction of its own."""


@dataclass(eq=False, slots=True)
class Share:
    """The answers that one claim waits for; `left`: so many are not written yet."""

    left: int = 0
    attempts: Counter[AttemptState] = field(default_factory=Counter)
    heard: bool = False
    due: bool = False
    error: Exception | None = None

    def add(self, outcome: Outcome | None, *, heard: bool) -> None:
        self.left -= 1
        self.heard |= heard
        if outcome is not None:
            self.attempts[outcome.attempt] += 1
            self.due |= outcome.due


@dataclass(eq=False, slots=True)
class _Told:
    """`over`: it is written, or given up after so many `failures`."""

    share: Share
    answered: Answered
    failures: int = 0
    over: bool = False


class Keeper:
    """Of those who wait for answers one writes for all; what comes meanwhile, the next one writes.

    So the answers of several claims share a transaction, and the more there are, the more do.
    """

    def __init__(self, again: Sequence[float] = RECORD_AGAIN) -> None:
        self._pauses = again
        self._lock = threading.Lock()
        self._turn = threading.Condition(self._lock)
        self._enough = threading.Condition(self._lock)
        self._told: list[_Told] = []
        self._out = 0
        self._busy = False
        self._newest: Write | None = None

    def expect(self, share: Share) -> None:
        """One more call is on its way, whose answer will be told."""
        with self._lock:
            share.left += 1
            self._out += 1

    def tell(self, share: Share, answered: Answered) -> None:
        with self._lock:
            self._told.append(_Told(share, answered))
            self._out -= 1
            if not self._busy:
                self._turn.notify()
            elif self._is_enough:
                self._enough.notify()

    def keep(self, share: Share, write: Write) -> None:
        """Until all of these are written, by whomever; what kept one from it is raised then.

        What is written from now on is written as `write` does: it knows of the newest rules.
        """
        with self._lock:
            self._newest = write
        while self._begin(share):
            taken = self._gathered()
            try:
                self._write(taken, self._newest)
            finally:
                self._end(taken)
        if share.error is not None:
            raise share.error

    def _begin(self, share: Share) -> bool:
        """Wait for the turn to write; False: nothing of ours is left."""
        with self._lock:
            while share.left and (self._busy or not self._told):
                self._turn.wait()
            if share.left:
                self._busy = True
            return share.left > 0

    def _gathered(self) -> list[_Told]:
        """What has been told, and what comes with it; of each message one answer at a time."""
        end = time.monotonic() + GATHERED
        with self._lock:
            while not self._is_enough and (rest := end - time.monotonic()) > 0:
                self._enough.wait(rest)
            told, self._told = self._told, []
            taken: dict[str, _Told] = {}
            for one in told:
                if taken.setdefault(one.answered.message_id, one) is not one:
                    self._told.append(one)
            return list(taken.values())

    def _end(self, taken: Sequence[_Told]) -> None:
        with self._lock:
            self._told[:0] = [one for one in taken if not one.over]
            self._busy = False
            self._turn.notify_all()

    def _write(self, taken: Sequence[_Told], write: Write) -> None:
        try:
            written = write([one.answered for one in taken])
        except Exception as error:
            log.warning("answers_not_written", count=len(taken), error=type(error).__name__)
            self._failed(taken, write, error)
        else:
            with self._lock:
                for one in taken:
                    one.over = True
                    outcome = written.outcomes.get(one.answered.message_id)
                    one.share.add(outcome, heard=written.heard)

    def _failed(self, taken: Sequence[_Told], write: Write, error: Exception) -> None:
        """A lost database comes back; what else is wrong is the trouble of one answer alone."""
        if out_of_reach(error):
            self._again(taken, error)
        elif len(taken) == 1:
            self._give_up(taken, error)
        else:
            half = len(taken) // 2
            self._write(taken[:half], write)
            self._write(taken[half:], write)

    def _again(self, taken: Sequence[_Told], error: Exception) -> None:
        """After a pause; what was tried too often is unknown when its lease has run out."""
        for one in taken:
            one.failures += 1
        tries = len(self._pauses)
        self._give_up([one for one in taken if one.failures > tries], error)
        left = [one.failures for one in taken if not one.over]
        if left:
            threading.Event().wait(self._pauses[max(left) - 1])

    def _give_up(self, some: Sequence[_Told], error: Exception) -> None:
        with self._lock:
            for one in some:
                one.over = True
                one.share.left -= 1
                one.share.error = error

    @property
    def _is_enough(self) -> bool:
        return not self._out or len(self._told) >= ENOUGH
