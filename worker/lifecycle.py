"""Which states are there, and which moves between them? One table a noun; all else asks it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar


class EventState(StrEnum):
    NEW = "new"
    READ = "read"
    SET_ASIDE = "set_aside"
    WITHDRAWN = "withdrawn"


class RefusedState(StrEnum):
    REFUSED = "refused"
    REPLAYED = "replayed"
    DISMISSED = "dismissed"


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


class AttemptState(StrEnum):
    """How one call of a provider stands."""

    SENDING = "sending"
    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    REFUSED = "refused"
    TRY_LATER = "try_later"
    MISCONFIGURED = "misconfigured"
    GIVEN_BACK = "given_back"
    UNKNOWN = "unknown"
    ABSENT = "absent"


class ReceiptState(StrEnum):
    NEW = "new"
    APPLIED = "applied"
    IGNORED = "ignored"


class InboundState(StrEnum):
    """What somebody wrote to us: while it is new, nothing leaves for the address it came from."""

    NEW = "new"
    READ = "read"
    SET_ASIDE = "set_aside"


class HandoffState(StrEnum):
    OPEN = "open"
    TAKEN = "taken"
    DONE = "done"
    FAILED = "failed"


class CallbackState(StrEnum):
    """How the telling of one event to one subscription stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


State = TypeVar("State", bound=StrEnum)


class ImpossibleMove(Exception):
    """A state was about to move where no move leads."""

    def __init__(self, old: StrEnum, new: StrEnum) -> None:
        super().__init__(f"{type(old).__name__}: no move from {old} to {new}")


class Overtaken(Exception):
    """Somebody else has moved what was to move here; nothing of the transaction may stay."""

    def __init__(self, rows: int) -> None:
        super().__init__(f"{rows} rows")
        self.rows = rows


def _table(**rows: str) -> Mapping[str, frozenset[str]]:
    return {old: frozenset(after.split()) for old, after in rows.items()}


# A replayed event is new again; only what has not yet been decided on can be withdrawn as unread.
_EVENTS = _table(
    new="read set_aside withdrawn",
    read="withdrawn",
    set_aside="new read withdrawn",
    withdrawn="",
)
_REFUSED = _table(refused="replayed dismissed", replayed="", dismissed="")
# What was called off because its facts changed waits again when they change back.
_OCCURRENCES = _table(
    pending="called_off messaged handed_over skipped held_out shadowed",
    called_off="pending",
    messaged="",
    handed_over="",
    skipped="",
    held_out="",
    shadowed="",
)
_MESSAGES = _table(
    # a receipt may overtake our own write, so sending may become sent, delivered or failed
    sending="accepted planned failed unknown expired sent delivered",
    # a receipt for an earlier attempt proves that it did leave, so it must not leave again
    planned="sending expired called_off failed parked accepted sent delivered",
    accepted="sent delivered failed planned expired delivery_unknown",
    sent="delivered failed planned expired delivery_unknown",
    # unknown is settled by what the provider says of it (its own late answer, a receipt, a look-up)
    # or by a person, and by nothing else
    unknown="accepted sent delivered failed planned parked expired",
    # a parked message waits for a person, who replays it, gives it up or settles what was unknown
    parked="planned called_off failed accepted sent delivered expired",
    delivery_unknown="delivered failed planned expired",
    delivered="",
    failed="",
    expired="",
    called_off="",
)
_ATTEMPTS = _table(
    sending="accepted sent delivered undelivered refused try_later misconfigured given_back"
    " unknown absent",
    accepted="sent delivered undelivered",
    sent="delivered undelivered",
    unknown="accepted sent delivered undelivered refused try_later misconfigured given_back absent",
    # proven absent too early: the provider had it after all
    absent="accepted sent delivered undelivered",
    delivered="",
    undelivered="",
    refused="",
    try_later="",
    misconfigured="",
    given_back="",
)
_RECEIPTS = _table(new="applied ignored", applied="", ignored="")
_CALLBACKS = _table(waiting="delivered given_up", delivered="", given_up="waiting")
_INBOUND = _table(new="read set_aside", read="", set_aside="")
_HANDOFFS = _table(open="taken done failed", taken="open done failed", done="", failed="")

MOVES: Mapping[type[StrEnum], Mapping[str, frozenset[str]]] = {
    EventState: _EVENTS,
    RefusedState: _REFUSED,
    OccurrenceState: _OCCURRENCES,
    MessageState: _MESSAGES,
    AttemptState: _ATTEMPTS,
    ReceiptState: _RECEIPTS,
    InboundState: _INBOUND,
    HandoffState: _HANDOFFS,
    CallbackState: _CALLBACKS,
}

CERTAINLY_NOT_SENT = frozenset(
    {
        AttemptState.REFUSED,
        AttemptState.TRY_LATER,
        AttemptState.MISCONFIGURED,
        AttemptState.GIVEN_BACK,
        AttemptState.ABSENT,
    }
)
"""No provider has these attempts: no cap, cooldown, fuse or rate counts them."""


def may_move(old: State, new: State) -> bool:
    return new in MOVES[type(old)][old]


def move(old: State, new: State) -> State:
    """The new state; ImpossibleMove where the table has no such move."""
    if not may_move(old, new):
        raise ImpossibleMove(old, new)
    return new


def is_final(state: StrEnum) -> bool:
    return not MOVES[type(state)][state]
