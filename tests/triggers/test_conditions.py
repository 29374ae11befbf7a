"""What does a condition answer about an event and a customer? A table for every form."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import Any

import pytest

from tests.triggers.conditions import EXIT_SCOPE, NOON, SCOPE, ask, happened, known
from triggers.conditions import Answer, Condition, Env, segment_answers
from triggers.scopes import NOW, customer_shape, segment_shape
from triggers.shapes import Scope, Shape

YES, NO, UNKNOWN, OPEN = Answer.YES, Answer.NO, Answer.UNKNOWN, Answer.OPEN
FACTS = {
    "status": "active",
    "auto_renew": False,
    "total": 150,
    "name": "Dana Example",
    "either": "x",
    "tags": ["gold"],
    "amounts": [1, 2.5],
    "shop": {"city": "Haifa"},
    "from": "web",
    "ערך": 3,
}
ENV = known(FACTS, customer={"age": 71, "country": "IL", "channels": ["sms"]})


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ('event.data.status == "active"', YES),
        ('"active" == event.data.status', YES),
        ("event.data.status != 'active'", NO),
        ("event.data.total >= 100", YES),
        ("100 <= event.data.total", YES),
        ("100 < event.data.total <= 150", YES),
        ("100 < event.data.total < 150", NO),
        ("not 100 < event.data.total < 150", YES),
        ("event.data.total > 150.0", NO),
        ("event.data.total == 150.0", YES),
        ("event.data.auto_renew", NO),
        ("not event.data.auto_renew", YES),
        ("event.data.auto_renew == false", YES),
        ('event.data.name < "Z"', YES),
        ('event.data.name > "Z"', NO),
        ('event.data.shop.city == "Haifa"', YES),
        ('event.data.from == "web"', YES),
        ("event.data.ערך == 3", YES),
        ('event.type == "plan.updated" and event.subject == "c1"', YES),
        ("customer.age >= 70", YES),
        ("true and True", YES),
        ("false or False", NO),
        ('1 < 2 and "a" == "a"', YES),
        ("event.data.either == event.data.either", YES),
    ],
)
def test_comparisons_and_logic(text: str, answer: Answer) -> None:
    assert ask(text, ENV) is answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("1 + 2 * 3 == 7", YES),
        ("(1 + 2) * 3 == 9", YES),
        ("10 - 2 - 3 == 5", YES),
        ("-2 * 3 == -6", YES),
        ("- -2 == +2", YES),
        ("7 / 2 == 3.5", YES),
        ("8 / 4 / 2 == 1", YES),
        ("7 % 4 == 3", YES),
        ("event.data.total % 100 == 50", YES),
        ("-event.data.total < 0", YES),
        ("1 - event.data.total == -149", YES),
        ("1.5e2 == event.data.total", YES),
        ("not 1 + 1 == 3", YES),
        ("true or true and false", YES),
        ("not false and true", YES),
        ("not (false and true)", YES),
    ],
)
def test_what_binds_tighter_is_as_in_python(text: str, answer: Answer) -> None:
    assert ask(text, ENV) is answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ('event.data.status in ["active", "ended"]', YES),
        ('event.data.status in ["ended"]', NO),
        ('event.data.status not in ["ended"]', YES),
        ("event.data.total in [-1, 150.0,]", YES),
        ('event.data.either in ["x", 1]', YES),
        ('"gold" in event.data.tags', YES),
        ('"new" in event.data.tags', NO),
        ('"new" not in event.data.tags', YES),
        ("2.5 in event.data.amounts", YES),
        ("event.data.total in event.data.amounts", NO),
        ("customer.country in ['IL', 'US']", YES),
    ],
)
def test_in_a_list(text: str, answer: Answer) -> None:
    assert ask(text, ENV) is answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("has(event.data.total)", YES),
        ("has(event.data.paid)", NO),
        ("not has(event.data.paid)", YES),
        ("has(event.data.shop.city)", YES),
        ("has(event.data)", YES),
        ("event.data.paid == null", YES),
        ("event.data.total == null", NO),
        ("null != event.data.total", YES),
        ("event.data.paid != None", NO),
        ('starts_with(event.data.name, "Dana")', YES),
        ('starts_with(event.data.name, "ana")', NO),
        ('ends_with(event.data.name, "ple")', YES),
        ('contains(event.data.name, "Exam")', YES),
        ('contains(event.data.tags, "gold")', YES),
        ('contains(event.data.tags, "new")', NO),
        ('lower(event.data.name) == "dana example"', YES),
        ("size(event.data.name) == 12", YES),
        ("size(event.data.tags) + size(event.data.shop) == 2", YES),
    ],
)
def test_functions(text: str, answer: Answer) -> None:
    assert ask(text, ENV) is answer


def test_contains_of_an_untyped_value_goes_by_what_it_is() -> None:
    condition = Condition('contains(event.data.free, "a")', SCOPE)
    answers = [condition.ask(known({"free": one})) for one in ("cat", "dog", ["a"], ["cat"], 7)]
    assert answers == [YES, NO, YES, NO, UNKNOWN]


@pytest.mark.parametrize("value", [None, "7", True, [7], {"a": 7}, math.nan, math.inf, 2**64])
def test_a_value_that_does_not_fit_its_type_is_unknown(value: Any) -> None:
    env = known({"total": value})
    assert ask("event.data.total > 1", env) is UNKNOWN
    assert ask("not (event.data.total > 1)", env) is UNKNOWN
    assert ask("event.data.total * 2 in [4]", env) is UNKNOWN


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("name", 'event.data.name == "a"'),
        ("name", 'starts_with(event.data.name, "a")'),
        ("name", "size(event.data.name) == 1"),
        ("auto_renew", "event.data.auto_renew"),
        ("auto_renew", "not event.data.auto_renew"),
        ("tags", '"gold" in event.data.tags'),
        ("shop", 'event.data.shop.city == "a"'),
        ("free", "event.data.free"),
        ("free", 'event.data.free == "a"'),
        ("end_date", "event.data.end_date > now"),
        ("due", "event.data.due > now"),
        ("end_date", "days_until(event.data.end_date) > 1"),
    ],
)
@pytest.mark.parametrize("value", [None, 17, {"x": 1}, ...])
def test_a_missing_null_or_unfitting_field_is_unknown(name: str, text: str, value: Any) -> None:
    data = {} if value is ... else {name: value}
    assert ask(text, known(data)) is UNKNOWN


def test_two_values_of_different_kinds_cannot_be_compared_at_run_time() -> None:
    condition = Condition("event.data.either == event.data.other", SCOPE)
    pairs = [("a", "a"), ("a", "b"), (1, 1.0), (1, "1"), ("1", None)]
    answers = [condition.ask(known({"either": one, "other": two})) for one, two in pairs]
    assert answers == [YES, NO, YES, UNKNOWN, UNKNOWN]


def test_one_and_true_are_two_values() -> None:
    assert ask("event.data.free in [1]", known({"free": True})) is UNKNOWN
    assert ask("event.data.free in [1, true]", known({"free": True})) is YES
    assert ask("event.data.free in [1, false]", known({"free": True})) is NO
    assert ask("1 in event.data.free", known({"free": [True]})) is NO


@pytest.mark.parametrize(
    "text",
    [
        "event.data.total / 0 > 1",
        "event.data.total % 0 > 1",
        "event.data.total * 9223372036854775807 > 1",
        "event.data.total * 1e300 * 1e300 > 1",
        "9223372036854775807 + event.data.total > 1",
        "0 - 9223372036854775807 - event.data.total < 1",
    ],
)
def test_what_cannot_be_reckoned_is_unknown(text: str) -> None:
    assert ask(text, ENV) is UNKNOWN


@pytest.mark.parametrize("data", [[], "text", 7, None])
def test_an_event_whose_data_is_no_object_has_no_fields(data: Any) -> None:
    env = Env(event=happened(data))
    assert ask("event.data.total > 1", env) is UNKNOWN
    assert ask("has(event.data.total)", env) is NO
    assert ask("has(event.data.shop.city)", env) is NO


def test_a_profile_may_be_any_mapping() -> None:
    profile = MappingProxyType({"age": 71, "quiet": MappingProxyType({"shabbat": True})})
    assert ask("customer.age == 71 and customer.quiet.shabbat", known(customer=profile)) is YES


def test_segments_are_asked_at_most_once_and_only_if_read() -> None:
    asked: list[str] = []

    class Counting:
        def __init__(self, name: str, answer: Answer) -> None:
            self.name, self.answer = name, answer

        def ask(self, env: Env) -> Answer:
            asked.append(self.name)
            return self.answer

    segments = {"senior": Counting("senior", YES), "churn_risk": Counting("churn_risk", UNKNOWN)}
    env = known(segment=segment_answers(segments, Env()))
    assert ask("segment.senior and segment.senior and not segment.churn_risk", env) is UNKNOWN
    assert ask("segment.senior or segment.churn_risk", env) is YES
    assert asked == ["senior", "churn_risk"]
    assert dict(segment_answers(segments, Env())) == {"senior": YES, "churn_risk": UNKNOWN}


def test_a_segment_is_its_condition_asked_of_the_customer() -> None:
    scope = Scope({"customer": customer_shape(Shape.from_schema({})), "now": NOW})
    segments = {"senior": Condition("customer.age >= 70", scope)}
    answers = [
        ask("segment.senior", known(segment=segment_answers(segments, Env(customer=customer))))
        for customer in ({"age": 71}, {"age": 17}, {}, None)
    ]
    assert answers == [YES, NO, UNKNOWN, OPEN]


def test_a_segment_that_leads_into_itself_is_unknown() -> None:
    scope = Scope({"segment": segment_shape(["a", "b"])})
    circle = {"a": Condition("segment.b", scope), "b": Condition("not segment.a", scope)}
    assert Condition("segment.a", scope).ask(Env(segment=segment_answers(circle, Env()))) is UNKNOWN


def test_a_segment_may_be_answered_by_a_function() -> None:
    assert ask("segment.senior", known(segment=lambda name: name == "senior")) is YES
    assert ask("segment.churn_risk", known(segment=lambda name: name == "senior")) is NO
    assert ask("segment.churn_risk", known(segment={})) is UNKNOWN


def test_a_count_has_its_value_its_events_and_its_first_moment() -> None:
    env = known(count={"value": 20.5, "events": 20, "first": NOON})
    assert ask("count.value > count.events and count.first == now", env) is YES


def test_a_condition_says_what_it_reads() -> None:
    text = "segment.senior and has(event.data.due) and days_until(event.data.end_date) < 3"
    condition = Condition(text, SCOPE)
    assert condition.paths == {
        "segment.senior",
        "event.data.due",
        "event.data.end_date",
        "now",
    }
    assert condition.roots == {"segment", "event", "now"}
    assert condition.segments == {"senior"}
    assert condition.text == text


def test_conditions_are_equal_when_text_and_scope_are() -> None:
    text = "event.data.total > 1"
    assert Condition(text, SCOPE) == Condition(text, SCOPE)
    assert hash(Condition(text, SCOPE)) == hash(Condition(text, SCOPE))
    assert Condition(text, SCOPE) != Condition(text, EXIT_SCOPE)
    assert Condition(text, SCOPE) != Condition("event.data.total > 2", SCOPE)
    assert Condition(text, SCOPE) != text
    assert repr(Condition(text, SCOPE)) == "Condition('event.data.total > 1')"


def test_a_text_may_go_over_several_lines() -> None:
    assert ask('event.data.total\n  > 100\r\n\tand event.data.status\n== "active"\n', ENV) is YES
