"""Does an example that does not hold say what was expected, what came, and why?"""

from __future__ import annotations

from typing import Any

import pytest

from tests.triggers.configurations import HELLO, PLAN_ENDING, bank
from triggers.configuration import ConfigurationRefused, read_configuration
from triggers.examples import Played, play_examples

CUSTOMER = (
    '{id: c1, phone: "+972501234567", email: dana@customer.example, language: en,'
    " timezone: Asia/Jerusalem, age: 30}"
)
PLAN = (
    "{at: 2026-11-01T09:00+02:00, type: plan.updated,"
    " data: {plan_id: p1, status: active, end_date: 2026-12-01}}"
)
SENT = '{at: 2026-11-24T10:00+02:00, sms: {to: "+972501234567", contains: "1 December"}}'
COUNTING = """\
trigger: hello
on: call.ended
key: event.data.caller
count: {reach: 3, within: 30d}
send: [{message: hello, by: [sms]}]
limits: {category: service}
"""


def call(day: int, data: str = "{caller: c1}") -> str:
    return f"{{at: 2026-11-0{day}T12:00+02:00, type: call.ended, data: {data}}}"


def example(*events: str, expect: str = "", customer: str = CUSTOMER) -> str:
    return (
        f"examples:\n  - name: a story\n    customer: {customer}\n"
        f"    events: [{', '.join(events)}]\n    expect: [{expect}]\n"
    )


def play(trigger: str, told: str, **more: str) -> Played:
    name = trigger.split()[1]
    files = bank({f"config/triggers/{name}.yaml": trigger + told, **more})
    [played] = play_examples(read_configuration(files), [name])
    return played


def plan(*events: str, trigger: str = PLAN_ENDING, **more: str) -> Played:
    return play(trigger, example(*events, **more))


def words(played: Played) -> list[str]:
    return [word for one in played.differences for word in one.words]


def test_an_example_that_holds_tells_nothing() -> None:
    played = plan(PLAN, expect=SENT)

    assert played.holds
    assert (played.trigger, played.example) == ("plan_ending", "a story")
    assert str(played.place) == "config/triggers/plan_ending.yaml:12", "the example's own line"
    assert played.why == ()


@pytest.mark.parametrize(
    ("expected", "told"),
    [
        ("{at: 2026-11-24T11:00+02:00, sms: {}}", "at another time than 2026-11-24T11:00+02:00"),
        ("{after: 2026-11-25T00:00+02:00, sms: {}}", "not after 2026-11-25T00:00+02:00"),
        ("{before: 2026-11-24T00:00+02:00, sms: {}}", "not before 2026-11-24T00:00+02:00"),
        ("{email: {}}", "not by email"),
        ("{agent: retention}", "not a person of retention"),
        ('{sms: {to: "+972501234568"}}', "not to +972501234568"),
        ("{sms: {contains: January}}", "without the text 'January'"),
    ],
)
def test_what_is_otherwise_is_told_beside_both(expected: str, told: str) -> None:
    played = plan(PLAN, expect=expected)

    assert words(played) == [told]
    [one] = played.differences
    assert one.expected is not None
    assert one.came is not None
    assert one.came.to == "+972501234567"


@pytest.mark.parametrize(
    "expected",
    [
        "{after: 2026-11-24T10:00+02:00, before: 2026-11-24T10:00+02:00, sms: {}}",
        "{sms: {contains: 1 December}}",
    ],
)
def test_bounds_and_parts_are_enough(expected: str) -> None:
    assert plan(PLAN, expect=expected).holds


def test_what_nobody_expected_and_what_did_not_come_are_told() -> None:
    assert words(plan(PLAN)) == ["nothing was expected"]
    assert words(plan(PLAN, expect=f"{SENT}, {SENT}")) == ["nothing came"]


SILENCES: list[tuple[str, str, list[str]]] = [
    (
        PLAN_ENDING,
        "{at: 2026-11-01T09:00+02:00, type: plan.renewed, data: {plan_id: p1}}",
        ["no plan.updated came, so nothing could start"],
    ),
    (
        PLAN_ENDING,
        PLAN.replace("active", "ended"),
        [
            "plan.updated of 2026-11-01T09:00+02:00: when is no",
            "  event.data.status: 'ended'",
        ],
    ),
    (
        PLAN_ENDING,
        PLAN.replace("status: active, ", ""),
        [
            "plan.updated of 2026-11-01T09:00+02:00: when is unknown, unknown: event.data.status",
            "  event.data.status: unknown",
        ],
    ),
    (
        PLAN_ENDING,
        PLAN.replace(", end_date: 2026-12-01", ""),
        ["plan.updated of 2026-11-01T09:00+02:00: no_date event.data.end_date"],
    ),
    (
        COUNTING,
        f"{call(1)}, {call(2)}",
        ["c1: counted 2 of 3"],
    ),
    (
        COUNTING,
        call(1, "{}"),
        ["call.ended of 2026-11-01T12:00+02:00: no value at event.data.caller, the key"],
    ),
]


@pytest.mark.parametrize(("trigger", "events", "why"), SILENCES)
def test_where_nothing_started_the_part_that_kept_it_is_told(
    trigger: str, events: str, why: list[str]
) -> None:
    played = play(trigger, example(events, expect="{sms: {}}"), **CALLER)

    assert words(played) == ["nothing came"]
    assert list(played.why) == why


CALLER = {
    "config/events/call.ended.yaml": "event: call.ended\n"
    "data: {type: object, properties: {caller: {type: string}}}\n"
}
AD = {"templates/hello/sms.en.txt": "Advertisement {{ links.unsubscribe }}\n"}


def never(limits: str, customer: str = CUSTOMER, when: str = "", **files: str) -> list[str]:
    trigger = HELLO.replace("{category: service}", limits) + when
    told = example(call(3), expect="{sms: {}}", customer=customer)
    return list(play(trigger, told, **CALLER, **files).why)


@pytest.mark.parametrize("limit", ["mode: shadow", "mode: off", "ramp: 1%"])
def test_an_example_tells_what_the_trigger_says_once_it_is_live(limit: str) -> None:
    trigger = HELLO.replace("category: service", f"category: service, {limit}")
    assert play(trigger, example(call(3), expect="{sms: {}}"), **CALLER).holds


def test_a_gate_that_objects_is_told_with_its_reason_and_setting() -> None:
    assert never("{category: marketing}", **AD) == [
        "asked at 2026-11-03T12:00+02:00: never: no_consent marketing"
    ]


def test_a_condition_that_is_false_at_the_claim_is_told_with_its_values() -> None:
    why = never(
        "{category: service}", when="when: customer.age > 70 and event.data.caller == 'c1'\n"
    )

    assert why == [
        "asked at 2026-11-03T12:00+02:00: never: when_false",
        "when is no",
        "  customer.age > 70: no",
        "    customer.age: 30",
        "  event.data.caller == 'c1': yes",
        "    event.data.caller: 'c1'",
    ]


def test_who_has_no_address_was_put_off_until_it_expired() -> None:
    why = never("{category: service}", customer="{id: c1, timezone: Asia/Jerusalem}")

    assert why[0].startswith("asked at 2026-11-03T12:00+02:00: put off until 2026-11-04T12:00")
    assert "no_address sms: " in why[0]
    assert why[1] == "asked at 2026-11-04T12:00+02:00: never: expired at 2026-11-04T12:00+02:00"


def test_no_route_tells_each_routes_condition() -> None:
    trigger = HELLO.replace("[{message", "[{when: segment.senior, message")

    played = play(trigger, example(call(3), expect="{sms: {}}"), **CALLER)

    assert list(played.why) == [
        "asked at 2026-11-03T12:00+02:00: never: no_route",
        "route 1's when is no",
        "  segment.senior: no",
    ]


def test_quiet_hours_that_moved_it_are_told() -> None:
    night = call(3).replace("T12:00", "T23:00")

    played = play(HELLO, example(night, expect="{at: 2026-11-03T23:00+02:00, sms: {}}"), **CALLER)

    assert words(played) == ["at another time than 2026-11-03T23:00+02:00"]
    assert played.why[0].startswith("asked at 2026-11-03T23:00+02:00: put off until 2026-11-04T")
    assert played.why[0].endswith(": quiet")


def test_a_text_that_cannot_be_written_names_what_is_missing() -> None:
    text = {"templates/hello/sms.en.txt": "{{ customer.city }}"}

    played = play(HELLO, example(call(3), expect="{sms: {}}"), **CALLER, **text)

    [why] = played.why
    assert "text_failed" in why
    assert "customer.city" in why


def test_a_link_made_for_one_message_is_no_reason_why_another_text_came() -> None:
    text = {"templates/hello/sms.en.txt": "Opt out: {{ links.unsubscribe }}"}

    played = play(HELLO, example(call(3), expect='{sms: {contains: "Hi"}}'), **CALLER, **text)

    assert words(played) == ["without the text 'Hi'"]
    assert played.why == ()


def test_only_the_triggers_that_are_named_are_played() -> None:
    told = {"config/triggers/plan_ending.yaml": PLAN_ENDING + example(PLAN, expect=SENT)}
    files = bank({**told, "config/triggers/hello.yaml": HELLO + example(call(3)), **CALLER})
    configuration = read_configuration(files)

    assert [one.trigger for one in play_examples(configuration)] == ["hello", "plan_ending"]
    assert [one.trigger for one in play_examples(configuration, ["hello"])] == ["hello"]
    assert [one.holds for one in play_examples(configuration)] == [False, True]


def refused(told: str) -> list[str]:
    with pytest.raises(ConfigurationRefused) as error:
        read_configuration(bank({"config/triggers/hello.yaml": HELLO + told, **CALLER}))
    return [one.message for one in error.value.mistakes]


MISTAKES: list[tuple[str, list[str]]] = [
    (
        "{at: 2026-11-03T12:00+02:00}",
        ["an expectation names one of sms, email or agent: what comes"],
    ),
    (
        "{sms: {}, agent: retention}",
        ["an expectation names one of sms, email or agent: what comes"],
    ),
    (
        "{smss: {}}",
        [
            "an expectation names one of sms, email or agent: what comes",
            "unknown key 'smss', did you mean 'sms'?",
        ],
    ),
    ("{sms: {too: x}}", ["unknown key 'too', did you mean 'to'?"]),
    ("{agent: retentoin}", ["unknown queue 'retentoin', did you mean 'retention'?"]),
    ("{sms: {contains: 5}}", ["a text is wanted, not the number 5"]),
]


@pytest.mark.parametrize(("expected", "told"), MISTAKES)
def test_an_expectation_that_says_nothing_is_a_mistake_of_the_example(
    expected: str, told: list[str]
) -> None:
    assert sorted(refused(example(call(3), expect=expected))) == told


def test_the_customers_clock_is_kept_for_showing() -> None:
    played: Any = plan(PLAN, expect=SENT)

    assert played.zone.key == "Asia/Jerusalem"


@pytest.mark.parametrize("said", ["outreach.clicked", "survey.answered"])
def test_an_example_may_begin_by_what_only_the_system_says(said: str) -> None:
    trigger = HELLO.replace("call.ended", said) + 'when: event.source == "outreach"\nwait: 1h\n'
    event = f"{{at: 2026-11-03T12:00+02:00, type: {said}, data: {{trigger: plan_ending}}}}"

    assert play(trigger, example(event, expect="{sms: {contains: Hello}}")).holds
