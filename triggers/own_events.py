"""What would the system say itself of an outcome, so that other triggers hear it?"""

from __future__ import annotations

from datetime import datetime

from triggers.case import Case
from triggers.catalog import Catalog
from triggers.envelope import Envelope
from triggers.events import MAX_HOPS, OWN_SOURCE, Event
from triggers.lines import Line
from triggers.refusals import Kind, Problem, Refusal
from triggers.verdicts import Outcome, Reason

ANNOUNCED = {
    Outcome.SENT: "outreach.sent",
    Outcome.HANDED_OVER: "outreach.handed_over",
    Outcome.SKIPPED: "outreach.skipped",
}


def own_event(case: Case, line: Line, message_id: str) -> Event | None:
    """The event that tells this line; None where nothing is told, or the chain is too long."""
    kind = ANNOUNCED.get(line.outcome)
    cause = case.waiting.event
    if kind is None or cause.hops >= MAX_HOPS or line.reason == Reason.TEXT_FAILED:
        return None
    said = {"message": line.message, "channel": line.channel, "reason": line.reason}
    if line.outcome is Outcome.HANDED_OVER:
        said["queue"] = line.to
    data = {
        "trigger": line.key.trigger,
        "key": line.key.key,
        "message_id": message_id,
        **{name: value for name, value in said.items() if value is not None},
        "cause": dict(cause.data),
    }
    return Event(
        source=OWN_SOURCE,
        id=f"{message_id}:{line.outcome.value}",
        type=kind,
        time=case.now,
        customer=case.customer.id,
        data=data,
        received=case.now,
        subject=case.customer.id,
        hops=cause.hops + 1,
    )


def retold(envelope: Envelope, received: datetime) -> Event:
    """What the system said comes through no door; an example, or a record, may tell it again."""
    return Event(
        source=OWN_SOURCE,
        id=envelope.id,
        type=envelope.type,
        time=envelope.time or received,
        customer=envelope.subject or "",
        data=envelope.data,
        received=received,
        subject=envelope.subject,
    )


def recorded(envelope: Envelope, catalog: Catalog, *, received: datetime) -> Event:
    """The same, of a file: a Refusal names everything that we would never have said so."""
    known = catalog.types.get(envelope.type)
    if known is None:
        raise Refusal(Kind.AGAINST_CATALOG, (Problem("/type", "is not in the catalog"),))
    found = known.problems(envelope.data)
    problems = [Problem("/data" + pointer, message) for pointer, message in found]
    if envelope.subject is None:
        problems.append(Problem("/subject", "must hold the customer's id"))
    if problems:
        raise Refusal(Kind.AGAINST_CATALOG, tuple(problems))
    return retold(envelope, received)
