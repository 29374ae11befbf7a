"""What does a person do with a call that was handed to people: take it, give it back, end it?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, Row

from triggers.answering import Call, Objection
from worker.lifecycle import HandoffState, is_final, may_move, move
from worker.steps.announcing import Hearing, hearing_of
from worker.steps.refusing import refuse
from worker.store.actions import note_action
from worker.store.addresses import Address, wait_for
from worker.store.clock import read_now
from worker.store.engine import in_transaction
from worker.store.handoffs import change_handoff, find_handoff, others_wait, read_texts
from worker.store.suppressions import OptIn, OptOut, lift_doubt

READ = "read by a person"
"""Who has lifted a doubt, as the suppression list names it."""


class NoSuchCall(Exception):
    """No call of this id was ever handed over."""


class NotYours(Exception):
    """Why it is not done: somebody else was first, or it has ended."""


@dataclass(frozen=True, slots=True)
class Said:
    """What `by` says of a call: its new state, and a note for whoever reads it later.

    `refused`: whether the text that it came from asks for no more messages; None says nothing.
    """

    state: HandoffState
    by: str
    note: str | None = None
    refused: bool | None = None


class Settled(NamedTuple):
    """The row as it stands then, the text it came from, and whether a trigger hears of it."""

    call: Row[Any]
    text: Row[Any] | None
    heard: bool = False


def settle_call(
    engine: Engine,
    id_: str,
    said: Said,
    *,
    hearing: Hearing | None = None,
    now: datetime | None = None,
) -> Settled:
    """Said twice it is done once; of two who take one, one has it.

    Whoever has taken a call ends it; anybody may give it back, for people go home.
    """

    def work(connection: Connection) -> Settled:
        seen = find_handoff(connection, id_)
        if seen is None:
            raise NoSuchCall(NoSuchCall.__doc__)
        text = read_texts(connection, [seen]).get(seen.inbound)
        before = _said_before(seen, said)
        objection = _unclear(seen, text, said) or (None if before else _objection(seen, said))
        if objection:
            raise NotYours(objection)
        if said.refused is not None and text is not None:
            # of two who end the last two calls of an address, one sees that the other has
            wait_for(connection, [text.address_hash])
        moment = now or read_now(connection)
        call = seen if before else _changed(connection, seen, said, moment)
        heard = _judged(connection, call, text, said, hearing or hearing_of(None), moment)
        return Settled(call, text, heard)

    return in_transaction(engine, work)


def _changed(connection: Connection, seen: Row[Any], said: Said, moment: datetime) -> Row[Any]:
    changed = change_handoff(connection, seen, _changes(seen, said, moment))
    if changed is None:
        raise NotYours("Somebody else has said something of this call just now.")
    # not the note: it may hold anything, and actions are kept for ever
    note_action(connection, f"handoff {said.state}", {"handoff": seen.id}, by=said.by, now=moment)
    return changed


def _unclear(seen: Row[Any], text: Row[Any] | None, said: Said) -> str | None:
    if said.refused is not None and (text is None or seen.why != Call.MAY_REFUSE):
        return "This call came from no text that may be a refusal."
    return None


def _judged(
    connection: Connection,
    call: Row[Any],
    text: Row[Any] | None,
    said: Said,
    hearing: Hearing,
    moment: datetime,
) -> bool:
    """A refusal from now on, or a doubt less; what else is unread there keeps the doubt."""
    if said.refused is None or text is None:
        return False
    address = Address(text.address_hash, text.channel)
    proof = {"provider": text.provider, "ref": text.provider_ref, "inbound": text.seq}
    proof |= {"handoff": call.id, "by": said.by}
    if said.refused:
        told = OptOut(address, Objection.REPLY, moment, proof=proof)
        holders = {address: [call.customer_id] if call.customer_id else []}
        return refuse(connection, [told], hearing, now=moment, holders=holders)
    if not others_wait(connection, call, address):
        lift_doubt(connection, [OptIn(address, READ, moment, proof=proof)])
    return False


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
