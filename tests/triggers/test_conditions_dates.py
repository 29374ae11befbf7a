"""How does a condition reckon with dates, times and durations, on the customer's clock?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.triggers.conditions import JERUSALEM, NOON, ask, happened, known
from triggers.conditions import Answer, Env

YES, NO, UNKNOWN, OPEN = Answer.YES, Answer.NO, Answer.UNKNOWN, Answer.OPEN
ENV = known(
    {
        "end_date": "2026-11-27",
        "start_date": "2026-11-20",
        "due": "2026-11-21T12:00:00+02:00",
        "name": "2026-11-20",
        "free": "2026-11-20T12:00:00+02:00",
    }
)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("event.data.end_date > now", YES),
        ("event.data.start_date < now", YES),
        ("now == event.time", YES),
        ("event.data.start_date < event.data.end_date", YES),
        ("event.data.due > event.data.start_date", YES),
        ('event.data.end_date == "2026-11-27"', YES),
        ('"2026-11-28" > event.data.end_date', YES),
        ('event.data.due == "2026-11-21T10:00:00Z"', YES),
        ('event.data.end_date in ["2026-11-26", "2026-11-27"]', YES),
        ('event.data.end_date not in ["2026-11-26"]', YES),
        ('date("2026-11-27") == event.data.end_date', YES),
        ("date(event.data.name) == event.data.start_date", YES),
        ("date(event.data.free) == now", YES),
        ("date(event.data.end_date) == event.data.end_date", YES),
        ("event.data.end_date == null", NO),
    ],
)
def test_dates_and_times_are_compared_as_moments(text: str, answer: Answer) -> None:
    assert ask(text, ENV) is answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ('event.data.end_date - now < duration("7d")', YES),
        ('event.data.end_date - now < duration("6d")', NO),
        ('event.data.end_date - now == duration("6d12h")', YES),
        ('duration("7d") > event.data.end_date - now', YES),
        ('duration("6d") <= event.data.end_date - now < duration("7d")', YES),
        ('now - event.data.end_date > -duration("7d")', YES),
        ("event.data.end_date - event.data.start_date > event.data.due - now", YES),
        ('now + duration("1d") == event.data.due', YES),
        ('duration("24h") + now == event.data.due', YES),
        ('event.data.due - duration("1d") == now', YES),
        ('event.data.start_date + duration("1w") == event.data.end_date', YES),
        ('now + duration("3d") > event.data.due', YES),
        ('now + duration("30m") - duration("30m") == now', YES),
    ],
)
def test_durations_move_moments_and_measure_between_them(text: str, answer: Answer) -> None:
    assert ask(text, ENV) is answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("days_until(event.data.end_date) == 7", YES),
        ("days_until(event.data.due) == 1", YES),
        ("days_until(event.data.start_date) == 0", YES),
        ("days_until(now) == 0", YES),
        ('days_until("2026-11-19") == -1', YES),
        ("days_until(date(event.data.name)) == 0", YES),
    ],
)
def test_days_until_counts_calendar_days(text: str, answer: Answer) -> None:
    assert ask(text, ENV) is answer


@pytest.mark.parametrize(
    ("zone", "days"),
    [("Asia/Jerusalem", 1), ("America/New_York", 0), ("Pacific/Kiritimati", 1)],
)
def test_days_are_those_of_the_customers_zone(zone: str, days: int) -> None:
    # from 20:30 UTC to 23:00 UTC it becomes tomorrow in Jerusalem, but not in New York
    now = datetime(2026, 11, 20, 20, 30, tzinfo=UTC)
    if zone == "Pacific/Kiritimati":
        now = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    later = (now + timedelta(hours=2, minutes=30)).isoformat()
    env = known({"due": later}, now=now, zone=ZoneInfo(zone))
    assert ask(f"days_until(event.data.due) == {days}", env) is YES


def test_a_date_without_a_time_begins_in_the_customers_zone() -> None:
    text = 'event.data.end_date == "2026-11-26T22:00:00Z"'
    data = {"end_date": "2026-11-27"}
    assert ask(text, known(data, zone=JERUSALEM)) is YES
    assert ask(text, known(data, zone=ZoneInfo("America/New_York"))) is NO


def test_days_are_the_calendars_and_hours_elapse_across_a_clock_change() -> None:
    # Jerusalem turns its clocks back in the night to 25 October 2026: that day has 25 hours
    now = datetime(2026, 10, 24, 9, 0, tzinfo=UTC)
    noon_next_day = {"due": "2026-10-25T12:00:00+02:00"}
    env = known(noon_next_day, now=now)
    assert ask('now + duration("1d") == event.data.due', env) is YES
    assert ask('now + duration("25h") == event.data.due', env) is YES
    assert ask('now + duration("24h") < event.data.due', env) is YES
    assert ask('event.data.due - now <= duration("1d")', env) is YES
    assert ask('event.data.due - now <= duration("24h")', env) is NO


@given(
    st.integers(0, 1_000_000),
    st.integers(0, 1_000_000),
    st.integers(0, 400),
    st.sampled_from(["Asia/Jerusalem", "America/New_York", "Australia/Lord_Howe", "Asia/Tokyo"]),
)
def test_a_difference_is_below_a_duration_exactly_when_the_sum_is_above(
    now_minute: int, due_minute: int, days: int, zone: str
) -> None:
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    now, due = (begin + timedelta(minutes=minute) for minute in (now_minute, due_minute))
    env = known({"due": due.isoformat()}, now=now, zone=ZoneInfo(zone))
    difference = ask(f'event.data.due - now < duration("{days}d5h")', env)
    assert difference is ask(f'event.data.due < now + duration("{days}d5h")', env)
    assert difference is not UNKNOWN


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-31",
        "20261127",
        "2026-W48-5",
        "27.11.2026",
        "2026-11-27T10:00:00+02",
        "",
        "٢٠٢٦-١١-٢٧",
        1795759200,
    ],
)
def test_what_is_no_date_is_unknown(value: Any) -> None:
    env = known({"end_date": value})
    assert ask("event.data.end_date > now", env) is UNKNOWN
    assert ask("days_until(event.data.end_date) > 1", env) is UNKNOWN


@pytest.mark.parametrize("value", ["2026-11-27T24:00:00", "noon", "", 5, True])
def test_what_is_no_time_is_unknown(value: Any) -> None:
    assert ask("event.data.due > now", known({"due": value})) is UNKNOWN
    assert ask('event.data.due + duration("1h") > now', known({"due": value})) is UNKNOWN


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"end_date": "0001-01-01"}, "event.data.end_date < now"),
        ({"end_date": "9999-12-31"}, 'event.data.end_date + duration("9w") > now'),
        ({"due": "0001-01-01T00:00:00+23:00"}, "event.data.due < now"),
        ({"due": "0001-01-01T00:00:00Z"}, 'event.data.due - duration("1d") < now'),
        ({"due": "9999-12-31T23:59:59Z"}, "days_until(event.data.due) > 1"),
    ],
)
def test_a_date_that_is_a_slip_of_the_pen_is_unknown(data: dict[str, Any], text: str) -> None:
    assert ask(text, known(data)) is UNKNOWN


@pytest.mark.parametrize("written", ["2026-12-01 10:00", "2026-12-01T10:00:00"])
def test_a_literal_without_an_offset_is_on_the_customers_clock(written: str) -> None:
    text = f'event.data.due == "{written}"'
    assert ask(text, known({"due": "2026-12-01T08:00:00Z"})) is YES
    assert ask(text, known({"due": "2026-12-01T08:00:00Z"}, zone=ZoneInfo("UTC"))) is NO


def test_a_field_that_may_be_a_date_or_a_number_is_read_as_what_it_is_compared_with() -> None:
    day, number = known({"day_or_number": "2026-11-19"}), known({"day_or_number": 5})
    before = ("event.data.day_or_number < now", "now > event.data.day_or_number")
    assert [ask(text, env) for text in before for env in (day, number)] == [YES, UNKNOWN] * 2
    text = "event.data.day_or_number in ['2026-11-19']"
    assert [ask(text, env) for env in (day, number)] == [YES, UNKNOWN]
    assert [ask("event.data.day_or_number == 5", env) for env in (day, number)] == [UNKNOWN, YES]


def test_moments_are_open_while_the_zone_is_not_known() -> None:
    env = Env(event=happened({"end_date": "2026-11-27"}), now=NOON)
    assert ask("event.data.end_date > now", env) is OPEN
    assert ask('now + duration("1d") > now', env) is OPEN
    assert ask('now + duration("24h") > now', env) is YES
    assert ask("days_until(now) == 0", env) is OPEN
