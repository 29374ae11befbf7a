"""Do a wait, a condition and a text read the same date in the same words?"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.triggers.conditions import JERUSALEM, ask, known
from triggers.conditions import Answer
from triggers.moments import DateFound, read_moment
from triggers.texts.failures import Unwritable
from triggers.texts.moments import date_text

MIDNIGHT = datetime(2026, 11, 30, 22, tzinfo=UTC)
TEN = datetime(2026, 12, 1, 8, tzinfo=UTC)

READ = [
    ("2026-12-01", MIDNIGHT),
    ("2026-12-01T10:00", TEN),
    ("2026-12-01 10:00", TEN),
    ("2026-12-01T10:00:00", TEN),
    ("2026-12-01 10:00:00.000000000", TEN),
    ("2026-12-01T10:00:00+02:00", TEN),
    ("2026-12-01 10:00+02:00", TEN),
    ("2026-12-01T08:00:00Z", TEN),
    ("2026-12-01t08:00:00z", TEN),
    ("2026-12-01T13:30:00.0+05:30", TEN),
    # half past two does not exist on that night, and is half past three
    ("2026-03-27T02:30", datetime(2026, 3, 27, 0, 30, tzinfo=UTC)),
    # half past one exists twice on that night, and is the first
    ("2026-10-25T01:30", datetime(2026, 10, 24, 22, 30, tzinfo=UTC)),
    ("1900-01-01T00:00Z", datetime(1900, 1, 1, tzinfo=UTC)),
    ("2200-12-31T00:00Z", datetime(2200, 12, 31, tzinfo=UTC)),
]
REFUSED = [
    "2026-W49-2",
    "20261201",
    "20261201T100000",
    "2026-12-01T1000",
    "2026-12-01T10",
    "2026-12-01T10:00:00,5",
    "2026-12-01T10:00+0200",
    "2026-12-01T10:00+02",
    "2026-12-01T24:00",
    "2026-12-01T23:59:60Z",
    "2026-12-01  10:00",
    "2026-12-01_10:00",
    "2026-12-01 ",
    " 2026-12-01",
    "2026-12-01T",
    "2026-12-01\n",
    "2026-11-31",
    "2026-1-1",
    "01.12.2026",
    "٢٠٢٦-١٢-٠١",
    "1899-12-31",
    "2201-01-01",
    "9999-12-31T23:59:59-23:59",
    "0001-01-01T00:00:00+23:59",
    "2026-12-01T10:00:00." + "0" * 100_000 + "Z",
    "",
    None,
    20261201,
    True,
]


def in_a_condition(value: Any, moment: datetime) -> Answer:
    return ask(f'date(event.data.free) == "{moment.isoformat()}"', known({"free": value}))


@pytest.mark.parametrize(("text", "begins"), READ)
def test_a_wait_a_condition_and_a_text_read_the_same_moment(text: str, begins: datetime) -> None:
    found = read_moment(text, JERUSALEM)

    assert found is not None
    assert found.begins == begins
    assert in_a_condition(text, begins) is Answer.YES
    assert date_text(text, "en", JERUSALEM) == date_text(begins, "en", JERUSALEM)


@pytest.mark.parametrize("value", REFUSED)
def test_what_one_of_them_refuses_all_refuse(value: Any) -> None:
    assert read_moment(value, JERUSALEM) is None
    assert in_a_condition(value, TEN) is Answer.UNKNOWN
    with pytest.raises(Unwritable):
        date_text(value, "en", JERUSALEM)


@pytest.mark.parametrize("field", ["end_date", "due", "free"])
@pytest.mark.parametrize("text", ["2026-12-01", "2026-12-01 10:00"])
def test_a_condition_sees_the_date_whatever_its_schema_calls_it(field: str, text: str) -> None:
    found = read_moment(text, JERUSALEM)

    assert found is not None
    asked = f'date(event.data.{field}) == "{found.begins.isoformat()}"'
    assert ask(asked, known({field: text})) is Answer.YES


def test_a_date_without_a_time_is_its_own_epoch_and_a_moment_is_its_stamp() -> None:
    day = read_moment("2026-12-01", JERUSALEM)
    moment = read_moment("2026-12-01 10:00", JERUSALEM)

    assert day == DateFound(MIDNIGHT, date(2026, 12, 1))
    assert moment == DateFound(TEN, None)
    assert (day.epoch, moment.epoch) == ("2026-12-01", "2026-12-01T08:00:00.000000Z")


@given(st.text("0123456789-:TZ+. tzW", max_size=36) | st.datetimes().map(str))
def test_whatever_stands_there_the_three_agree(text: str) -> None:
    found = read_moment(text, JERUSALEM)

    if found is None:
        test_what_one_of_them_refuses_all_refuse(text)
    else:
        test_a_wait_a_condition_and_a_text_read_the_same_moment(text, found.begins)
