"""Can whoever is on duty see what is wrong, see what an action would do, and do it?"""

from __future__ import annotations

import re

import pytest
from sqlalchemy import Engine, delete, select, update

from tests.worker.http.console.conftest import Visit
from tests.worker.http.console.visiting import Visitor
from tests.worker.http.console.world import EVIL, troubled
from tests.worker.http.house import House
from tests.worker.operators import on_record
from worker.store.alerts import standing_alerts
from worker.store.engine import in_transaction, reading
from worker.store.pauses import read_paused
from worker.store.tables import events, messages, refused_events, workers

HOME = "/console/duty"


@pytest.fixture
def operator(house: House, visit: Visit) -> Visitor:
    troubled(house.engine)
    return visit("operator")


def shown(visitor: Visitor) -> str:
    answer = visitor.get(HOME)
    assert answer.status_code == 200
    return answer.text


def states(engine: Engine, table: object) -> set[str]:
    return {row.state for row in reading(engine, lambda c: c.execute(select(table)).all())}  # type: ignore[call-overload]


def test_a_quiet_house_says_that_all_is_well(visit: Visit) -> None:
    text = shown(visit("viewer"))

    assert "All is well" in text
    assert "Needs a person" not in text


def test_what_needs_a_person_stands_first_each_with_its_place(operator: Visitor) -> None:
    text = shown(operator)
    told = re.findall(r'<li><a href="#([\w]+)"><bdi>(.*?)</bdi>', text)

    assert ("unread", "Events to read: for more than 5 minutes") in told
    assert ("set_aside", "Set aside: 3") in told
    assert ("parked", "Parked: 2") in told
    assert ("workers", "A worker works by another configuration than the one in force.") in told
    assert any(where == "alarms" and what.startswith("Alarm: sender fails") for where, what in told)
    for where, _ in told:
        assert f'id="{where}"' in text


def test_that_nobody_works_is_told_where_the_workers_stand(house: House, operator: Visitor) -> None:
    in_transaction(house.engine, lambda connection: connection.execute(delete(workers)))

    text = shown(operator)

    assert '<a href="#workers"><bdi>Something waits, and no worker was heard of' in text
    assert 'id="workers"' in text


def test_whatever_a_source_has_written_is_shown_and_never_obeyed(
    operator: Visitor, visit: Visit
) -> None:
    pages = [shown(operator), visit("admin").get("/console/record").text,
             operator.get("/console").text]  # fmt: skip

    for text in pages:
        assert "<script>alert" not in text
        assert "<img" not in text
        assert "49" not in re.findall(r"\u202e(\d+)", text)
    assert "&lt;script&gt;alert(1)" in pages[0]
    assert "{{7*7}}" in pages[0]


def test_a_viewer_sees_the_same_and_is_offered_nothing(operator: Visitor, visit: Visit) -> None:
    text = shown(visit("viewer"))

    assert "Set aside" in text
    assert 'name="choice"' not in text
    assert "/console/duty/pause" not in text
    assert "/console/duty/alarm" not in text


def test_set_aside_events_are_tried_before_they_are_read_again(
    operator: Visitor, house: House
) -> None:
    picked = re.findall(r'id="aside-(\d+)"', shown(operator))
    assert len(picked) == 3

    seen = operator.post(f"{HOME}/set-aside", HOME, choice="replay", id=picked[:2])
    assert "These events would be read once more." in seen.text
    assert seen.text.count("is taken") + seen.text.count("still fails") == 2
    assert states(house.engine, events) == {"read", "new", "set_aside"}
    assert reading(house.engine, lambda c: len(c.execute(select(events).where(
        events.c.state == "set_aside")).all())) == 3  # fmt: skip

    done = operator.post(f"{HOME}/set-aside", HOME, choice="replay", id=picked[:2], sure="1")
    assert done.headers["location"] == "/console/duty?done=replay&n=2"
    assert "Done: 2." in operator.get(done.headers["location"]).text
    assert house.rung[-1] == "outreach.evaluate"
    [(by, what, _)] = on_record(house.engine)[-1:]
    assert (by, what) == ("operator", "replay set aside")


def test_refused_events_are_tried_and_dismissed(operator: Visitor, house: House) -> None:
    picked = re.findall(r'id="refused-(\d+)"', shown(operator))

    seen = operator.post(f"{HOME}/refused", HOME, choice="replay", id=picked)
    assert seen.text.count("is still refused:") == 3
    operator.post(f"{HOME}/refused", HOME, choice="dismiss", id=picked)
    assert states(house.engine, refused_events) == {"refused"}
    operator.post(f"{HOME}/refused", HOME, choice="dismiss", id=picked, sure="1")

    assert states(house.engine, refused_events) == {"dismissed"}


@pytest.mark.parametrize(
    ("choice", "left"),
    [("release", {"planned"}), ("give_up", {"failed"}), ("arrived", {"parked", "accepted"})],
)
def test_parked_messages_become_what_was_decided_and_only_then(
    operator: Visitor, house: House, choice: str, left: set[str]
) -> None:
    picked = re.findall(r'id="parked-(\w+)"', shown(operator))
    assert len(picked) == 2

    seen = operator.post(f"{HOME}/parked", HOME, choice=choice, id=picked)
    assert "What this would do" in seen.text
    assert states(house.engine, messages) == {"parked", "unknown", "delivered"}
    operator.post(f"{HOME}/parked", HOME, choice=choice, id=picked, sure="1")

    rows = [row for row in house.rows(messages) if row.id in picked]
    assert {row.state for row in rows} == left
    assert on_record(house.engine)[-1][0] == "operator"


def test_an_alarm_that_is_seen_to_is_closed(operator: Visitor, house: House) -> None:
    operator.post(f"{HOME}/alarm", HOME, kind="sender_failing", subject="outbox:sms")
    operator.post(f"{HOME}/alarm", HOME, kind="no such kind", subject="x")

    left = {row.kind for row in reading(house.engine, standing_alerts)}
    assert left == {"event_set_aside"}


def test_what_is_paused_is_shown_with_who_and_why_and_resumed(
    operator: Visitor, house: House
) -> None:
    operator.post(f"{HOME}/pause", HOME, scope="category:service", why="the line is full")
    text = shown(operator)
    assert "the line is full" in text
    assert 'aria-label="Resume: category:service"' in text

    operator.post(f"{HOME}/resume", HOME, scope="category:service")

    left = {row.scope for row in reading(house.engine, read_paused)}
    assert left == {"trigger:plan_ending", "channel:email"}
    assert house.rung[-1] == "outreach.claim"


@pytest.mark.parametrize(
    ("action", "fields"),
    [("parked", {"choice": "release"}), ("parked", {"choice": "x", "id": "1"}),
     ("refused", {"choice": "replay", "id": "999"}), ("set-aside", {"choice": "x", "id": "1"}),
     ("pause", {"scope": "trigger:none"}), ("resume", {"scope": EVIL})],
)  # fmt: skip
def test_what_names_nothing_does_nothing(
    operator: Visitor, house: House, action: str, fields: dict[str, str]
) -> None:
    before = on_record(house.engine)

    assert operator.post(f"{HOME}/{action}", HOME, sure="1", **fields).status_code == 422
    assert on_record(house.engine) == before


def test_a_worker_that_lags_and_an_installation_without_any_are_seen(
    operator: Visitor, house: House
) -> None:
    assert "another one" in shown(operator)
    gone = update(messages).values(state="delivered")
    in_transaction(house.engine, lambda c: c.execute(gone))

    assert 'id="parked"' not in shown(operator)
