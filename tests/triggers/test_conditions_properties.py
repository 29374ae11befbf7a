"""What is true of every condition, whatever it says and whatever it is asked about?"""

from __future__ import annotations

import ast
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from tests.triggers.conditions import JERUSALEM, NOON, SCOPE, happened, known, mistakes
from tests.triggers.naive_conditions import answer
from triggers.conditions import Answer, Condition, Env

ANSWERS = {True: Answer.YES, False: Answer.NO, None: Answer.UNKNOWN}

numbers = st.recursive(
    st.sampled_from(
        "0 1 2 7 1.5 9223372036854775807 event.data.total event.data.paid customer.age".split()
    ),
    lambda inner: st.one_of(
        st.builds("{} {} {}".format, inner, st.sampled_from("+-*/%"), inner),
        st.builds("({} {} {})".format, inner, st.sampled_from("+-*/%"), inner),
        st.builds("-{}".format, inner),
        st.just("size(event.data.tags)"),
    ),
    max_leaves=4,
)
texts = st.sampled_from(["'a'", '"gold"', "event.data.name", "lower(event.data.name)"])
signs = st.sampled_from("== != < <= > >=".split())
single_questions = st.one_of(
    st.builds("{} {} {}".format, numbers, signs, numbers),
    st.builds("{} {} {} {} {}".format, numbers, signs, numbers, signs, numbers),
    st.builds("{} {} {}".format, texts, signs, texts),
    st.builds("{} in [1, 2, -7]".format, numbers),
    st.builds("{} not in ['a', 'gold']".format, texts),
    st.builds(
        "{}(event.data.name, {})".format, st.sampled_from(["starts_with", "contains"]), texts
    ),
    st.sampled_from(
        [
            "event.data.auto_renew",
            "has(event.data.total)",
            "has(event.data.name)",
            "'gold' in event.data.tags",
            "contains(event.data.tags, 'new')",
            "event.data.auto_renew == False",
            "True",
        ]
    ),
)
questions = st.recursive(
    single_questions,
    lambda inner: st.one_of(
        st.builds("{} and {}".format, inner, inner),
        st.builds("{} or {}".format, inner, inner),
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("not {}".format, inner),
        st.builds("not ({})".format, inner),
    ),
    max_leaves=6,
)
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


def fields(values: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional={name: one | junk for name, one in values.items()})


few = st.integers(-3, 8) | st.sampled_from([0.5, 1.5, 2.0])
data = fields(
    {
        "total": few,
        "paid": few,
        "name": st.sampled_from(["a", "gold", "Gold", ""]),
        "auto_renew": st.booleans(),
        "tags": st.lists(st.sampled_from(["gold", "new"]), max_size=2),
    }
)
customers = fields({"age": few})


@given(questions, data, customers)
def test_the_closures_answer_as_a_naive_reading_would(
    text: str, facts: dict[str, Any], customer: dict[str, Any]
) -> None:
    paths = {f"event.data.{name}": value for name, value in facts.items()}
    paths |= {f"customer.{name}": value for name, value in customer.items()}
    env = known(facts, customer=customer)
    assert Condition(text, SCOPE).ask(env) is ANSWERS[answer(text, paths)]


@given(questions, data, customers)
@example("not (event.data.paid > 1 and customer.age > 2)", {}, {"age": 1})
def test_what_is_settled_while_the_customer_is_open_stays_so(
    text: str, facts: dict[str, Any], customer: dict[str, Any]
) -> None:
    condition = Condition(text, SCOPE)
    before = condition.ask(Env(event=happened(facts)))
    after = condition.ask(known(facts, customer=customer))
    if before in {Answer.YES, Answer.NO}:
        assert after is before
    if before is Answer.UNKNOWN:
        assert after is not Answer.YES
    assert after is not Answer.OPEN


@given(questions, data)
def test_a_double_not_changes_nothing(text: str, facts: dict[str, Any]) -> None:
    env = Env(event=happened(facts))
    assert Condition(f"not not ({text})", SCOPE).ask(env) is Condition(text, SCOPE).ask(env)


EVERY_FORM = [
    "event.data.free == event.data.total",
    "event.data.free == event.data.free",
    "event.data.free < event.data.either",
    "event.data.free",
    "not event.data.free == 'a'",
    "event.data.free in [1, 'a', true]",
    "'a' in event.data.free",
    "contains(event.data.free, 'a')",
    "size(event.data.free) > 1",
    "lower(event.data.free) == 'a'",
    "starts_with(event.data.free, 'a')",
    "event.data.free.deep.deeper == 1",
    "has(event.data.free.deep)",
    "date(event.data.free) > now",
    "date(event.data.free) - now > duration('7d')",
    "days_until(date(event.data.free)) == 1",
    "event.data.end_date + duration('1d') > event.data.due",
    "event.data.end_date in ['2026-12-01']",
    "event.data.total % event.data.free == 1",
    "count.value > 1 and count.first < now",
    "segment.senior or customer.age > 1",
]
dates = st.dates().map(str) | st.datetimes().map(lambda at: f"{at.isoformat()}+02:00")
anything = st.one_of(junk, dates)


@given(
    st.sampled_from(EVERY_FORM),
    st.dictionaries(st.sampled_from("free total either end_date due".split()), anything),
    st.dictionaries(st.sampled_from(["age", "value", "first", "senior"]), anything),
    st.sampled_from([None, JERUSALEM]),
)
def test_no_payload_makes_a_condition_raise(
    text: str, facts: dict[str, Any], other: dict[str, Any], zone: Any
) -> None:
    condition = Condition(text, SCOPE)
    env = known(facts, customer=other, count=other, segment=other, zone=zone)
    found = condition.ask(env)
    assert (condition.explain(env).answer, condition.holds(env)) == (found, found is Answer.YES)
    assert bool(condition.unknown_fields(env)) is (found is Answer.UNKNOWN)


@given(junk)
def test_no_data_at_all_makes_a_condition_raise(payload: Any) -> None:
    env = Env(event=happened(payload), now=NOON)
    for text in EVERY_FORM:
        assert isinstance(Condition(text, SCOPE).ask(env), Answer)


SOUP = (
    "and or not in true null ( ) [ ] , . + - * / % == < >= ! = && | 1 0.5 'a' \" event.data.total"
    " event.data.name now has( size( date( duration('1d') lambda : \n"
).split(" ")


@given(st.lists(st.sampled_from(SOUP), max_size=25).map(" ".join) | st.text(max_size=60))
def test_every_text_is_taken_or_refused_with_columns_inside_it(text: str) -> None:
    for column, message in mistakes(text):
        assert 1 <= column <= len(text) + 1
        assert message


@given(st.lists(st.sampled_from(SOUP), max_size=8).map(" ".join))
@example("1 < 2 == 2 and not true")
def test_what_is_taken_is_pythons_syntax_too(text: str) -> None:
    if not mistakes(text):
        ast.parse(text.replace("\n", " ").strip(), mode="eval")
