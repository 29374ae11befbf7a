"""What became of what a trigger started, step by step, and what held the rest back?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from triggers.definitions import Policy
from worker.lifecycle import MessageState
from worker.store import funnel
from worker.store.clock import read_now
from worker.store.funnel import Reached, Window
from worker.store.overview import GONE_OUT

DAYS = (1, 7, 28)
MOST_MESSAGES = 3_000
"""So many messages, the newest, are followed to what came after them."""
HELD_BACK = ("skipped", "held_out", "shadowed", "expired")


@dataclass(frozen=True, slots=True)
class Step:
    """`reasons`: by which it came so, with how many each. `of`: the number it is a part of."""

    name: str
    number: int
    reasons: tuple[tuple[str, int], ...] = ()
    of: int = 0

    @property
    def share(self) -> float | None:
        return self.number / self.of if self.of else None


@dataclass(frozen=True, slots=True)
class Funnel:
    """`followed`: so many of the messages that left were followed to what came after them."""

    steps: tuple[Step, ...]
    followed: int
    whole: int

    @property
    def most(self) -> int:
        """The longest bar."""
        return max([1, *(step.number for step in self.steps)])


def read_funnel(
    connection: Connection, trigger: str, policy: Policy, days: int, *, most: int = MOST_MESSAGES
) -> Funnel:
    window = Window(
        trigger=trigger,
        since=read_now(connection) - timedelta(days=days),
        event=policy.outcome_event,
        seconds=int(policy.outcome_within.total_seconds()),
        most=most,
    )
    decided = funnel.read_decided(connection, window)
    waiting = funnel.read_waiting(connection, trigger)
    states = funnel.read_states(connection, window)
    reached = funnel.read_reached(connection, window)
    left = sum(states.get(state, 0) for state in GONE_OUT)
    return Funnel((*_before(decided, waiting), *_after(states, reached, left)),
                  reached.messages, left)  # fmt: skip


def _before(decided: Sequence[Any], waiting: Sequence[Any]) -> tuple[Step, ...]:
    """Up to the gates: decided in these days, but for what waits now."""
    put_off = tuple((row.reason, int(row.number)) for row in waiting if row.reason)
    steps = [
        _step("started", decided, ("started",)),
        Step("waiting", sum(int(row.number) for row in waiting), put_off),
        _step("called_off", decided, ("called_off",)),
        _step("held_back", decided, HELD_BACK),
        _step("handed_over", decided, ("handed_over",)),
    ]
    return tuple(one for one in steps if one.number or one.name != "handed_over")


def _step(name: str, decided: Sequence[Any], verdicts: tuple[str, ...]) -> Step:
    counts: dict[str, int] = {}
    for row in decided:
        if row.verdict in verdicts:
            # where a person takes over, the queue is no reason of ours
            reason = row.reason or (row.verdict if len(verdicts) > 1 else "")
            counts[reason] = counts.get(reason, 0) + int(row.number)
    reasons = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return Step(name, sum(counts.values()), tuple(one for one in reasons if one[0]))


def _after(states: Mapping[str, int], reached: Reached, left: int) -> tuple[Step, ...]:
    stuck = {str(one): states[one] for one in MessageState if one not in GONE_OUT and one in states}
    steps = [
        Step("sent", left),
        Step("not_sent", sum(stuck.values()), tuple(sorted(stuck.items()))),
        Step("delivered", reached.delivered, of=reached.messages),
        Step("clicked", reached.clicked, of=reached.messages),
        Step("answered", reached.answered, of=reached.messages),
        Step("called", reached.called, of=reached.messages),
    ]
    return tuple(one for one in steps if one.number or one.name != "not_sent")
