"""Is every word of a trigger read in every form it has?"""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from tests.triggers.configurations import bank
from triggers.configuration import read_configuration
from triggers.definitions import (
    NO_WAIT,
    Again,
    AgentRoute,
    Count,
    DateWait,
    ElapsedWait,
    Exit,
    Limits,
    MessageRoute,
    Mode,
    Priority,
    Rate,
    Trigger,
    UntilWait,
)
from triggers.durations import Duration
from triggers.paths import Path

END = Path.parse("event.data.end_date")
PLAN = Path.parse("event.data.plan_id")
HOUR = timedelta(hours=1)


def read(
    words: str, *, on: str = "plan.updated", send: str = "{message: hello, by: [sms]}"
) -> Trigger:
    """A trigger that says nothing but these words."""
    limits = "" if "limits:" in words else "limits: {category: service}\n"
    text = f"trigger: x\non: {on}\nsend: [{send}]\n{limits}{words}\n"
    return read_configuration(bank({"config/triggers/x.yaml": text})).triggers["x"]


@pytest.mark.parametrize(
    ("wait", "means"),
    [
        ("1h", ElapsedWait(Duration(0, HOUR))),
        ("1h30m", ElapsedWait(Duration(0, 1.5 * HOUR))),
        ("2w", ElapsedWait(Duration(14, timedelta()))),
        ("1d at 11:00", ElapsedWait(Duration(1, timedelta()), time(11))),
        ("until 10:00", UntilWait(time(10))),
        (
            "7d before event.data.end_date at 10:00",
            DateWait(Duration(-7, timedelta()), True, END, time(10)),
        ),
        ("2d after event.data.end_date", DateWait(Duration(2, timedelta()), False, END)),
        ("1h before event.data.end_date", DateWait(Duration(0, -HOUR), True, END)),
        (
            "0d before event.data.end_date at 9:30",
            DateWait(Duration(0, timedelta()), True, END, time(9, 30)),
        ),
        ("  1d   at  11:00 ", ElapsedWait(Duration(1, timedelta()), time(11))),
    ],
)
def test_a_wait_is_elapsed_or_until_or_on_a_date(wait: str, means: object) -> None:
    assert read(f"wait: '{wait}'").wait == means


@pytest.mark.parametrize(
    ("words", "again"),
    [
        ("about: nothing more", Again.EACH),
        ("key: event.data.plan_id", Again.ONCE),
        ("key: event.data.plan_id\nagain: each", Again.EACH),
        ("again: once", Again.ONCE),
        ("wait: 1h\nagain: restart", Again.RESTART),
        ("wait: 1d at 11:00\nagain: restart", Again.RESTART),
    ],
)
def test_a_repeat_is_once_where_a_key_is_written_and_each_where_none_is(
    words: str, again: Again
) -> None:
    assert read(words).again == again


@pytest.mark.parametrize(
    ("words", "exits"),
    [
        ("unless: plan.renewed", (Exit("plan.renewed"),)),
        ("unless: [plan.renewed, call.ended]", (Exit("plan.renewed"), Exit("call.ended"))),
        ("unless: {event: plan.renewed}", (Exit("plan.renewed"),)),
        (
            "key: event.data.plan_id\nunless: [{event: call.ended, key: event.data.call_id}]",
            (Exit("call.ended", Path.parse("event.data.call_id")),),
        ),
    ],
)
def test_unless_is_an_event_a_list_or_an_event_on_its_own_terms(
    words: str, exits: tuple[Exit, ...]
) -> None:
    assert read(f"wait: 1h\n{words}").unless == exits


def test_an_exit_has_a_condition_on_its_own_event() -> None:
    trigger = read("wait: 1h\nunless: {event: plan.renewed, when: event.data.months > 6}")

    when = trigger.unless[0].when

    assert when is not None
    assert when.text == "event.data.months > 6"


def test_the_start_may_be_an_exit_on_its_own_terms() -> None:
    ended = '{event: plan.updated, when: event.data.status == "ended"}'

    trigger = read(f"wait: 1h\nunless: {ended}")

    assert trigger.unless[0].event == "plan.updated"


@pytest.mark.parametrize(
    ("count", "means"),
    [
        ("{reach: 20, since: plan.renewed}", Count(20, since="plan.renewed")),
        ("{reach: 3, within: 14d}", Count(3, within=timedelta(days=14))),
        (
            "{reach: 20, since: plan.renewed, distinct: event.data.note}",
            Count(20, since="plan.renewed", distinct=Path.parse("event.data.note")),
        ),
        (
            "{reach: 99.5, within: 2w, sum: event.data.amount}",
            Count(99.5, within=timedelta(days=14), sum=Path.parse("event.data.amount")),
        ),
    ],
)
def test_a_count_is_since_an_event_or_within_a_time(count: str, means: Count) -> None:
    assert read(f"count: {count}").count == means


def test_a_trigger_that_counts_may_ask_for_its_count() -> None:
    trigger = read("count: {reach: 3, within: 1d}\nwhen: count.value > 3")

    assert trigger.when is not None
    assert trigger.when.roots == {"count"}


@pytest.mark.parametrize(
    ("route", "means"),
    [
        ("{message: plan_ending, by: [sms, email]}", MessageRoute("plan_ending", ("sms", "email"))),
        ("{survey: hello, by: [sms]}", MessageRoute("hello", ("sms",), survey=True)),
        ("{agent: retention, message: hello}", AgentRoute("retention", "hello")),
        (
            "{agent: retention, message: hello, due: 1d}",
            AgentRoute("retention", "hello", Duration(1, timedelta())),
        ),
    ],
)
def test_a_route_is_a_message_a_survey_or_a_person(route: str, means: object) -> None:
    assert read("about: x", send=route).send == (means,)


def test_a_person_reads_the_texts_of_the_triggers_name_where_no_other_are_said() -> None:
    trigger = read_configuration(bank()).triggers["plan_ending"]

    assert trigger.send[0].message == "plan_ending"
    assert trigger.send[0].when is not None


@pytest.mark.parametrize(
    ("limits", "means"),
    [
        ("{category: service}", Limits("service")),
        ("{category: service, expires: 36h}", Limits("service", expires=36 * HOUR)),
        ("{category: service, cooldown: 7d}", Limits("service", cooldown=timedelta(days=7))),
        ("{category: service, holdout: 12.5%}", Limits("service", holdout=0.125)),
        ("{category: service, ramp: 0%}", Limits("service", ramp=0.0)),
        ("{category: service, priority: high}", Limits("service", priority=Priority.HIGH)),
        ("{category: service, pace: 200 per 1h}", Limits("service", pace=Rate(200, HOUR))),
        ("{category: service, mode: off}", Limits("service", mode=Mode.OFF)),
        ("{category: service, mode: shadow}", Limits("service", mode=Mode.SHADOW)),
    ],
)
def test_each_limit_is_read_and_the_others_have_their_defaults(limits: str, means: Limits) -> None:
    assert read(f"limits: {limits}").limits == means


def test_the_least_that_a_trigger_says() -> None:
    trigger = read("about: Once.")

    assert (trigger.key, trigger.when, trigger.count, trigger.unless) == (None, None, None, ())
    assert trigger.wait == NO_WAIT
    assert str(trigger.place) == "config/triggers/x.yaml:1"


def test_an_event_of_ours_carries_what_caused_it() -> None:
    words = (
        'key: event.data.message_id\nwhen: event.data.cause.total > 5 and event.data.trigger == "a"'
    )

    trigger = read(words, on="outreach.sent", send="{agent: retention, message: hello}")

    assert trigger.key == Path.parse("event.data.message_id")


def test_an_attribute_may_be_read_from_a_customers_update() -> None:
    assert read("when: event.data.age > 60", on="customer.updated").when is not None


def test_examples_stay_as_they_were_written() -> None:
    words = """
examples:
  - name: on and off
    customer: {id: c1, phone: "+972501234567"}
    events: [{at: 2026-11-01T09:00+02:00, type: plan.updated, data: {plan_id: no}}]
    expect: []
"""

    (example,) = read(words).examples

    assert example.story["events"][0]["data"] == {"plan_id": "no"}
    assert example.story["events"][0]["at"] == "2026-11-01T09:00+02:00"


@pytest.mark.parametrize(
    "ends", ["---\n", "\n---\n# nothing\n", "---\n~\n"], ids=["marker", "comment", "null"]
)
def test_a_document_with_nothing_in_it_is_no_trigger(ends: str) -> None:
    words = "on: plan.updated\nsend: [{message: hello, by: [sms]}]\nlimits: {category: service}\n"
    text = f"trigger: a\n{words}---\ntrigger: b\n{words}{ends}"

    triggers = read_configuration(bank({"config/triggers/x.yaml": text})).triggers

    assert {"a", "b"} < set(triggers)
