"""What is a condition told that cannot be used: every mistake, its column, what to write?"""

from __future__ import annotations

import pytest

from tests.triggers.conditions import EXIT_SCOPE, SCOPE, mistakes
from triggers.conditions import Condition, ConditionMistake, ConditionRefused
from triggers.scopes import event_shape
from triggers.shapes import Scope, Shape


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("event.data.statsu == 1", 1, "'event.data' has no 'statsu', did you mean 'event.data.s"),
        ("event.status == 1", 1, "'event' has no 'status', did you mean 'event.data.status'?"),
        ("status == 1", 1, "unknown path 'status', did you mean 'event.data.status'?"),
        ("segment.seniors", 1, "'segment' has no 'seniors', did you mean 'segment.senior'?"),
        ("count.total > 1", 1, "'count' has no 'total', did you mean 'event.data.total'?"),
        ("event.data.total.x > 1", 1, "'event.data.total' is a number, nothing stands below it"),
        ("event.data.tags.x > 1", 1, "'event.data.tags' is a list, nothing stands below it; ask"),
        ("1 < еvent.data.total", 5, "unknown path 'еvent.data.total', did you mean 'event.data"),
        ("has > 1", 1, "'has' is a function; write has(…)"),
        ("len > 1", 1, "'size' is a function; write size(…)"),
    ],
)
def test_unknown_paths_with_what_was_meant(text: str, column: int, message: str) -> None:
    [(found, told)] = mistakes(text)
    assert (found, told[: len(message)]) == (column, message)


def test_a_root_that_cannot_be_read_here_is_named_with_those_that_can() -> None:
    told = "'customer' cannot be read here, only event"
    assert mistakes("event.data.total > 1 and customer.age > 1", EXIT_SCOPE) == [(26, told)]


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("true && false", 6, "write 'and' instead of '&&'"),
        ("true || false", 6, "write 'or' instead of '||'"),
        ("true & false", 6, "write 'and' instead of '&'"),
        ("true | false", 6, "write 'or' instead of '|'"),
        ("!true", 1, "write 'not' instead of '!'"),
        ("1 = 1", 3, "write '==' instead of '='"),
        ("1 === 1", 3, "write '==' instead of '==='"),
        ("1 !== 1", 3, "write '!=' instead of '!=='"),
        ("1 <> 1", 3, "write '!=' instead of '<>'"),
        ("1 => 1", 3, "write '>=' instead of '=>'"),
        ("1 ≥ 1", 3, "write '>=' instead of '≥'"),
        ("true AND false", 6, "write 'and' instead of 'AND'"),
        ("NOT TRUE", 5, "write 'true' instead of 'TRUE'"),
        ("f'a' == 'a'", 1, "a text has no prefix; leave 'f' out"),
        ("rb'a' == 'a'", 1, "a text has no prefix; leave 'rb' out"),
        ("1 is 1", 3, "write '==' instead of 'is'; to ask whether a value is there, write has"),
        ("1 is not None", 3, "write '==' instead of 'is'"),
        ("2 ** 3 > 1", 3, "a condition has no powers; multiply"),
        ("7 // 2 > 1", 3, "a condition has no whole division"),
        ("1 ^ 2 > 1", 3, "a condition has no bit operators"),
        ("~1 > 1", 1, "a condition has no bit operators"),
        ("1 << 2 > 1", 3, "a condition has no bit operators"),
        ("1 >> 2 > 1", 3, "a condition has no bit operators"),
        ("true if true else false", 6, "a condition has no choice inside; write (a and b) or"),
        ("true ? 1 : 2", 6, "a condition has no choice inside"),
        ("lambda: 1", 1, "a condition has no functions of its own"),
        ("(x := 1) > 0", 4, "a condition gives nothing a name"),
        ("[x for x in y] > 1", 4, "a condition has no loops; ask contains(list, value)"),
        ("{1} == 1", 1, "a condition has no sets or mappings; write a list in [ ]"),
        ("yield 1", 1, "a condition has no 'yield'"),
        ("await now", 1, "a condition has no 'await'"),
        ("true; false", 5, "a condition is one question"),
        ("true # really", 6, "a condition has no comments"),
        ("true \\\n and true", 6, "a condition goes on over a line's end by itself"),
        ("1 @ 1 > 0", 3, "a condition does not use '@'"),
        ("`x` > 1", 1, "a condition does not use '`'"),
        ("$event.data.total > 1", 1, "a path is written without '$'"),
        ("“a” == 'a'", 1, "write straight quotes"),
        ("(1).real > 1", 4, "a value has no attributes"),
        ("'a'.upper() == 'A'", 4, "a value has no attributes"),
        ("event .data.total > 1", 7, "a value has no attributes; a path is written without spaces"),
        ("event.data.tags[0] == 'a'", 16, "a condition has no subscripts; ask contains"),
        ("event.data['total'] > 1", 11, "a condition has no subscripts"),
        ("['gold'][0] == 'gold'", 9, "a condition has no subscripts"),
        ("has(*event.data.tags)", 5, "a value is missing here, before '*'"),
    ],
)
def test_what_the_language_does_not_have(text: str, column: int, message: str) -> None:
    assert (column, message) in [(found, told[: len(message)]) for found, told in mistakes(text)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("event.data.name.lower() == 'a'", "no function; write lower(event.data.name)"),
        ("event.data.name.startswith('a')", "no function; write starts_with(event.data.name)"),
        ("event.data.name.format(1) == 'a'", "no function; a value has no methods"),
        ("len(event.data.tags) > 1", "write 'size' instead of 'len'"),
        ("start_with(event.data.name, 'a')", "unknown function 'start_with', did you mean 'starts"),
        ("open('a')", "unknown function 'open'"),
        ("size(1, 2) > 1", "size takes one value, not 2"),
        ("starts_with('a')", "starts_with takes two values, not 1"),
        ("has()", "has takes one value, not 0"),
        ("has(1)", "1 is no path; has takes one, like event.data.total"),
        ("has(now)", "now is always there; has asks for a field"),
        ("has(segment.senior)", "segment.senior is always there"),
        (
            "size(event.data.total) > 1",
            "size takes text, a list or an object, event.data.total is a",
        ),
        ("lower(event.data.total) == 'a'", "lower takes text, event.data.total is a number"),
        ("lower(null) == 'a'", "lower takes text, null is null"),
        ("starts_with(event.data.name, 5)", "starts_with takes text, 5 is a number"),
        ("contains(event.data.name, 5)", "contains takes text, 5 is a number"),
        ("contains(event.data.total, 5)", "contains takes text or a list, event.data.total is"),
        ("duration(event.data.name) > now - now", 'duration takes a literal: duration("7d")'),
        ("now - now > duration('7 days')", "'7 days' is not a duration; write 7d"),
        ("now - now > duration('P1D')", "'P1D' is not a duration"),
        ("date(event.data.total) > now", "date takes text, event.data.total is a number"),
        ("date('soon') > now", "'soon' is no date; write one like"),
        (
            "days_until(event.data.name) > 1",
            "days_until takes a date or a time, event.data.name is",
        ),
    ],
)
def test_functions_that_are_called_wrongly(text: str, message: str) -> None:
    [(_, told)] = mistakes(text)
    assert message in told


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("event.data.total == '5'", "event.data.total is a number and '5' is text; compare values"),
        ("event.data.name > 5", "event.data.name is text and 5 is a number"),
        ("event.data.auto_renew > false", "compare with '==' or '!='"),
        ("event.data.tags == event.data.tags", "ask contains(list, value) or size(list)"),
        ("event.data.shop == event.data.shop", "ask contains(list, value) or size(list)"),
        ("event.data.name > now", "to make text a date, write date(…)"),
        (
            "event.data.free > now",
            "event.data.free is anything and now is a time; to make text a d",
        ),
        ("event.data.end_date > 'soon'", "'soon' is no date; write one like"),
        ("event.data.end_date in ['soon']", "'soon' is no date; write one like"),
        ("event.data.end_date > 5", "event.data.end_date is a date and 5 is a number"),
        ("now - event.time < 7", 'compare the time between two moments with duration("7d")'),
        ("now < duration('7d')", 'compare the time between two moments with duration("7d")'),
        ("duration('1d') < duration('2d')", "compare the time between two moments"),
        ("event.data.name + 'a' == 'b'", "'+' takes two numbers, or a time and a duration"),
        ("'a' * 9 == 'b'", "'*' takes two numbers"),
        ("event.data.free % 'a' == 'b'", "'%' takes two numbers"),
        ("now + 7 > now", "now is a time and 7 is a number; '+' takes"),
        ("now + 'a' > now", 'write duration("7d") for a length of time'),
        ("event.data.name + duration('1d') > now", "to make text a date, write date(…)"),
        ("duration('1d') - now > now", "'-' takes two numbers, or a time and a duration"),
        ("now * duration('1d') > now", "'*' takes two numbers, or a time and a duration"),
        ("-event.data.name == 1", "event.data.name is text, '-' needs a number"),
        ("true + 1 == 2", "true is true or false and 1 is a number"),
        ("event.data.total in ['a']", "event.data.total is a number, and the list holds text"),
        ("5 in event.data.tags", "5 is a number, the list event.data.tags holds text"),
        ("event.data.total in event.data.total", "event.data.total is a number, not a list"),
        ("'a' in event.data.name", "not a list; ask contains(text, piece)"),
        ("event.data.total in []", "the list is empty; nothing is ever in it"),
        ("event.data.total in [event.data.paid]", "a list holds texts, numbers, true and false"),
        ("event.data.total in [null]", "a list holds texts, numbers, true and false"),
        ("null in event.data.tags", "null is no value that a list could hold"),
        ("event.data.total > null", "null is no value; to ask whether one is there, write has(p"),
        ("1 == null", "null is no value; to ask whether one is there, write has(path)"),
        ("(1 < 2) == true", "(1 < 2) is a question; write 'and', 'or' or 'not (…)'"),
        ("has(event.data.name) == false", "has(event.data.name) is a question"),
        ("event.data.total", "a condition is a question; event.data.total is a number, compare it"),
        ("not event.data.name", "a condition is a question; event.data.name is text, compare it"),
        ("'yes'", "a condition is a question; 'yes' is text"),
        ("true and 1", "a condition is a question; 1 is a number"),
        ("duration('1d')", "a condition is a question; duration('1d') is a duration"),
    ],
)
def test_kinds_that_do_not_go_together(text: str, message: str) -> None:
    [(_, told)] = mistakes(text)
    assert message in told


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("event.data.status == 'activ'", "never 'activ', did you mean 'active'?"),
        ("'canceled' != event.data.status", "never 'canceled', did you mean 'cancelled'?"),
        ("event.data.status == 'x'", "never 'x'; it is 'active', 'ended' or 'cancelled'"),
        ("event.data.status in ['active', 'endet']", "never 'endet', did you mean 'ended'?"),
        ("'golden' in event.data.tags", "a value of event.data.tags is never 'golden', did you"),
        ("contains(event.data.tags, 'golden')", "is never 'golden', did you mean 'gold'?"),
    ],
)
def test_a_literal_that_is_not_in_the_enum_is_a_mistake(text: str, message: str) -> None:
    [(_, told)] = mistakes(text)
    assert message in told


def test_a_long_enum_is_not_told_whole() -> None:
    many = Shape.from_schema({"properties": {"n": {"enum": [*range(20)]}}})
    [(_, told)] = mistakes("event.data.n == 77", Scope({"event": event_shape(many)}))
    assert told == "event.data.n is never 77; it is 0, 1, 2, 3, 4, 5, 6 or 7 and others"


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("", 1, "a condition cannot be empty; leave the word out instead"),
        (" \n", 3, "a condition cannot be empty; leave the word out instead"),
        ("1 <", 4, "a value is missing here"),
        ("and true", 1, "a value is missing here, before 'and'"),
        ("true and", 9, "a value is missing here"),
        ("1 == not true", 6, "a value is missing here, before 'not'"),
        ("(true", 6, "')' is missing here"),
        ("[1, 2 > 1", 10, "']' is missing here"),
        ("has(event.data.name", 20, "')' is missing here"),
        ("true)", 5, "nothing was opened that ')' could close"),
        ("(1, 2) == 1", 3, "a list is written in [ ]"),
        ("true, false", 5, "a condition is one question; write 'and' or 'or', not a comma"),
        ("true false", 6, "'and', 'or' or a comparison is missing before 'false'"),
        ("true not true", 6, "'and', 'or' or a comparison is missing before 'not'"),
        ("(has)(event.data.name)", 6, "only a function has arguments"),
        ("'a", 1, "the text that begins here is not closed with '"),
        ("'a\n' == 'a'", 1, "the text that begins here is not closed with '"),
        ("'a' 'b' == 'ab'", 5, "two texts side by side; write one"),
        ("'''a''' == 'a'", 3, "two texts side by side; write one"),
        (r"'a\n' == 'a'", 3, r"'\n' is no escape; write the character itself"),
        ("007 == 7", 1, "'007' is not a number; write it like 7, 1000 or 0.5"),
        ("0x10 == 16", 1, "'0x10' is not a number"),
        ("1_000 == 1000", 1, "'1_000' is not a number"),
        ("1j == 1", 1, "'1j' is not a number"),
        (".5 == 0.5", 1, "'.5' is not a number"),
        ("1or 2", 1, "'1or' is not a number"),
    ],
)
def test_texts_that_cannot_be_read(text: str, column: int, message: str) -> None:
    assert (column, message) in [(found, told[: len(message)]) for found, told in mistakes(text)]


def test_quotes_and_backslashes_may_stand_inside_a_text() -> None:
    assert mistakes(r"""event.data.name == "a \"b\" 'c' \\" """) == []


def test_every_mistake_is_told_at_once_from_left_to_right() -> None:
    text = "event.data.statsu == 1 && event.data.total = 'a' or size(1) > now"
    with pytest.raises(ConditionRefused) as refused:
        Condition(text, SCOPE)
    assert [one.column for one in refused.value.mistakes] == [1, 24, 27, 44, 58]
    assert all(isinstance(one, ConditionMistake) for one in refused.value.mistakes)
    assert str(refused.value).startswith("1: 'event.data' has no 'statsu', did you mean")


def test_a_column_counts_the_characters_of_all_lines() -> None:
    assert [column for column, _ in mistakes("true and\n  nope")] == [12]


def test_one_wrong_piece_is_told_once_however_often_it_would_not_fit() -> None:
    assert [column for column, _ in mistakes("-(nope + 1) * 2 < size(nope) < 3")] == [3, 24]
    assert [column for column, _ in mistakes("nope + 'a' == 'b' or 'a' + nope > now")] == [1, 28]
