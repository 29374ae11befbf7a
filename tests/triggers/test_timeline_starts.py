"""Rules 3 and 4 of the language for waits from a start: once, each and restart."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from tests.triggers.worlds import JERUSALEM, at, event, path, trigger
from triggers.calendars.hours import parse_wall_time
from triggers.conditions import Condition
from triggers.definitions import Again, ElapsedWait, Exit, UntilWait
from triggers.durations import Duration, parse_duration
from triggers.events import Event
from triggers.facts import Spent, Timeline
from triggers.shapes import Scope, Shape
from triggers.timeline import timeline
from triggers.verdicts import Reason

SCOPE = Scope(
    {
        "event": Shape.from_schema({"type": "object"}),
        "customer": Shape.from_schema({"type": "object"}),
    }
)
HOUR = ElapsedWait(parse_duration("1h"))
BOUGHT = (Exit("bought"),)


def of(again: Again, *facts: Event, spent: tuple[Spent, ...] = (), **fields: object) -> Timeline:
    one = trigger(again=again, **{"wait": HOUR, "unless": BOUGHT, **fields})
    return timeline(one, facts, spent, JERUSALEM, key="k")


def start(time: str, id_: str = "", **more: Any) -> Event:
    return event("start", time, id_, **more)


MORNING = "2026-11-02 10:00"


def test_once_is_one_occurrence_for_the_key_however_often_it_starts() -> None:
    found = of(Again.ONCE, start(MORNING, "a"), start("2026-11-02 10:30", "b"))

    assert list(found.pending) == ["once"]
    assert found.pending["once"].moment == at("2026-11-02 11:00")


def test_once_called_off_is_called_off_for_good() -> None:
    found = of(
        Again.ONCE, start(MORNING), event("bought", "2026-11-02 10:10"), start("2026-11-02 12:00")
    )

    assert not found.pending
    assert found.ended["once"].by.type == "bought"


def test_each_start_has_its_own_epoch_which_is_its_id() -> None:
    found = of(Again.EACH, start(MORNING, "a"), start("2026-11-02 10:30", "b"))

    assert {epoch: one.moment for epoch, one in found.pending.items()} == {
        "a": at("2026-11-02 11:00"),
        "b": at("2026-11-02 11:30"),
    }


def test_an_exit_calls_off_what_started_at_or_before_it_only() -> None:
    found = of(
        Again.EACH,
        start(MORNING, "a"),
        event("bought", "2026-11-02 10:10"),
        start("2026-11-02 10:30", "b"),
    )

    assert list(found.pending) == ["b"]
    assert found.ended["a"].reason is Reason.CALLED_OFF


def test_an_exit_at_the_very_moment_of_the_start_counts_by_source_and_id() -> None:
    later = event("bought", MORNING, "z")
    earlier = event("bought", MORNING, "A")

    assert not of(Again.EACH, start(MORNING, "b"), later).pending
    assert of(Again.EACH, start(MORNING, "b"), earlier).pending


def test_restart_moves_the_due_time_with_each_start_of_the_session() -> None:
    found = of(Again.RESTART, start(MORNING, "a"), start("2026-11-02 10:40", "b"))

    assert list(found.pending) == ["a"]
    assert found.pending["a"].moment == at("2026-11-02 11:40")


def test_a_start_longer_than_the_wait_after_the_last_is_another_session() -> None:
    found = of(Again.RESTART, start(MORNING, "a"), start("2026-11-02 11:01", "b"))

    assert sorted(found.pending) == ["a", "b"]


def test_a_start_exactly_the_wait_after_the_last_is_the_same_session() -> None:
    found = of(Again.RESTART, start(MORNING, "a"), start("2026-11-02 11:00", "b"))

    assert list(found.pending) == ["a"]


def test_after_an_exit_a_start_begins_a_new_session() -> None:
    found = of(
        Again.RESTART,
        start(MORNING, "a"),
        event("bought", "2026-11-02 10:10"),
        start("2026-11-02 10:20", "b"),
    )

    assert list(found.pending) == ["b"]


def test_a_late_start_before_a_spent_session_is_that_session() -> None:
    sent = start(MORNING, "a")
    late = start("2026-11-02 08:00", "late")

    assert not of(Again.RESTART, sent, late, spent=(Spent("a", sent.order),)).pending


def test_a_late_exit_that_splits_a_spent_session_lets_no_second_message_out() -> None:
    first, second = start(MORNING, "a"), start("2026-11-02 10:40", "b")
    spent = (Spent("a", second.order),)

    assert not of(
        Again.RESTART, first, event("bought", "2026-11-02 10:20"), second, spent=spent
    ).pending


def test_a_spent_epoch_never_waits_again() -> None:
    one = start(MORNING, "a")

    assert not of(Again.EACH, one, spent=(Spent("a", one.order),)).pending
    assert not of(Again.ONCE, one, spent=(Spent("once", one.order),)).pending


@pytest.mark.parametrize("again", [Again.ONCE, Again.RESTART])
def test_a_start_for_which_when_is_false_disarms(again: Again) -> None:
    when = Condition("event.data.total >= 100", SCOPE)
    found = of(
        again,
        start(MORNING, "a", data={"total": 200}),
        start("2026-11-02 10:20", "b", data={"total": 50}),
        when=when,
    )

    assert not found.pending
    assert {one.reason for one in found.ended.values()} == {Reason.DISARMED}


def test_where_each_start_stands_for_itself_another_one_disarms_nothing() -> None:
    when = Condition("event.data.total >= 100", SCOPE)
    found = of(
        Again.EACH,
        start(MORNING, "a", data={"total": 200}),
        start("2026-11-02 10:20", "b", data={"total": 50}),
        when=when,
    )

    assert list(found.pending) == ["a"]


def test_terms_on_the_customer_are_open_in_the_timeline() -> None:
    when = Condition("event.data.total >= 100 and customer.age > 70", SCOPE)

    assert of(Again.EACH, start(MORNING, "a", data={"total": 200}), when=when).pending
    assert not of(Again.EACH, start(MORNING, "a", data={"total": 20}), when=when).pending


def test_an_exit_has_its_own_key_and_condition() -> None:
    way_out = Exit("paid", path("event.data.cart"), Condition("event.data.total >= 100", SCOPE))
    started = start(MORNING, "a")

    def with_exit(**data: object) -> Timeline:
        paid = event("paid", "2026-11-02 10:10", data=data)
        return of(Again.EACH, started, paid, unless=(way_out,))

    assert not with_exit(cart="k", total=100).pending
    assert with_exit(cart="k", total=99).pending, "the condition does not hold"
    assert with_exit(cart="other", key="k", total=100).pending, "another key"
    assert with_exit(cart="k").pending, "an unknown condition calls nothing off"


def test_history_starts_nothing() -> None:
    assert not of(Again.EACH, start(MORNING, history=True)).pending
    assert list(of(Again.ONCE, start(MORNING, history=True), start("2026-11-03 10:00")).pending)


@pytest.mark.parametrize(
    ("wait", "started", "due"),
    [
        (HOUR, "2026-11-02 10:00", "2026-11-02 11:00"),
        (ElapsedWait(Duration(0, timedelta())), "2026-11-02 10:00", "2026-11-02 10:00"),
        (ElapsedWait(parse_duration("1d")), "2026-11-02 10:00", "2026-11-03 10:00"),
        (
            ElapsedWait(parse_duration("1d"), parse_wall_time("11:00")),
            "2026-11-02 15:12",
            "2026-11-03 11:00",
        ),
        (UntilWait(parse_wall_time("10:00")), "2026-11-02 09:59", "2026-11-02 10:00"),
        (UntilWait(parse_wall_time("10:00")), "2026-11-02 10:00", "2026-11-02 10:00"),
        (UntilWait(parse_wall_time("10:00")), "2026-11-02 10:01", "2026-11-03 10:00"),
        (ElapsedWait(parse_duration("1d")), "2026-10-24 12:00", "2026-10-25 12:00"),
        (ElapsedWait(parse_duration("24h")), "2026-10-24 12:00", "2026-10-25 11:00"),
    ],
)
def test_days_are_of_the_calendar_and_hours_have_elapsed(
    wait: ElapsedWait | UntilWait, started: str, due: str
) -> None:
    (waiting,) = of(Again.EACH, start(started), wait=wait).pending.values()

    assert waiting.moment == at(due)
    assert waiting.expires == at(due) + timedelta(days=1)


@pytest.mark.parametrize("again", list(Again))
def test_any_order_of_arrival_gives_the_same(again: Again) -> None:
    facts = [
        start(MORNING, "a"),
        start("2026-11-02 10:40", "b"),
        event("bought", "2026-11-02 10:50"),
        start("2026-11-02 11:30", "c"),
        start("2026-11-02 13:30", "d"),
    ]

    assert len({str(of(again, *shuffled)) for shuffled in permutations(facts)}) == 1
    assert of(again, *facts, *facts) == of(again, *facts), "doubled events change nothing"
