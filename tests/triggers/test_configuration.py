"""Is a configuration taken or refused whole, whatever its files hold, and told from another?"""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.triggers.configurations import BASE, HELLO, PLAN_ENDING, POLICY, bank
from triggers.configuration import ConfigurationRefused, read_configuration
from triggers.mistakes import Mistake, Severity

POLICY_FILE = "config/outreach.yaml"
TRIGGER_FILE = "config/triggers/plan_ending.yaml"


def digest(trigger: str = PLAN_ENDING, policy: str = POLICY) -> str:
    files = bank({TRIGGER_FILE: trigger, POLICY_FILE: policy})
    return read_configuration(files).triggers["plan_ending"].digest


def test_a_configuration_that_is_right_is_read_without_a_word() -> None:
    read = read_configuration(bank())

    assert set(read.triggers) == {"plan_ending", "hello"}
    assert read.warnings == ()
    assert read.templates["templates/hello/sms.en.txt"] == "Hello.\n"
    assert read.attributes.raw["properties"]["age"] == {"type": "integer"}
    assert read.profile.fits({"phone": "+972501234567", "age": 7})
    assert "city" in read.customer_shape.properties


def test_no_attributes_are_needed() -> None:
    policy = "languages: [he, en]\ncategories: {service: {}}\nagents: {retention: {}}\n"
    gone = {"config/customer.yaml": None, TRIGGER_FILE: None, POLICY_FILE: policy}

    read = read_configuration(bank(gone))

    assert read.profile.fits({"phone": "+972501234567"})


def test_a_text_that_no_trigger_sends_is_a_warning() -> None:
    read = read_configuration(bank({"templates/old/sms.en.txt": "Old."}))

    assert [(w.file, w.severity) for w in read.warnings] == [
        ("templates/old/sms.en.txt", Severity.WARNING)
    ]


def test_mistakes_of_every_file_come_at_once_and_sorted() -> None:
    with pytest.raises(ConfigurationRefused) as refused:
        read_configuration(
            bank(
                {
                    "templates/hello/sms.en.txt": "Hello {{ event.data.nmae }}",
                    "config/triggers/hello.yaml": HELLO.replace("call.ended", "call.endd"),
                    POLICY_FILE: POLICY.replace("retention:", "retentoin:"),
                    "config/events/call.ended.yaml": "event: call.ended",
                    "config/customer.yaml": "type: objct",
                }
            )
        )

    places = [(one.file, one.line, one.column) for one in refused.value.mistakes]
    assert {file.split("/")[1] for file, _, _ in places} >= {"customer.yaml", "events", "triggers"}
    assert places == sorted(places)


def test_the_hash_is_of_names_and_contents() -> None:
    files = bank()
    one = read_configuration(files).hash

    assert len(one) == 32
    assert read_configuration(dict(reversed(files.items()))).hash == one
    assert read_configuration(bank({"templates/hello/sms.en.txt": "Hello!\n"})).hash != one
    assert read_configuration(bank({"config/README.md": "Words."})).hash != one


@pytest.mark.parametrize(
    "trigger",
    [
        "# a comment\n" + PLAN_ENDING,
        PLAN_ENDING + "about: A week before.\n",
        PLAN_ENDING.replace(
            "limits: {category: service, expires: 5d}",
            "limits:\n  expires: 5d\n  category: service",
        ),
    ],
    ids=["comment", "about", "layout"],
)
def test_a_trigger_is_the_same_however_it_is_laid_out(trigger: str) -> None:
    assert digest(trigger) == digest()


@pytest.mark.parametrize(
    ("trigger", "policy"),
    [
        (PLAN_ENDING.replace("10:00", "11:00"), POLICY),
        (PLAN_ENDING, POLICY.replace(">= 70", ">= 75")),
        (PLAN_ENDING, POLICY.replace("40 per 1d", "50 per 1d")),
        (PLAN_ENDING, POLICY.replace("service: {quiet: default}", "service: {quiet: none}")),
        (PLAN_ENDING, POLICY + "quiet: {default: {nights: 20:00 to 09:00}}\n"),
    ],
    ids=["wait", "segment", "queue", "category", "quiet"],
)
def test_a_trigger_changes_with_what_it_uses_of_the_policy(trigger: str, policy: str) -> None:
    assert digest(trigger, policy) != digest()


def test_a_trigger_does_not_change_with_the_rest_of_the_policy() -> None:
    assert digest(policy=POLICY.replace("2 per 1d", "3 per 1d") + "grace: 1m\n") == digest()


def test_a_trigger_does_not_change_with_a_segment_that_it_only_speaks_of() -> None:
    speaks = PLAN_ENDING.replace("segment.senior", 'event.data.note == "segment.senior"')
    assert digest(speaks, POLICY.replace(">= 70", ">= 75")) == digest(speaks)


def mistakes_in(files: dict[str, str]) -> tuple[Mistake, ...]:
    try:
        read_configuration(files)
    except ConfigurationRefused as refused:
        return refused.mistakes
    return ()


def taken_or_refused(files: dict[str, str]) -> None:
    mistakes = mistakes_in(files)
    assert not mistakes or any(one.severity is Severity.ERROR for one in mistakes)
    for one in mistakes:
        assert one.line >= 1
        assert one.column >= 1
        assert "\n" not in str(one)


FILES = st.sampled_from(sorted(name for name in BASE if name.endswith(".yaml")))
QUICK = settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)


@given(FILES, st.text(max_size=80))
@QUICK
def test_any_text_in_any_file_is_taken_or_refused(file: str, text: str) -> None:
    taken_or_refused(bank({file: text}))


@given(FILES, st.data())
@QUICK
def test_a_file_with_a_piece_cut_out_or_put_in_is_taken_or_refused(
    file: str, data: st.DataObject
) -> None:
    text = BASE[file]
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 30)))
    piece = data.draw(st.sampled_from(["", "\n", "- ", ": ", "[", "}", "'", '"', "&a ", "*a", "…"]))

    taken_or_refused(bank({file: text[:start] + piece + text[end:]}))


VALUES: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "x", "1d", "plan.updated", "event.data.plan_id", "service", "{", "5%"])
    | st.just([])
    | st.just({})
    | st.just([[{}]])
    | st.just({"type": "object"})
)


def mutated(value: Any, data: st.DataObject) -> Any:
    """The same tree with the value at some place replaced by another."""
    if isinstance(value, dict) and value and data.draw(st.integers(0, 4)):
        name = data.draw(st.sampled_from(sorted(value)))
        return {**value, name: mutated(value[name], data)}
    if isinstance(value, list) and value and data.draw(st.integers(0, 4)):
        return [mutated(value[0], data), *value[1:]]
    return data.draw(VALUES)


@given(FILES, st.data())
@QUICK
def test_any_value_at_any_place_is_taken_or_refused(file: str, data: st.DataObject) -> None:
    tree = yaml.load(BASE[file].replace("on:", '"on":'), Loader=yaml.BaseLoader)

    taken_or_refused(bank({file: json.dumps(mutated(tree, data), ensure_ascii=False)}))
