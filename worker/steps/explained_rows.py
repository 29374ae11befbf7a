"""What do stored rows say of an occurrence, as it stood at a moment?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from triggers.events import Event
from triggers.explaining.known import Occurred, Rules
from triggers.explaining.points import cause_of
from triggers.explaining.told import Attempt, Cause, Decision, Message, Person
from triggers.settling import Change, due_after
from worker.lifecycle import AttemptState, HandoffState, OccurrenceState
from worker.steps.book import Ruling

_WAITS = {Change.STARTED, Change.MOVED}
_WROTE = {Ruling.CLAIMED, Ruling.PARKED}


@dataclass(frozen=True, slots=True)
class Moment:
    """`at` is the moment asked about; `past`: later things may have happened since."""

    at: datetime
    past: bool


def decision_of(row: Row[Any], named: Mapping[tuple[str, str], Event]) -> Decision:
    return Decision(
        at=row.at,
        verdict=row.verdict,
        reason=row.reason,
        detail=row.detail or "",
        moment=row.moment,
        bundle=row.bundle,
        causes=tuple(_cause(source, id_, named) for source, id_ in row.facts),
    )


def _cause(source: str, id_: str, named: Mapping[tuple[str, str], Event]) -> Cause:
    found = named.get((source, id_))
    return Cause(source, id_) if found is None else cause_of(found)


def occurred(
    key: tuple[str, str], rows: Sequence[Row[Any]], rules: Rules, row: Row[Any] | None
) -> Occurred:
    """An occurrence by its decisions, the oldest first; where its own row may be read, by that."""
    found = Occurred(*key, OccurrenceState.PENDING, rows[0].at if rows else _at(row), rules)
    for one in rows:
        found = _after(found, one)
    if row is None:
        return found
    pending = row.state == OccurrenceState.PENDING
    return replace(
        found,
        state=row.state,
        reason=row.reason,
        detail=row.detail or "",
        due=row.due if pending else found.due,
    )


def _at(row: Row[Any] | None) -> datetime:
    if row is None:
        raise ValueError("an occurrence has decisions, or a row, or both")
    at: datetime = row.updated_at
    return at


def _after(found: Occurred, row: Row[Any]) -> Occurred:
    """How it stands after one more decision; a message's retries leave it what it is."""
    verdict = row.verdict
    if verdict in _WROTE:
        return replace(
            found, state=OccurrenceState.MESSAGED, at=row.at, reason=None, detail="", due=None
        )
    if row.message_id is not None:
        return found
    because = {"at": row.at, "reason": row.reason, "detail": row.detail or ""}
    if verdict in _WAITS:
        grace = found.rules.policy.grace
        due = due_after(found.rules.trigger, row.moment, grace) if row.moment else None
        return replace(found, state=OccurrenceState.PENDING, due=due, at=row.at, reason=None)
    if verdict == Ruling.LATER:
        return replace(found, state=OccurrenceState.PENDING, due=row.moment, **because)
    if verdict in set(OccurrenceState):
        return replace(found, state=verdict, due=None, **because)
    return found


def message_of(row: Row[Any], tried: Iterable[Row[Any]], moment: Moment) -> Message:
    """Without address and text: who may see those asks for the message itself."""
    known = not moment.past or row.updated_at <= moment.at
    return Message(
        id=row.id,
        name=row.message,
        channel=row.channel,
        state=row.state if known else None,
        why=row.why if known else None,
        attempts=tuple(_attempt(one, moment) for one in tried if one.claimed_at <= moment.at),
    )


def _attempt(row: Row[Any], moment: Moment) -> Attempt:
    known = not moment.past or (row.finished_at is not None and row.finished_at <= moment.at)
    return Attempt(
        number=row.number,
        channel=row.channel,
        state=row.state if known else AttemptState.SENDING,
        at=row.claimed_at,
        code=row.code if known else None,
        said=row.error if known else None,
    )


def person_of(row: Row[Any], moment: Moment) -> Person:
    taken = row.taken_at is not None and row.taken_at <= moment.at
    state = row.state
    if moment.past and row.updated_at > moment.at:
        ended = row.ended_at is not None and row.ended_at <= moment.at
        state = row.state if ended else HandoffState.TAKEN if taken else HandoffState.OPEN
    by = row.taken_by if not moment.past or taken else None
    return Person(handoff=row.id, queue=row.queue, state=state, due=row.due, taken_by=by)
