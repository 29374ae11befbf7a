"""Rule 3 of the language for counts: what completes them, and what a spent one has used up."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.triggers.worlds import JERUSALEM, MONDAY, event, path, trigger
from triggers.conditions import Condition
from triggers.definitions import Again, Count, Exit
from triggers.events import Event
from triggers.facts import Spent, Timeline
from triggers.shapes import Scope, Shape
from triggers.timeline import timeline

SCOPE = Scope(
    {
        "event": Shape.from_schema({"type": "object"}),
        "count": Shape.from_schema({"type": "object", "properties": {"value": {"type": "number"}}}),
    }
)
SINCE = Count(3, since="reset", distinct=path("event.data.number"))
WITHIN = Count(3, within=timedelta(days=14))


def of(count: Count, *facts: Event, spent: tuple[Spent, ...] = (), **fields: object) -> Timeline:
    one = trigger(count=count, again=Again.EACH, **fields)
    return timeline(one, facts, spent, JERUSALEM, key="k")


def counted(day: float, number: object = None, **data: object) -> Event:
    number = f"n{day}" if number is None else number
    return event("start", MONDAY + timedelta(days=day), f"e{day}", data={"number": number, **data})


def reset(day: float) -> Event:
    return event("reset", MONDAY + timedelta(days=day), f"r{day}")


def test_the_start_is_the_event_that_completes_the_count() -> None:
    found = of(SINCE, counted(1), counted(2), counted(3))

    assert list(found.pending) == ["initial"]
    assert found.pending["initial"].start == counted(3)
    assert found.pending["initial"].counted is not None
    assert found.pending["initial"].counted.value == 3


def test_two_of_three_are_not_enough() -> None:
    assert not of(SINCE, counted(1), counted(2)).pending


def test_the_same_number_twice_is_one() -> None:
    assert not of(SINCE, counted(1, "x"), counted(2, "x"), counted(3, "y")).pending


def test_a_reset_begins_another_epoch_which_is_its_id() -> None:
    found = of(SINCE, counted(1), counted(2), reset(2.5), counted(3), counted(4), counted(5))

    assert list(found.pending) == ["r2.5"]
    assert found.pending["r2.5"].start == counted(5)


def test_a_reset_calls_off_what_the_count_before_it_had_completed() -> None:
    found = of(SINCE, counted(1), counted(2), counted(3), reset(4))

    assert not found.pending
    assert found.ended["initial"].by == reset(4)


def test_one_message_a_reset_however_long_the_count_goes_on() -> None:
    found = of(SINCE, *(counted(day) for day in range(1, 9)))

    assert list(found.pending) == ["initial"]
    assert found.pending["initial"].start == counted(3)


def test_a_late_reset_lets_no_second_message_out_before_it_is_counted_anew() -> None:
    sent = (Spent("initial", counted(3).order),)
    facts = [counted(1), reset(1.5), counted(2), counted(3), counted(4), counted(5)]

    assert not of(SINCE, *facts, spent=sent).pending, "only two since the one that was spent"
    assert list(of(SINCE, *facts, counted(6), spent=sent).pending) == ["r1.5"]


def test_a_spent_epoch_is_spent_for_good() -> None:
    sent = (Spent("initial", counted(3).order),)

    assert not of(SINCE, *(counted(day) for day in range(1, 20)), spent=sent).pending


def test_within_counts_a_sliding_window_and_its_epoch_is_the_completing_event() -> None:
    assert not of(WITHIN, counted(0), counted(1), counted(14.5)).pending
    assert list(of(WITHIN, counted(0), counted(1), counted(14)).pending) == ["e14"]


def test_after_completing_a_window_counts_anew() -> None:
    found = of(WITHIN, *(counted(day) for day in range(7)))

    assert sorted(found.pending) == ["e2", "e5"]


def test_what_a_spent_window_has_counted_counts_no_more() -> None:
    sent = (Spent("e2", counted(2).order),)

    assert not of(WITHIN, *(counted(day) for day in (0, 1, 2, 3, 4)), spent=sent).pending
    assert not of(WITHIN, counted(0.5), counted(0), counted(1), counted(2), spent=sent).pending


def test_sums_add_up_amounts_and_leave_out_what_is_no_number() -> None:
    total = Count(100, within=timedelta(days=14), sum=path("event.data.amount"))
    facts = [counted(0, amount=0.1), counted(1, amount=99.8), counted(2, amount="7")]

    assert not of(total, *facts).pending
    assert [note.detail for note in of(total, *facts).notes] == ["event.data.amount"]
    assert list(of(total, *facts, counted(3, amount=0.1)).pending) == ["e3"]


def test_a_condition_without_count_filters_every_counted_event() -> None:
    when = Condition("event.data.amount > 10", SCOPE)
    facts = [counted(0, amount=5), counted(1, amount=50), counted(2, amount=50)]

    assert not of(SINCE, *facts, when=when).pending
    assert of(SINCE, *facts, counted(3, amount=50), when=when).pending


def test_a_condition_with_count_filters_only_the_completing_one() -> None:
    when = Condition("event.data.amount > 10 and count.value >= 3", SCOPE)
    facts = [counted(0, amount=5), counted(1, amount=5), counted(2, amount=5)]

    assert not of(SINCE, *facts, when=when).pending
    assert of(SINCE, *facts, counted(3, amount=50), when=when).pending["initial"].start.id == "e3"


def test_history_counts_but_completes_nothing() -> None:
    past = [
        event("start", MONDAY + timedelta(days=day), f"h{day}", data={"number": day}, history=True)
        for day in range(5)
    ]

    assert not of(SINCE, *past).pending
    assert of(SINCE, *past, counted(6)).pending["initial"].start == counted(6)


def test_an_exit_calls_off_a_count_that_waits() -> None:
    bought = event("bought", MONDAY + timedelta(days=4))

    assert not of(
        SINCE, counted(1), counted(2), counted(3), bought, unless=(Exit("bought"),)
    ).pending


@pytest.mark.parametrize("count", [SINCE, WITHIN])
@given(st.permutations(range(10)), st.sets(st.integers(0, 9), max_size=3))
def test_any_order_of_arrival_gives_the_same(
    count: Count, order: list[int], resets: set[int]
) -> None:
    facts = [counted(day) for day in range(10)] + [reset(day + 0.5) for day in sorted(resets)]
    shuffled = [facts[index] for index in order] + facts[10:][::-1]

    assert of(count, *shuffled) == of(count, *facts)
