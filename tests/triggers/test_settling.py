"""What changes in the store when a timeline says so? Rows and a timeline in, changes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.triggers.worlds import MONDAY, event, trigger
from triggers.definitions import Exit, Limits, Priority
from triggers.events import Event
from triggers.facts import Ended, Note, Occurrence, Timeline
from triggers.settling import Change, Settlement, Waiting, due_after, settle
from triggers.verdicts import Reason

HOUR = timedelta(hours=1)
GRACE = timedelta(minutes=2)
RULE = trigger(unless=(Exit("end"),))
START, EXIT = event("start", MONDAY, "s"), event("end", MONDAY + HOUR, "x")


def occurrence(epoch: str = "e", *, after: timedelta = HOUR, start: Event = START) -> Occurrence:
    moment = MONDAY + after
    return Occurrence(epoch, start, start, moment, moment + 24 * HOUR)


def waiting(**changed: Any) -> Waiting:
    """The row that `occurrence()` is stored as."""
    row = Waiting(
        epoch="e",
        start=START.order,
        moment=MONDAY + HOUR,
        due=MONDAY + HOUR + GRACE,
        expires=MONDAY + 25 * HOUR,
        priority=1,
        category="service",
    )
    return replace(row, **changed)


def pending(*found: Occurrence, **more: Any) -> Timeline:
    return Timeline({one.epoch: one for one in found}, **more)


def settled(
    rows: Sequence[Waiting], found: Timeline, *fresh: Event, **more: Any
) -> list[tuple[Change, str | None, Reason | None]]:
    changes = settle(RULE, rows, found, grace=GRACE, fresh=fresh, **more)
    return [(one.change, one.epoch, one.reason) for one in changes]


@pytest.mark.parametrize(
    ("rows", "found", "expected"),
    [
        ([], pending(), []),
        ([], pending(occurrence()), [(Change.STARTED, "e", None)]),
        ([waiting()], pending(occurrence()), []),
        ([waiting(due=MONDAY + 9 * HOUR)], pending(occurrence()), []),
        ([waiting()], pending(occurrence(after=2 * HOUR)), [(Change.MOVED, "e", None)]),
        ([waiting(expires=MONDAY)], pending(occurrence()), [(Change.KEPT, "e", None)]),
        ([waiting(start=EXIT.order)], pending(occurrence()), [(Change.KEPT, "e", None)]),
        ([waiting(priority=0)], pending(occurrence()), [(Change.KEPT, "e", None)]),
        ([waiting(category="old")], pending(occurrence()), [(Change.KEPT, "e", None)]),
        ([waiting()], pending(), [(Change.CALLED_OFF, "e", Reason.DISARMED)]),
        (
            [waiting()],
            pending(occurrence("f")),
            [(Change.STARTED, "f", None), (Change.CALLED_OFF, "e", Reason.MOVED)],
        ),
        (
            [waiting()],
            pending(ended={"e": Ended(Reason.CALLED_OFF, EXIT)}),
            [(Change.CALLED_OFF, "e", Reason.CALLED_OFF)],
        ),
    ],
)
def test_rows_are_made_equal_to_the_timeline(
    rows: list[Waiting],
    found: Timeline,
    expected: list[tuple[Change, str | None, Reason | None]],
) -> None:
    assert settled(rows, found) == expected


def test_settling_twice_changes_nothing_more() -> None:
    [change] = settle(RULE, [], pending(occurrence()), grace=GRACE)

    assert change.due == MONDAY + HOUR + GRACE
    assert settled([waiting(due=change.due)], pending(occurrence())) == []


def test_a_caller_may_say_why_something_waits_no_longer() -> None:
    gone = settled([waiting()], pending(), otherwise=Reason.TRIGGER_CHANGED)

    assert gone == [(Change.CALLED_OFF, "e", Reason.TRIGGER_CHANGED)]


def test_what_an_event_ended_keeps_that_reason() -> None:
    found = pending(ended={"e": Ended(Reason.DISARMED, EXIT)})

    gone = settled([waiting()], found, otherwise=Reason.TRIGGER_CHANGED)

    assert gone == [(Change.CALLED_OFF, "e", Reason.DISARMED)]


@pytest.mark.parametrize(("exits", "due"), [((), HOUR), ((Exit("end"),), HOUR + GRACE)])
def test_only_what_may_be_called_off_waits_for_the_grace(
    exits: tuple[Exit, ...], due: timedelta
) -> None:
    assert due_after(trigger(unless=exits), MONDAY + HOUR, GRACE) == MONDAY + due


def test_the_terms_are_those_of_the_trigger() -> None:
    rule = trigger(limits=Limits("survey", priority=Priority.LOW))

    [change] = settle(rule, [waiting()], pending(occurrence()), grace=GRACE)

    assert (change.change, change.due) == (Change.KEPT, waiting().due)


@pytest.mark.parametrize(
    ("fresh", "told"),
    [((START, EXIT), True), ((START,), True), ((EXIT,), True), ((), False)],
)
def test_what_ended_before_it_stood_is_told_when_one_of_its_events_is_new(
    fresh: tuple[Event, ...], told: bool
) -> None:
    found = pending(ended={"e": Ended(Reason.CALLED_OFF, EXIT, occurrence())})

    changes = settle(RULE, [], found, grace=GRACE, fresh=fresh)

    expected = Settlement(
        Change.CALLED_OFF, "e", (EXIT, START), False, occurrence(), reason=Reason.CALLED_OFF
    )
    assert changes == ([expected] if told else [])


def test_decisions_name_the_deciding_event_first_and_each_once() -> None:
    again = event("start", MONDAY + timedelta(minutes=5), "s2")
    found = pending(replace(occurrence(), event=again))

    [change] = settle(RULE, [], found, grace=GRACE, fresh=(again, START))

    assert change.facts == (START, again)


@pytest.mark.parametrize(("fresh", "count"), [((START,), 1), ((EXIT,), 0), ((), 0)])
def test_notes_are_told_once_of_the_events_just_read(fresh: tuple[Event, ...], count: int) -> None:
    note = Note(Reason.NO_DATE, START, "event.data.ends")

    changes = settle(RULE, [], pending(notes=(note, note)), grace=GRACE, fresh=fresh)

    noted = Settlement(
        Change.NOTED, None, (START,), reason=Reason.NO_DATE, detail="event.data.ends"
    )
    assert changes == [noted] * count
