"""Which states are there, and which moves between them? One table; all else asks it."""

from __future__ import annotations

from enum import StrEnum


class EventState(StrEnum):
    NEW = "new"
    READ = "read"
    SET_ASIDE = "set_aside"
    WITHDRAWN = "withdrawn"


class OccurrenceState(StrEnum):
    PENDING = "pending"
    CALLED_OFF = "called_off"
    MESSAGED = "messaged"
    HANDED_OVER = "handed_over"
    SKIPPED = "skipped"
    HELD_OUT = "held_out"
    SHADOWED = "shadowed"


class MessageState(StrEnum):
    SENDING = "sending"
    PLANNED = "planned"
    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    CALLED_OFF = "called_off"
    PARKED = "parked"
    DELIVERY_UNKNOWN = "delivery_unknown"


M = MessageState

MOVES: dict[MessageState, frozenset[MessageState]] = {
    # a receipt may overtake our own write, so sending may become sent, delivered or failed
    M.SENDING: frozenset(
        {M.ACCEPTED, M.PLANNED, M.FAILED, M.UNKNOWN, M.SENT, M.DELIVERED, M.EXPIRED, M.SENDING}
    ),
    M.PLANNED: frozenset({M.SENDING, M.EXPIRED, M.CALLED_OFF, M.FAILED, M.PARKED}),
    M.ACCEPTED: frozenset({M.SENT, M.DELIVERED, M.FAILED, M.PLANNED, M.DELIVERY_UNKNOWN}),
    M.SENT: frozenset({M.DELIVERED, M.FAILED, M.PLANNED, M.DELIVERY_UNKNOWN}),
    # unknown is settled by a receipt, a look-up at the provider or a person, by nothing else
    M.UNKNOWN: frozenset(
        {M.ACCEPTED, M.SENT, M.DELIVERED, M.FAILED, M.PLANNED, M.PARKED, M.EXPIRED}
    ),
    # a parked message waits for a person: who replays it, gives it up, or settles what was unknown
    M.PARKED: frozenset({M.PLANNED, M.SENDING, M.CALLED_OFF, M.FAILED, M.ACCEPTED, M.SENT,
                         M.DELIVERED, M.EXPIRED}),
    M.DELIVERY_UNKNOWN: frozenset({M.DELIVERED, M.FAILED}),
    M.DELIVERED: frozenset(),
    M.FAILED: frozenset(),
    M.EXPIRED: frozenset(),
    M.CALLED_OFF: frozenset(),
}


def may_move(old: MessageState, new: MessageState) -> bool:
    return new in MOVES[old]


FINAL = frozenset(state for state, after in MOVES.items() if not after)
