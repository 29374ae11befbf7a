"""Rule 3 and 5 of the language for waits on a date: which date waits, since when, until when?"""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from tests.triggers.worlds import JERUSALEM, at, event, path, trigger
from triggers.calendars.hours import parse_wall_time
from triggers.conditions import Condition
from triggers.definitions import DateWait, Exit, Limits
from triggers.durations import parse_duration
from triggers.events import Event, Order
from triggers.facts import Spent, Timeline
from triggers.shapes import Scope, Shape
from triggers.timeline import timeline
from triggers.verdicts import Reason

EVENT_SCOPE = Scope(
    {
        "event": Shape.from_schema(
            {
                "type": "object",
                "properties": {
                    "data": {"type": "object", "properties": {"active": {"type": "boolean"}}}
                },
            }
        )
    }
)

WEEK_BEFORE = DateWait(
    -parse_duration("7d"), before=True, path=path("event.data.end"), at=parse_wall_time("10:00")
)
PLAN = trigger(
    on="plan",
    wait=WEEK_BEFORE,
    when=Condition("event.data.active", EVENT_SCOPE),
    unless=(Exit("renewed"),),
    limits=Limits("service", expires=timedelta(days=5)),
)


def update(time: str, end: object, active: bool | None = True, **more: Any) -> Event:
    return event("plan", time, data={"end": end, "active": active}, **more)


def of(*facts: Event, spent: tuple[Spent, ...] = ()) -> Timeline:
    return timeline(PLAN, facts, spent, JERUSALEM, key="k")


def test_a_date_waits_until_its_moment_on_the_customers_clock() -> None:
    found = of(update("2026-11-01 09:00", "2026-12-01"))

    (waiting,) = found.pending.values()
    assert waiting.epoch == "2026-12-01"
    assert waiting.moment == at("2026-11-24 10:00")
    assert waiting.expires == at("2026-11-29 10:00")


def test_the_date_itself_is_the_epoch_and_a_moved_date_is_another() -> None:
    found = of(update("2026-11-01 09:00", "2026-12-01"), update("2026-11-10 09:00", "2026-12-15"))

    assert list(found.pending) == ["2026-12-15"]
    assert found.ended["2026-12-01"].reason is Reason.MOVED


def test_an_epoch_starts_at_the_first_update_that_carries_the_date() -> None:
    first = update("2026-11-01 09:00", "2026-12-01")
    second = update("2026-11-05 09:00", "2026-12-01")

    (waiting,) = of(first, second).pending.values()

    assert waiting.start == first
    assert waiting.event == second


def test_an_update_for_which_when_is_false_disarms_and_a_later_one_arms_again() -> None:
    armed = update("2026-11-01 09:00", "2026-12-01")
    disarmed = update("2026-11-02 09:00", "2026-12-01", active=False)
    again = update("2026-11-03 09:00", "2026-12-01")

    assert of(armed, disarmed).ended["2026-12-01"].reason is Reason.DISARMED
    (waiting,) = of(armed, disarmed, again).pending.values()
    assert waiting.start == again


def test_an_exit_disarms_that_date_for_good_and_another_date_arms_again() -> None:
    armed = update("2026-11-01 09:00", "2026-12-01")
    renewed = event("renewed", "2026-11-02 09:00")
    same = update("2026-11-03 09:00", "2026-12-01")
    other = update("2026-11-04 09:00", "2027-12-01")

    assert not of(armed, renewed, same).pending
    assert of(armed, renewed, same).ended["2026-12-01"].reason is Reason.CALLED_OFF
    assert list(of(armed, renewed, same, other).pending) == ["2027-12-01"]


def test_an_exit_before_the_first_update_calls_nothing_off() -> None:
    found = of(event("renewed", "2026-10-30 09:00"), update("2026-11-01 09:00", "2026-12-01"))

    assert list(found.pending) == ["2026-12-01"]


def test_an_older_update_that_arrives_later_changes_nothing() -> None:
    new = update("2026-11-10 09:00", "2026-12-15")
    old = update("2026-11-01 09:00", "2026-12-01")

    assert of(new, old) == of(old, new)
    assert list(of(new, old).pending) == ["2026-12-15"]


def test_a_moment_already_past_is_at_once_while_the_date_is_ahead() -> None:
    (waiting,) = of(update("2026-11-28 09:00", "2026-12-01")).pending.values()

    assert waiting.moment == at("2026-11-28 09:00")
    assert waiting.expires == at("2026-12-01 00:00"), "never past the date"


def test_a_date_that_is_past_has_expired_when_it_is_learnt() -> None:
    (waiting,) = of(update("2026-12-02 09:00", "2026-12-01")).pending.values()

    assert waiting.expires <= waiting.moment


def test_on_the_day_itself_the_whole_day_is_of_use() -> None:
    same_day = trigger(
        on="plan",
        wait=DateWait(
            -parse_duration("0d"),
            before=True,
            path=path("event.data.end"),
            at=parse_wall_time("10:00"),
        ),
    )
    facts = [update("2026-11-01 09:00", "2026-12-01")]

    (waiting,) = timeline(same_day, facts, (), JERUSALEM, key="k").pending.values()

    assert (waiting.moment, waiting.expires) == (at("2026-12-01 10:00"), at("2026-12-02 00:00"))


@pytest.mark.parametrize("end", [None, "soon", "2026-02-30", 20261201, ["2026-12-01"], "9999-99"])
def test_a_missing_or_unreadable_date_arms_nothing_and_is_noted(end: object) -> None:
    found = of(update("2026-11-01 09:00", "2026-12-01"), update("2026-11-02 09:00", end))

    assert not found.pending
    assert [note.reason for note in found.notes] == [Reason.NO_DATE]


def test_an_unknown_field_arms_nothing_and_is_noted_by_name() -> None:
    found = of(update("2026-11-01 09:00", "2026-12-01", active=None))

    assert not found.pending
    assert [(n.reason, n.detail) for n in found.notes] == [
        (Reason.UNKNOWN_FIELD, "event.data.active")
    ]


def test_a_spent_date_never_waits_again() -> None:
    first = update("2026-11-01 09:00", "2026-12-01")

    found = of(first, spent=(Spent("2026-12-01", first.order),))

    assert not found.pending


def test_history_arms_nothing_but_the_next_live_update_does() -> None:
    past = update("2026-11-01 09:00", "2026-12-01", history=True)
    live = update("2026-11-02 09:00", "2026-12-01")

    assert not of(past).pending
    assert of(past, live).pending["2026-12-01"].start == live


def test_after_a_date_counts_forward_and_expires_from_its_moment() -> None:
    after = trigger(on="plan", wait=DateWait(parse_duration("2d"), False, path("event.data.end")))
    facts = [update("2026-11-01 09:00", "2026-12-01")]

    (waiting,) = timeline(after, facts, (), JERUSALEM, key="k").pending.values()

    assert waiting.moment == at("2026-12-03 00:00")
    assert waiting.expires == at("2026-12-04 00:00")


@pytest.mark.parametrize(("learnt", "of_use"), [("2026-12-03 20:00", True), ("2026-12-09", False)])
def test_after_a_date_a_moment_already_past_is_at_once_until_it_expires(
    learnt: str, of_use: bool
) -> None:
    after = trigger(on="plan", wait=DateWait(parse_duration("2d"), False, path("event.data.end")))
    facts = [update(learnt, "2026-12-01")]

    (waiting,) = timeline(after, facts, (), JERUSALEM, key="k").pending.values()

    assert waiting.moment == at(learnt)
    assert waiting.expires == at("2026-12-04 00:00"), "counted from the moment that was planned"
    assert (waiting.moment < waiting.expires) is of_use


def test_a_time_of_day_is_kept_across_a_clock_change() -> None:
    (waiting,) = of(update("2026-10-01 09:00", "2026-10-27")).pending.values()

    assert waiting.moment == at("2026-10-20T07:00:00Z"), "still summer: three hours ahead of UTC"


def test_a_date_with_a_time_has_its_moment_as_epoch_whatever_its_offset() -> None:
    one = update("2026-11-01 09:00", "2026-12-01T10:00:00+02:00")
    same = update("2026-11-02 09:00", "2026-12-01T08:00:00Z")

    assert list(of(one, same).pending) == ["2026-12-01T08:00:00.000000Z"]


def test_any_order_of_arrival_gives_the_same() -> None:
    facts = [
        update("2026-11-01 09:00", "2026-12-01"),
        update("2026-11-02 09:00", "2026-12-01", active=False),
        event("renewed", "2026-11-03 09:00"),
        update("2026-11-04 09:00", "2026-12-15"),
        update("2026-11-05 09:00", "2026-12-15"),
    ]

    assert len({str(of(*shuffled)) for shuffled in permutations(facts)}) == 1


def test_two_sources_may_use_the_same_id() -> None:
    order = Order(at("2026-11-01 09:00"), "billing", "1")
    one = update("2026-11-01 09:00", "2026-12-01", id_="1", source="billing")
    two = update("2026-11-01 10:00", "2026-12-15", id_="1", source="shop")

    assert one.order == order
    assert list(of(one, two).pending) == ["2026-12-15"]
