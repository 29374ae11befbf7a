"""Which bells does a process hear now, which in a moment, and which say what another has said?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from time import monotonic
from typing import Any, NamedTuple, Protocol

LINGER: Mapping[str, float] = {"outreach.evaluate": 0.015, "outreach.claim": 0.005}
"""Seconds that a bell waits for the end of what the one before it began: what comes meanwhile is
then done in one batch. Where it takes longer, a second hand joins in."""
FORGOTTEN = 60.0
"""Seconds, after which Celery ends a task: of what has not ended by then maybe nobody tells us, and
it holds up no bell any more."""


Kind = tuple[str, object]
"""A bell's task and its queue: the heartbeats of three queues say three things."""


class Message(Protocol):
    """A bell as it came from the broker, and how the broker is told that it was heard."""

    headers: dict[str, Any]
    delivery_info: dict[str, Any]
    ack_log_error: Callable[..., Any]
    reject_log_error: Callable[..., Any]


class Hands(NamedTuple):
    """What a worker does with bells. `most`: of a kind at once. `let_go`: heard, nothing done."""

    most: int
    begin: Callable[[Any], object]
    let_go: Callable[[Any], object]
    later: Callable[[float, Callable[[], None]], object]


class Ear:
    """The bells of one process, in the one thread that hears them.

    They carry nothing, so two that wait say no more than one: of each kind at most one waits, the
    newest, which is worth hearing for longest, and the others are let go.
    """

    def __init__(self, hands: Hands, *, now: Callable[[], float] = monotonic) -> None:
        self._hands = hands
        self._now = now
        self._begun: dict[Kind, dict[int, float]] = {}
        self._waiting: dict[Kind, tuple[Message, float]] = {}
        self._count = 0

    def hear(self, message: Message) -> None:
        """Begin what it asks for, keep it for a moment, or let it go."""
        bell = message.headers["task"], message.delivery_info.get("routing_key")
        if bell in self._waiting:
            earlier, until = self._waiting[bell]
            self._waiting[bell] = message, until
            self._hands.let_go(earlier)
            self._look(bell)
            return
        linger = LINGER.get(bell[0], 0.0)
        self._waiting[bell] = message, self._now() + linger
        self._look(bell)
        if bell in self._waiting:
            self._hands.later(linger, partial(self._look, bell))

    def _look(self, bell: Kind) -> None:
        """Begin what waits, once nobody is at it, or its time has come and a hand is free."""
        if bell not in self._waiting:
            return
        message, until = self._waiting[bell]
        at_work = self._at_work(bell)
        if not at_work or (at_work < self._hands.most and self._now() >= until):
            del self._waiting[bell]
            self._begin(bell, message)

    def _at_work(self, bell: Kind) -> int:
        since = self._now() - FORGOTTEN
        begun = self._begun.get(bell, {})
        self._begun[bell] = {one: at for one, at in begun.items() if at > since}
        return len(self._begun[bell])

    def _begin(self, bell: Kind, message: Message) -> None:
        self._count += 1
        self._begun[bell][self._count] = self._now()
        ended = partial(self._ended, bell, self._count)
        message.ack_log_error = _and_then(message.ack_log_error, ended)
        message.reject_log_error = _and_then(message.reject_log_error, ended)
        self._hands.begin(message)

    def _ended(self, bell: Kind, number: int) -> None:
        self._begun[bell].pop(number, None)
        self._look(bell)


def _and_then(act: Callable[..., Any], then: Callable[[], None]) -> Callable[..., Any]:
    def both(*args: Any, **kwargs: Any) -> Any:
        try:
            return act(*args, **kwargs)
        finally:
            then()

    return both
