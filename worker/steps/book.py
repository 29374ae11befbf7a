"""What is written once a batch has been decided, and in which order?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import structlog
from sqlalchemy import Connection

from triggers.facts import Occurrence
from worker.lifecycle import MessageState, OccurrenceState, Overtaken, move
from worker.steps.announcing import Announcement, News, announce, hearing_of
from worker.steps.ground import Ground
from worker.steps.leases import ClaimedLetter
from worker.steps.turns import Turn
from worker.store import handoffs, links, messages
from worker.store.claims import SPEND, change_occurrences
from worker.store.messages import change_planned
from worker.store.occurrences import DECIDE, count_decisions
from worker.store.payments import pay
from worker.store.sayings import say
from worker.store.together import insert_together

log = structlog.get_logger(__name__)

Row = dict[str, Any]


class Ruling(StrEnum):
    """The words of a claim's decisions; a "never" is written as the state it leads to."""

    CLAIMED = "claimed"
    HANDED_OVER = "handed_over"
    PARKED = "parked"
    LATER = "later"
    EXPIRED = "expired"
    CALLED_OFF = "called_off"
    SKIPPED = "skipped"
    HELD_OUT = "held_out"
    SHADOWED = "shadowed"


@dataclass(frozen=True, slots=True)
class Because:
    """Why, and until when where it is later."""

    reason: str | None = None
    detail: str = ""
    moment: datetime | None = None


PLAINLY = Because()


@dataclass(slots=True)
class Book:
    """Rows and letters of one batch; written at its end, in two journeys or three."""

    ground: Ground
    letters: list[ClaimedLetter] = field(default_factory=list)
    occurrences: list[Row] = field(default_factory=list)
    messages: list[Row] = field(default_factory=list)
    planned: list[Row] = field(default_factory=list)
    attempts: list[Row] = field(default_factory=list)
    links: list[Row] = field(default_factory=list)
    handoffs: list[Row] = field(default_factory=list)
    spent: list[Row] = field(default_factory=list)
    decisions: list[Row] = field(default_factory=list)
    news: list[Announcement] = field(default_factory=list)
    said: list[tuple[str, Row]] = field(default_factory=list)

    def write(self, connection: Connection) -> bool:
        """Whether a trigger has something to read; Overtaken leaves nothing written."""
        now = self.ground.now
        moved = change_occurrences(connection, self.occurrences)
        moved |= change_planned(connection, self.planned)
        wanted = {row["id"] for row in (*self.occurrences, *self.planned)}
        if moved != wanted:
            # by one who did not hold the customer
            raise Overtaken(len(wanted - moved))
        insert_together(
            connection,
            (
                (messages.ADD, self.messages),
                (messages.ADD_ATTEMPTS, self.attempts),
                (links.ADD, self.links),
                (handoffs.ADD, self.handoffs),
                (SPEND, self.spent),
                (DECIDE, self.decisions),
            ),
        )
        for row in self.attempts:
            if row["summed"] and row["cost"]:
                pay(connection, row["trigger"], row["claimed_at"], row["cost"])
        count_decisions(connection, self.decisions)
        for event, fields in self.said:
            say(connection, log, event, **fields)
        hearing = hearing_of(self.ground.configuration)
        return announce(connection, self.news, hearing, now=now)

    def move_occurrence(self, turn: Turn, state: OccurrenceState, why: Because = PLAINLY) -> None:
        """To its next state, or to a later moment of the one it has."""
        if state is not OccurrenceState.PENDING:
            move(OccurrenceState(turn.row.state), state)
        self.occurrences.append(
            {
                "id": turn.row.id,
                "state": state,
                "reason": why.reason,
                "detail": why.detail or None,
                "due": why.moment or turn.row.due,
                "updated_at": self.ground.now,
            }
        )

    def move_message(self, turn: Turn, state: MessageState, **changed: Any) -> None:
        """A retry's message: claimed again, put off or ended."""
        if state is not MessageState.PLANNED:
            move(MessageState(turn.row.state), state)
        stored = dict(turn.row._mapping)
        now = self.ground.now
        self.planned.append({**stored, "due": None, **changed, "state": state, "updated_at": now})

    def spend(self, turn: Turn, occurrence: Occurrence) -> None:
        start = occurrence.event.order
        self.spent.append(
            {
                "key_hash": self.ground.hasher.key(turn.key),
                "epoch_hash": self.ground.hasher.epoch(turn.key, turn.epoch),
                "trigger": turn.key.trigger,
                "epoch": turn.epoch,
                "start_time": start.time,
                "start_source": start.source,
                "start_id": start.id,
                "spent_at": self.ground.now,
            }
        )

    def decide(
        self,
        turn: Turn,
        ruling: Ruling,
        occurrence: Occurrence | None,
        why: Because = PLAINLY,
        *,
        message_id: str | None = None,
    ) -> None:
        self.decisions.append(
            {
                "at": self.ground.now,
                "trigger": turn.key.trigger,
                "customer_id": turn.key.customer,
                "key": turn.key.key,
                "epoch": turn.epoch,
                "verdict": ruling,
                "reason": why.reason,
                "detail": why.detail or None,
                "moment": why.moment,
                "facts": list(_facts(turn, occurrence)),
                "bundle": self.ground.configuration.hash,
                "message_id": message_id,
            }
        )

    def say(self, turn: Turn, event: str, **fields: Any) -> None:
        """In the log: by which event it started, and a hash of whom it is about."""
        who = self.ground.hasher.customer(turn.key.customer)
        about = {"customer": who, "trigger": turn.key.trigger, "event_id": turn.row.start_id}
        self.said.append((event, {**fields, **about}))

    def tell(
        self, turn: Turn, news: News, occurrence: Occurrence | None, message_id: str, **said: Any
    ) -> None:
        """To our own triggers; an occurrence whose facts are gone is nobody's cause."""
        if occurrence is not None:
            event = occurrence.event
            self.news.append(
                Announcement(
                    news=news,
                    message_id=message_id,
                    customer=turn.key.customer,
                    trigger=turn.key.trigger,
                    key=turn.key.key,
                    start=(event.source, event.id),
                    hops=event.hops,
                    said=said,
                    cause=event.data,
                )
            )


def _facts(turn: Turn, occurrence: Occurrence | None) -> Iterator[list[str]]:
    """What the decision was made on: the event that started, and the one that carries on."""
    if occurrence is None:
        yield [turn.row.start_source, turn.row.start_id]
        return
    for event in dict.fromkeys((occurrence.start.order, occurrence.event.order)):
        yield [event.source, event.id]
