"""How do true, false, unknown and open combine? The whole tables, and what they promise."""

from __future__ import annotations

import pytest

from tests.triggers.conditions import SCOPE, ask, happened, known
from triggers.conditions import Answer, Condition, Env

# each word says how an operand is made that has this answer
WORDS = {
    "yes": "event.data.total == 1",
    "no": "event.data.total == 2",
    "unknown": "event.data.paid == 1",
    "open": "customer.age == 1",
}
ENV = Env(event=happened({"total": 1}), zone=known().zone)

AND = """
            yes      no   unknown  open
    yes     yes      no   unknown  open
    no      no       no   no       no
    unknown unknown  no   unknown  unknown
    open    open     no   unknown  open
"""
OR = """
            yes  no       unknown  open
    yes     yes  yes      yes      yes
    no      yes  no       unknown  open
    unknown yes  unknown  unknown  open
    open    yes  open     open     open
"""


def rows(word: str, table: str) -> list[tuple[str, str]]:
    columns, *lines = [line.split() for line in table.strip().splitlines()]
    return [
        (f"{WORDS[line[0]]} {word} {WORDS[column]}", answer)
        for line in lines
        for column, answer in zip(columns, line[1:], strict=True)
    ]


@pytest.mark.parametrize("word", WORDS)
def test_each_operand_has_the_answer_it_is_named_by(word: str) -> None:
    assert ask(WORDS[word], ENV) is Answer(word)


@pytest.mark.parametrize(("text", "answer"), [*rows("and", AND), *rows("or", OR)])
def test_and_and_or_follow_their_tables(text: str, answer: str) -> None:
    assert ask(text, ENV) is Answer(answer)


@pytest.mark.parametrize(
    ("word", "answer"),
    [("yes", "no"), ("no", "yes"), ("unknown", "unknown"), ("open", "open")],
)
def test_not_turns_yes_and_no_and_leaves_the_others(word: str, answer: str) -> None:
    assert ask(f"not ({WORDS[word]})", ENV) is Answer(answer)
    assert ask(f"not not ({WORDS[word]})", ENV) is Answer(word)


@pytest.mark.parametrize("one", WORDS)
@pytest.mark.parametrize("other", WORDS)
def test_not_goes_inside_by_de_morgan(one: str, other: str) -> None:
    left, right = WORDS[one], WORDS[other]
    assert ask(f"not ({left} and {right})", ENV) is ask(f"not {left} or not {right}", ENV)
    assert ask(f"not ({left} or {right})", ENV) is ask(f"not {left} and not {right}", ENV)


@pytest.mark.parametrize(
    ("parts", "both", "either"),
    [
        ("yes yes open unknown", "unknown", "yes"),
        ("open unknown open no", "no", "open"),
        ("unknown open unknown", "unknown", "open"),
        ("no no unknown", "no", "unknown"),
        ("no unknown no open", "no", "open"),
    ],
)
def test_many_parts_combine_as_pairs_do(parts: str, both: str, either: str) -> None:
    texts = [WORDS[part] for part in parts.split()]
    assert ask(" and ".join(texts), ENV) is Answer(both)
    assert ask(" or ".join(texts), ENV) is Answer(either)


def test_a_claim_may_still_hold_when_an_unknown_part_may_be_overruled() -> None:
    condition = Condition("not (event.data.paid > 1 and customer.age > 70)", SCOPE)
    assert condition.may_hold(Env(event=happened({})))
    assert condition.holds(known({}, customer={"age": 30}))


def test_comparing_the_open_with_the_unknown_is_unknown() -> None:
    assert ask("event.data.total < customer.age", Env(event=happened({}))) is Answer.UNKNOWN
    assert ask("event.data.total < customer.age", Env(event=happened({"total": 1}))) is Answer.OPEN
    assert ask("event.data.total + customer.age > 1", Env(event=happened({}))) is Answer.UNKNOWN
    assert ask("event.data.total + customer.age > 1", ENV) is Answer.OPEN


@pytest.mark.parametrize(
    "text",
    [
        "event.data.total > 1",
        "customer.age > 1",
        "segment.senior",
        "count.value > 1",
        "now > now",
        "has(event.data.total)",
        "has(customer.age)",
        "customer.age in [1, 2]",
        'starts_with(customer.country, "I")',
        'contains(customer.channels, "sms")',
        "lower(customer.country) == customer.country",
        "size(customer.channels) > 1",
        "-customer.age < 1",
        "days_until(now) == 1",
        'now - count.first > duration("1h")',
        'date("2026-12-01") > now',
    ],
)
def test_what_reads_a_root_that_is_not_known_is_open(text: str) -> None:
    assert ask(text, Env()) is Answer.OPEN


def test_holds_is_yes_alone_and_may_hold_is_yes_or_open() -> None:
    conditions = {word: Condition(text, SCOPE) for word, text in WORDS.items()}
    assert [word for word, one in conditions.items() if one.holds(ENV)] == ["yes"]
    assert [word for word, one in conditions.items() if one.may_hold(ENV)] == ["yes", "open"]
