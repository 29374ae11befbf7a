"""What do the people of the month do: those who call customers, and those who operate?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from triggers.answering import Call
from worker.lifecycle import HandoffState
from worker.month.lives import DAYS, WORKDAYS, workday
from worker.month.luck import Luck
from worker.month.office import Office
from worker.month.reactions import Deed
from worker.month.words import NO_ANSWER, NOTES
from worker.steps.calling import NotYours, Said, settle_call
from worker.steps.parked import Choice, decide
from worker.steps.pausing import pause, resume
from worker.store.handoffs import list_handoffs
from worker.store.parked import Wanted, find_parked

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
OPENS, CLOSES = 7, 14
"""UTC: within the hours of the people's queue, in summer and in winter."""

AT_ONCE = 4
FEW_LEFT = 6
"""So many days before the end people begin to be away: one call is taken, and none is ended."""

DECIDES = (8, 16, 24)
CALLERS = ("noa", "amir")
OPERATOR = "dana"
MARKETING = "category:marketing"
HALF_SENT: tuple[dict[str, Any], ...] = (
    {"type": "payment_plan.updated", "data": {"plan_id": "p-old", "status": "aktiv"}},
    {"type": "claim.opened", "data": {"claim_id": "m-old", "kind": "boat"}},
    {"type": "check.depositd", "data": {"account_id": "a-old", "check_number": "1"}},
)
"""From a system that was not tested: refused, each with its reasons."""


def office_hours(begin: datetime, luck: Luck) -> Iterator[Deed]:
    """Whoever is at the desk, hour by hour; some work of the last days stays undone."""
    for hour in range(DAYS * 24):
        at = (begin + hour * HOUR).replace(minute=20, second=0)
        if at.weekday() in WORKDAYS and OPENS <= at.hour < CLOSES and at > begin:
            last = at > begin + (DAYS - FEW_LEFT) * DAY
            yield Deed(at, lambda office, last=last: _calls(office, luck, last=last))  # type: ignore[misc]


def operating(begin: datetime) -> Iterator[Deed]:
    pausing = workday(begin, 14, hour=7)
    why = "prices on the site are being corrected"
    yield Deed(pausing, lambda o: pause(o.engine, [MARKETING], by=OPERATOR, why=why, now=o.now))
    yield Deed(pausing + 11 * HOUR, lambda o: resume(o.engine, [MARKETING], by=OPERATOR, now=o.now))
    for day in DECIDES:
        yield Deed(workday(begin, day, hour=11), _decide_parked)
    for day in (8, DAYS - 1):
        yield Deed(begin + day * DAY, _publish_half)


def _calls(office: Office, luck: Luck, *, last: bool) -> None:
    """First end what was taken, then take what is due."""
    taken = _listed(office, HandoffState.TAKEN)
    for call in taken:
        if call.taken_at + HOUR / 2 <= office.now and not last:
            _say(office, call, _ended(call, luck))
    due = [one for one in _listed(office, HandoffState.OPEN) if one.due <= office.now]
    free = max(0, 1 - len(taken)) if last else AT_ONCE
    for index, call in enumerate(due[:free]):
        _say(office, call, Said(HandoffState.TAKEN, CALLERS[index % len(CALLERS)]))


def _listed(office: Office, state: HandoffState) -> list[Row[Any]]:
    return list(
        office.read(lambda c: list_handoffs(c, queue=None, state=state, after=None, most=200))
    )


def _ended(call: Row[Any], luck: Luck) -> Said:
    draw = luck.of("calls", call.id)
    fate = draw.random()
    refused = draw.random() < 0.5 if call.why == Call.MAY_REFUSE else None
    if fate < 0.15 and refused is None:
        return Said(HandoffState.FAILED, call.taken_by, NO_ANSWER)
    return Said(HandoffState.DONE, call.taken_by, draw.choice(NOTES), refused)


def _say(office: Office, call: Row[Any], said: Said) -> None:
    try:
        settle_call(office.engine, call.id, said, hearing=office.hearing, now=office.now)
    except NotYours:
        # it was called off meanwhile
        return


def _decide_parked(office: Office) -> None:
    """Some customers say that it had come; what comes later waits for whoever looks."""
    found = office.read(lambda c: find_parked(c, Wanted(), most=50))
    for index, one in enumerate(found):
        choice = Choice.GIVE_UP if index % 2 else Choice.ARRIVED
        wanted = Wanted([one.id])
        decide(office.engine, office.hearing, wanted, choice, by=OPERATOR, now=office.now)


def _publish_half(office: Office) -> None:
    name = f"{office.now:%Y-%m-%d}"
    office.take(
        [
            {"specversion": "1.0", "source": "old-billing", "id": f"{name}-{index}",
             "subject": "d0001", "time": office.now.isoformat(), **one}
            for index, one in enumerate(HALF_SENT)
        ],
        "celery",
    )  # fmt: skip
