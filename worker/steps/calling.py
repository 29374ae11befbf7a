"""What does a person do with a call that was handed to people: take it, give it back, end it?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row

from worker.lifecycle import HandoffState, is_final, may_move, move
from worker.store.actions import note_action
from worker.store.clock import read_now
from worker.store.engine import in_transaction
from worker.store.handoffs import change_handoff, find_handoff


class NoSuchCall(Exception):
    """No call of this id was ever handed over."""


class NotYours(Exception):
    """Why it is not done: somebody else was first, or it has ended."""


@dataclass(frozen=True, slots=True)
class Said:
    """What `by` says of a call: its new state, and a note for whoever reads it later."""

    state: HandoffState
    by: str
    note: str | None = None


def settle_call(engine: Engine, id_: str, said: Said, *, now: datetime | None = None) -> Row[Any]:
    """The row as it stands then. Said twice it is done once; of two who take one, one has it.

    Whoever has taken a call ends it; anybody may give it back, for people go home.
    """

    def work(connection: Connection) -> Row[Any]:
        seen = find_handoff(connection, id_)
        if seen is None:
            raise NoSuchCall(NoSuchCall.__doc__)
        if _said_before(seen, said):
            return seen
        refused = _objection(seen, said)
        if refused:
            raise NotYours(refused)
        moment = now or read_now(connection)
        changed = change_handoff(connection, seen, _changes(seen, said, moment))
        if changed is None:
            raise NotYours("Somebody else has said something of this call just now.")
        # not the note: it may hold anything, and actions are kept for ever
        note_action(connection, f"handoff {said.state}", {"handoff": id_}, by=said.by, now=moment)
        return changed

    return in_transaction(engine, work)


def _said_before(seen: Row[Any], said: Said) -> bool:
    if seen.state != said.state:
        return False
    return said.state is HandoffState.OPEN or bool(seen.taken_by == said.by)


def _objection(seen: Row[Any], said: Said) -> str | None:
    state = HandoffState(seen.state)
    if is_final(state):
        return f"This call has ended: {state}."
    if said.state is not HandoffState.OPEN and seen.taken_by not in (None, said.by):
        return "Somebody else has taken this call."
    if not may_move(state, said.state):
        return f"This call is {state}."
    return None


def _changes(seen: Row[Any], said: Said, now: datetime) -> dict[str, Any]:
    state = move(HandoffState(seen.state), said.state)
    note = said.note if said.note is not None else seen.note
    changed = {"state": state, "note": note, "updated_at": now}
    match state:
        case HandoffState.OPEN:
            return {**changed, "taken_by": None, "taken_at": None}
        case HandoffState.TAKEN:
            return {**changed, "taken_by": said.by, "taken_at": now}
        case _:
            return {
                **changed,
                "taken_by": said.by,
                "taken_at": seen.taken_at or now,
                "ended_at": now,
            }
