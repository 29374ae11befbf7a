"""Does a page tell how many calls were prevented, and how little can be known of it?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.worker.http.console.busy import HELD_OUT, TRIGGER, WRITTEN, busy
from tests.worker.http.console.conftest import Visit
from tests.worker.http.console.test_triggers import text_of
from tests.worker.http.house import House
from triggers.report import Question
from worker.http.console.report import KEPT
from worker.http.console.shelf import Shelf
from worker.steps.report import report
from worker.store.clock import read_now
from worker.store.engine import reading
from worker.store.tables import decisions

HOME = "/console/report?language=en"
ONE = f"{HOME}&trigger={TRIGGER}"
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def test_every_trigger_is_told_with_what_can_be_said_of_it(house: House, visit: Visit) -> None:
    busy(house)
    assert house.current is not None

    page = text_of(visit("viewer").get(HOME).text)

    assert all(name in page for name in house.current.triggers)
    assert page.count("nobody can know") == len(house.current.triggers) - 1
    assert "small sample" in page


def test_one_trigger_is_told_with_its_range_and_a_warning_while_too_few_are_known(
    house: House, visit: Visit
) -> None:
    busy(house)

    page = visit("viewer").get(ONE).text

    told = text_of(page)
    assert f"Written to 4 of {WRITTEN} contacted us: 10.00%" in told
    assert f"Held out 3 of {HELD_OUT} contacted us: 37.50%" in told
    assert "+27.50" in told
    assert "The sample is too small" in told
    assert page.count('class="ci"') == 1


def test_the_other_side_of_the_scale_and_the_way_from_a_link_to_a_person_are_told(
    house: House, visit: Visit
) -> None:
    busy(house)
    viewer = visit("viewer")

    page = viewer.get(ONE).text

    told = text_of(page)
    assert "Opted out 1" in told
    assert "10 followed it, 4 contacted us after all." in told
    assert "<script>alert" not in page
    survey = text_of(viewer.get(f"{HOME}&trigger=service_call_survey").text)
    assert "service_call" in survey.partition("Surveys")[2]


def test_the_page_tells_what_the_command_tells(house: House, visit: Visit) -> None:
    busy(house)
    configuration = house.current
    assert configuration is not None
    now = reading(house.engine, read_now)
    asked = Question(now - timedelta(days=90), now, now, TRIGGER)
    [one] = reading(house.engine, lambda c: report(c, configuration, asked)).triggers

    page = text_of(visit("viewer").get(ONE).text)

    assert one.effect.difference is not None
    points = one.effect.difference.times(100)
    for number in (points.estimate, points.low, points.high):
        assert f"{number:+.2f}" in page


def test_what_was_counted_is_kept_for_some_minutes_and_said_to_be(
    house: House, visit: Visit
) -> None:
    busy(house)
    viewer = visit("viewer")
    first = viewer.get(ONE).text
    with house.engine.begin() as connection:
        connection.execute(decisions.delete())

    again = viewer.get(ONE).text

    assert "It is counted anew after 5 min" in text_of(first)
    assert f"4 of {WRITTEN}" in text_of(again)


def test_a_shelf_counts_anew_once_what_is_kept_is_old() -> None:
    counted: list[datetime] = []

    def ask(now: datetime, key: str = "a") -> datetime:
        return shelf.get(key, now, lambda: counted.append(now)).at

    shelf = Shelf(KEPT)
    assert ask(NOW) == NOW
    assert ask(NOW + KEPT - timedelta(seconds=1)) == NOW
    assert ask(NOW + KEPT) == NOW + KEPT
    assert ask(NOW + KEPT, "another") == NOW + KEPT
    assert len(counted) == 3


def test_a_trigger_that_nobody_knows_has_no_report(house: House, visit: Visit) -> None:
    busy(house)

    assert visit("viewer").get(f"{HOME}&trigger=nobody").status_code == 404
