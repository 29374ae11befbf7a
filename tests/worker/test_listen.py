"""Do silence and runaway become alarms, and end by themselves, on both databases?"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from sqlalchemy import Engine, Row, insert
from sqlalchemy import event as hooks

from tests.worker.sending import HOUR, MINUTE, POLICY, dana, left, ready, rules, trigger
from tests.worker.small_world import NOON, rows
from triggers.configuration import Configuration
from triggers.usual import DAY, PAST, WEEK
from worker.steps.listen import listen
from worker.store.alerts import Alarm, close_alert
from worker.store.engine import in_transaction
from worker.store.tables import alerts, decisions, pauses, trigger_births, trigger_hours

EARLY = NOON + 6 * MINUTE  # soon enough to tell of all of its hour


def said(engine: Engine, moments: Iterable[tuple[datetime, str]], verdict: str = "claimed") -> None:
    """Decisions of the trigger `hi` at these moments, each to a customer."""
    made = [
        {
            "at": at, "trigger": "hi", "customer_id": customer, "key": "k", "verdict": verdict,
            "facts": [], "bundle": "b", "message_id": f"{at:%m%d%H%M}{customer}".ljust(32, "-"),
        }
        for at, customer in moments
    ]  # fmt: skip
    in_transaction(engine, lambda c: c.execute(insert(decisions), made))


def weeks(until: datetime, *, each: int = 12) -> list[tuple[datetime, str]]:
    """In each hour of five weeks so many, to so many."""
    hours = int((PAST + DAY) / HOUR)
    return [
        (until - (h + 1) * HOUR + (n + 1) * MINUTE, f"c{h}-{n}")
        for h in range(hours)
        for n in range(each)
    ]


def born(engine: Engine, name: str = "hi", ago: timedelta = 2 * PAST) -> None:
    row = {"trigger": name, "born_at": NOON - ago}
    in_transaction(engine, lambda c: c.execute(insert(trigger_births).values(row)))


def hear(engine: Engine, now: datetime, configuration: Configuration | None = None) -> None:
    listen(engine, configuration or rules(trigger()), now=now)


def caught_up(engine: Engine, now: datetime) -> None:
    for _ in range(6):
        hear(engine, now)


def alarms(engine: Engine) -> dict[str, Row[Any]]:
    return {one.kind: one for one in rows(engine, alerts, "kind") if one.closed_at is None}


def seen_to(engine: Engine, alarm: Alarm, now: datetime) -> None:
    in_transaction(engine, lambda c: close_alert(c, alarm, "hi", now=now))


@pytest.fixture
def usual(engine: Engine) -> Engine:
    """Twelve an hour for five weeks until noon, and all of it has been counted."""
    born(engine)
    said(engine, weeks(NOON))
    caught_up(engine, NOON - HOUR + 10 * MINUTE)
    return engine


def test_a_trigger_that_usually_speaks_and_does_not_is_an_alarm_until_it_speaks(
    usual: Engine,
) -> None:
    hear(usual, EARLY)
    assert alarms(usual) == {}

    # the hour from noon on was watched, is over, and nothing was said
    hear(usual, EARLY + HOUR)
    [alarm] = alarms(usual).values()
    assert (alarm.kind, alarm.subject) == ("silence", "hi")
    assert alarm.detail == (
        f"nothing since {NOON:%Y-%m-%dT%H:%M}Z; at these hours of other weeks 12 or more"
    )
    hear(usual, EARLY + HOUR + 5 * MINUTE)
    assert alarms(usual)["silence"].times == 1, "told anew only after an hour"

    said(usual, [(EARLY + 2 * HOUR, "c")], verdict="held_out")
    hear(usual, EARLY + 2 * HOUR + MINUTE)

    assert alarms(usual) == {}


def test_a_silence_that_a_person_has_seen_to_is_told_no_more(usual: Engine) -> None:
    for hours in range(2):
        hear(usual, EARLY + hours * HOUR)
    seen_to(usual, Alarm.SILENCE, EARLY + HOUR + MINUTE)

    for hours in range(2, 6):
        hear(usual, EARLY + hours * HOUR)

    assert alarms(usual) == {}


def test_a_week_later_it_is_the_same_silence_that_a_person_has_seen_to(usual: Engine) -> None:
    for hours in range(3):
        hear(usual, EARLY + hours * HOUR)
    seen_to(usual, Alarm.SILENCE, EARLY + 2 * HOUR + MINUTE)

    in_transaction(
        usual, lambda c: c.execute(trigger_hours.delete().where(trigger_hours.c.hour > NOON + HOUR))
    )
    silent = [
        {"trigger": "hi", "hour": NOON + hours * HOUR, "spoke": 0, "watched": True}
        for hours in range(2, 8 * 24)
    ]
    in_transaction(usual, lambda c: c.execute(insert(trigger_hours), silent))
    hear(usual, EARLY + 8 * DAY)

    assert alarms(usual) == {}


def test_an_hour_that_we_came_late_to_is_not_judged(usual: Engine) -> None:
    """All of us stood still from noon on, and were there again at half past."""
    hear(usual, NOON + 30 * MINUTE)
    hear(usual, EARLY + HOUR)
    assert alarms(usual) == {}

    hear(usual, EARLY + 2 * HOUR)

    assert "nothing since 2026-11-02T13:00Z" in alarms(usual)["silence"].detail


@pytest.mark.parametrize("scope", ["*", "trigger:hi", "category:service", "channel:sms"])
def test_what_is_paused_is_not_missed(usual: Engine, scope: str) -> None:
    row = {"scope": scope, "by": "dana", "at": NOON}
    in_transaction(usual, lambda c: c.execute(insert(pauses).values(row)))

    for hours in range(4):
        hear(usual, EARLY + hours * HOUR)
    in_transaction(usual, lambda c: c.execute(pauses.delete()))
    hear(usual, EARLY + 3 * HOUR + 10 * MINUTE)
    hear(usual, EARLY + 4 * HOUR)

    assert alarms(usual) == {}


def test_what_has_just_been_paused_is_missed_no_more(usual: Engine) -> None:
    for hours in range(2):
        hear(usual, EARLY + hours * HOUR)
    assert set(alarms(usual)) == {"silence"}
    row = {"scope": "trigger:hi", "by": "dana", "at": EARLY + HOUR}
    in_transaction(usual, lambda c: c.execute(insert(pauses).values(row)))

    hear(usual, EARLY + HOUR + 5 * MINUTE)

    assert alarms(usual) == {}


@pytest.mark.parametrize(
    "quiet",
    [
        rules(trigger(), policy=POLICY + "watch: {mute: [hi]}\n"),
        rules(trigger(), policy=POLICY + "watch: {silence: 13}\n"),
        rules(trigger(limits="{category: service, mode: off}")),
    ],
)
def test_what_is_mute_small_or_off_is_not_missed(usual: Engine, quiet: Configuration) -> None:
    for hours in range(2):
        hear(usual, EARLY + hours * HOUR, quiet)

    assert alarms(usual) == {}


def test_a_runaway_is_told_before_the_hour_is_over_and_ends_by_itself(usual: Engine) -> None:
    said(usual, [(NOON + MINUTE, f"r{n}") for n in range(42)])
    hear(usual, NOON + 20 * MINUTE)
    assert alarms(usual) == {}
    said(usual, [(NOON + 2 * MINUTE, "one too many")])

    hear(usual, NOON + 25 * MINUTE)

    [alarm] = alarms(usual).values()
    assert (alarm.kind, alarm.subject) == ("runaway", "hi")
    assert "the most in five weeks was 12" in alarm.detail
    hear(usual, NOON + 2 * HOUR)
    assert "runaway" not in alarms(usual)


def test_a_runaway_that_a_person_has_seen_to_is_told_again_after_an_hour(usual: Engine) -> None:
    said(usual, [(NOON + n * MINUTE, f"r{n}-{m}") for n in range(90) for m in range(5)])
    hear(usual, NOON + 20 * MINUTE)
    assert set(alarms(usual)) == {"runaway"}
    seen_to(usual, Alarm.RUNAWAY, NOON + 21 * MINUTE)

    for minutes in (22, 50, 80):
        hear(usual, NOON + minutes * MINUTE)
        assert alarms(usual) == {}
    hear(usual, NOON + 81 * MINUTE)

    assert set(alarms(usual)) == {"runaway"}


def test_however_many_listen_at_once_it_is_told_once(usual: Engine) -> None:
    hear(usual, NOON + 20 * MINUTE)
    said(usual, [(NOON + 2 * MINUTE, f"r{n}") for n in range(43)])
    meeting = Barrier(2)

    def meet(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("INSERT INTO alerts"):
            with suppress(BrokenBarrierError):
                meeting.wait(1)

    hooks.listen(usual, "before_cursor_execute", meet)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: hear(usual, NOON + 25 * MINUTE), range(4)))
    hooks.remove(usual, "before_cursor_execute", meet)

    assert alarms(usual)["runaway"].times == 1


def test_what_is_committed_as_the_hour_ends_is_counted_in_it(usual: Engine) -> None:
    hear(usual, NOON + HOUR + 4 * MINUTE)
    said(usual, [(NOON + HOUR - timedelta(seconds=1), "c")])

    hear(usual, NOON + HOUR + 6 * MINUTE)

    [heard] = [one for one in rows(usual, trigger_hours, "hour") if one.hour == NOON]
    assert heard.spoke == 1


def test_a_message_that_was_claimed_more_than_once_is_one(engine: Engine) -> None:
    born(engine, ago=3 * HOUR)
    said(engine, [(NOON, "c"), (NOON + timedelta(seconds=20), "c"), (NOON, "d")])

    caught_up(engine, EARLY + HOUR)

    [heard] = [one for one in rows(engine, trigger_hours, "hour") if one.hour == NOON]
    assert heard.spoke == 2


def test_customers_who_hear_it_twice_in_a_day_are_told(engine: Engine) -> None:
    born(engine)
    said(engine, [(at, one[-2:] if at > NOON - DAY else one) for at, one in weeks(NOON)])
    caught_up(engine, NOON - HOUR + 10 * MINUTE)
    usually = trigger_hours.update().values(repeats=2, day=100)
    before = trigger_hours.c.hour < NOON - DAY
    in_transaction(engine, lambda c: c.execute(usually.where(before)))

    hear(engine, EARLY)

    [alarm] = alarms(engine).values()
    assert (alarm.kind, alarm.subject) == ("runaway", "hi")
    assert "went to somebody who had one that day; the most was 2%" in alarm.detail


def test_a_new_trigger_begins_at_its_birth(engine: Engine) -> None:
    born(engine, ago=3 * HOUR)

    caught_up(engine, EARLY)

    counted = [one.hour for one in rows(engine, trigger_hours, "hour") if one.spoke is not None]
    assert counted == [NOON - 2 * HOUR, NOON - HOUR]


def test_what_is_long_past_is_counted_a_week_at_a_time(engine: Engine) -> None:
    born(engine)

    for number in (1, 2):
        hear(engine, EARLY)
        counted = [one.spoke for one in rows(engine, trigger_hours, "hour")]
        assert (len(counted) - counted.count(None)) * HOUR == number * WEEK


def test_what_really_leaves_is_heard(engine: Engine) -> None:
    post = ready(engine)
    born(engine)
    post.send(NOON)
    post.told(dana("c2", phone="+972501234568", email=None), left("c2", "k2"))
    post.send(NOON)

    caught_up(engine, NOON + HOUR + 10 * MINUTE)

    [heard] = [one for one in rows(engine, trigger_hours, "hour") if one.hour == NOON]
    assert (heard.spoke, heard.day, heard.repeats) == (2, 2, 0)


def test_hours_that_nobody_compares_any_more_are_forgotten(usual: Engine) -> None:
    hear(usual, NOON + 10 * WEEK)

    assert {one.hour >= NOON + 3 * WEEK for one in rows(usual, trigger_hours, "hour")} == {True}
