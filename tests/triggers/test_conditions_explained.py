"""Why did a condition answer so? Each part, its value, what was missing, what was open."""

from __future__ import annotations

import pytest

from tests.triggers.conditions import NOON, SCOPE, happened, known
from triggers.conditions import Answer, Condition, Env

WHOLE = "event.data.total > 100 and (segment.senior or event.data.due < now)"


def unknown(text: str, env: Env) -> tuple[str, ...]:
    condition = Condition(text, SCOPE)
    assert condition.ask(env) is Answer.UNKNOWN
    return condition.unknown_fields(env)


def test_every_part_has_its_text_its_value_and_its_answer() -> None:
    env = known({"total": 150}, segment={"senior": Answer.NO})
    whole = Condition(WHOLE, SCOPE).explain(env)
    assert (whole.text, whole.answer) == (WHOLE, Answer.UNKNOWN)
    above, either = whole.parts
    assert (above.text, above.answer) == ("event.data.total > 100", Answer.YES)
    assert [(part.text, part.value, part.answer) for part in above.parts] == [
        ("event.data.total", 150, None),
        ("100", 100, None),
    ]
    assert either.text == "(segment.senior or event.data.due < now)"
    assert [part.answer for part in either.parts] == [Answer.NO, Answer.UNKNOWN]
    assert [part.value for part in either.parts[1].parts] == [Answer.UNKNOWN, NOON]


def test_what_was_unknown_and_what_was_open_is_named() -> None:
    explanation = Condition(WHOLE, SCOPE).explain(Env(event=happened({"due": "soon"})))
    assert explanation.answer is Answer.UNKNOWN
    assert explanation.unknown == ("event.data.total", "event.data.due")
    assert explanation.open == ("segment.senior", "now")
    assert explanation.parts[0].open == ()


def test_an_explanation_has_lines_for_people() -> None:
    text = "not event.data.total + 1 > 2"
    assert list(Condition(text, SCOPE).explain(known({"total": 1})).lines()) == [
        "not event.data.total + 1 > 2: yes",
        "  event.data.total + 1 > 2: no",
        "    event.data.total + 1: 2",
        "      event.data.total: 1",
        "      1: 1",
        "    2: 2",
    ]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("1 < event.data.total <= 5", ["1 < event.data.total", "event.data.total <= 5"]),
        ("has(event.data.total)", ["event.data.total"]),
        ("event.data.total not in [1,\n  2]", ["event.data.total not in [1, 2]"]),
        ("event.data.due - now < duration('1d')", ["event.data.due - now", "duration('1d')"]),
    ],
)
def test_each_form_is_shown_by_its_parts(text: str, parts: list[str]) -> None:
    assert [part.text for part in Condition(text, SCOPE).explain(known()).parts] == parts


def test_an_absent_field_is_no_unknown_one_where_only_its_presence_is_asked() -> None:
    explanation = Condition("has(event.data.total)", SCOPE).explain(known())
    assert (explanation.answer, explanation.unknown) == (Answer.NO, ())
    assert explanation.parts[0].value is None


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("event.data.total > 1", ["event.data.total"]),
        ("not event.data.total > 1", ["event.data.total"]),
        ("event.data.total > event.data.paid", ["event.data.total", "event.data.paid"]),
        ("event.data.total > 1 and event.data.total < 5", ["event.data.total"]),
        ("event.data.total > 1 or event.data.name == 'a'", ["event.data.total"]),
        ("event.data.total > 1 and not event.data.name == 'b'", ["event.data.total"]),
        ("size(event.data.tags) + 1 > event.data.paid", ["event.data.tags", "event.data.paid"]),
        ("segment.senior", ["segment.senior"]),
        ("not (event.data.total > 1 or customer.age > 1)", ["event.data.total", "customer.age"]),
        ("1 / (size(event.data.name) - 1) > 1", ["event.data.name"]),
    ],
)
def test_the_fields_that_made_it_unknown_are_named(text: str, fields: list[str]) -> None:
    assert unknown(text, known({"name": "x"})) == tuple(fields)


def test_a_field_behind_not_is_found_while_another_part_is_open() -> None:
    text = "not (event.data.total > 1 or customer.age > 1)"
    assert unknown(text, Env(event=happened({}))) == ("event.data.total",)


def test_nothing_was_unknown_where_there_is_an_answer() -> None:
    condition = Condition("event.data.total > 1 and event.data.auto_renew", SCOPE)
    assert condition.unknown_fields(known({"auto_renew": False})) == ()
