"""Does Today count what happened, compare it with the usual day, and say what waits?"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, Engine

from tests.worker.http.console.conftest import Visit
from tests.worker.http.console.world import (
    attempt_row,
    decision_row,
    event_row,
    handoff_row,
    inbound_row,
    message_row,
    occurrence_row,
    store,
    troubled,
)
from tests.worker.http.house import FILES, House
from triggers.calendars.hours import WEEKDAYS
from triggers.configuration import read_configuration
from worker.clock import utc_now
from worker.http.console.today import moments
from worker.steps.flowing import Flow, today
from worker.store.engine import in_transaction, reading
from worker.store.flow import WHATS, read_hours
from worker.store.tables import (
    attempts,
    decisions,
    events,
    handoffs,
    inbound,
    messages,
    occurrences,
)

ZONE = ZoneInfo("Asia/Jerusalem")
NOON = datetime(2026, 11, 3, 12, 30, tzinfo=ZONE)
WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)


def happened(engine: Engine, at: datetime, *, first: int) -> None:
    """One of everything that is counted."""

    def work(connection: Connection) -> None:
        store(connection, events, **event_row(first, at))
        store(connection, events, **event_row(first + 1, at, type="outreach.sent"))
        store(connection, decisions, **decision_row(first, at))
        store(connection, attempts, **attempt_row(first, at))
        store(connection, attempts, **attempt_row(first + 1, at, state="refused"))
        store(connection, messages, **message_row(first, at))
        store(connection, messages, **message_row(first + 1, at, state="failed"))
        store(connection, inbound, **inbound_row(first, at))
        store(connection, handoffs, **handoff_row(first, at))

    in_transaction(engine, work)


def look(engine: Engine, now: datetime = NOON) -> Flow:
    return today(engine, ZONE, now=now.astimezone(UTC))


def test_each_thing_is_counted_once_and_only_what_it_is(engine: Engine) -> None:
    happened(engine, NOON - 3 * HOUR, first=1)
    happened(engine, NOON - timedelta(minutes=1), first=11)
    happened(engine, NOON - timedelta(days=1), first=21)

    flow = look(engine)

    assert {what: line.so_far for what, line in flow.lines.items()} == dict.fromkeys(WHATS, 2)
    assert [hour for hour, n in enumerate(flow.lines["sent"].today) if n] == [9, 12]
    assert flow.lines["sent"].today[13] is None
    assert (flow.compared, flow.lines["sent"].usual_so_far) == (0, None)


def test_the_usual_day_is_the_mean_of_the_same_weekday_as_far_as_it_was_there(
    engine: Engine,
) -> None:
    for week in (1, 2):
        happened(engine, NOON.replace(hour=9) - week * WEEK, first=week * 10)
        happened(engine, NOON.replace(hour=12, minute=0) - week * WEEK, first=week * 100)
    happened(engine, NOON.replace(hour=20) - WEEK, first=500)
    happened(engine, NOON - timedelta(days=1), first=600)

    line = look(engine).lines["came_in"]

    assert look(engine).compared == 2
    assert line.usual_day == 2.5
    # of the hour that has half gone, half
    assert line.usual_so_far == 1.5


def test_an_hour_that_has_ended_is_kept_and_not_counted_again(engine: Engine) -> None:
    happened(engine, NOON - 3 * HOUR, first=1)
    look(engine)
    kept = reading(engine, lambda c: read_hours(c, since=NOON - 24 * HOUR, until=NOON))
    assert sum(kept["sent"].values()) == 1

    in_transaction(engine, lambda c: c.execute(attempts.delete()))

    assert look(engine).lines["sent"].so_far == 1
    assert look(engine, NOON + HOUR).lines["sent"].so_far == 1


def test_what_a_slow_transaction_brings_is_counted_before_the_hour_is_kept(engine: Engine) -> None:
    just = NOON.replace(minute=4)
    look(engine, just)
    happened(engine, NOON.replace(hour=11, minute=59), first=1)

    assert look(engine, just).lines["sent"].so_far == 1
    assert look(engine, NOON).lines["sent"].so_far == 1


@pytest.mark.parametrize("now", [NOON, NOON.replace(hour=23, minute=30)])
def test_until_when_is_said_on_the_houses_clock(now: datetime) -> None:
    ends = list(moments(now.astimezone(UTC), ZONE).values())

    assert ends == sorted(ends)
    assert ends[3].astimezone(ZONE) == datetime(2026, 11, 5, tzinfo=ZONE)


def test_the_page_says_what_waits_until_when_and_why(visit: Visit, house: House) -> None:
    troubled(house.engine)
    text = visit("viewer").get("/console").text
    cells = re.sub(r"<[^>]*>", " ", text)

    numbers = re.findall(
        r"(?:due now|within the hour|today|tomorrow|seven days|later) +(\d+)", cells
    )
    assert sum(map(int, numbers)) == 7
    assert "quiet hours 6" in cells
    assert re.search(r"calls +6 +0 +6", cells)
    assert "Needs a person" in cells


def test_the_chart_shows_what_was_asked_for_and_has_a_table_beside(
    visit: Visit, house: House
) -> None:
    visitor = visit("viewer")

    text = visitor.get("/console?show=came_in&language=en").text
    assert "Came in, hour by hour" in text
    assert text.count('<th scope="row">') >= 24
    assert "<style" not in text
    assert "Sent, hour by hour" in visitor.get("/console?show=nonsense").text


def test_a_queue_of_calls_that_nobody_takes_is_late(visit: Visit, house: House) -> None:
    in_transaction(
        house.engine,
        lambda c: store(c, occurrences, **occurrence_row(1, datetime.now(UTC) + HOUR)),
    )

    assert "None" in visit("viewer").get("/console").text


def test_what_is_in_quiet_hours_now_and_what_leaves_all_the_same_is_told(
    house: House, visit: Visit
) -> None:
    # but for one day, which is not near
    days = [name for name in WEEKDAYS if name != WEEKDAYS[(utc_now().weekday() + 3) % 7]]
    always = {name: text for name, text in FILES.items() if name != "config/outreach.yaml"}
    always["config/outreach.yaml"] = (
        "languages: [en]\ncategories: {service: {quiet: rest}, urgent: {quiet: none}}\n"
        f"quiet: {{rest: {{days: [{', '.join(days)}]}}}}\n"
    )
    house.current = read_configuration(always)

    page = visit("viewer").get("/console?language=en").text
    told = " ".join(re.sub(r"<[^>]*>", " ", page).split())

    assert "service Day of rest: nothing leaves until" in told
    assert "urgent At any hour" in told
