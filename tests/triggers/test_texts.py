"""Does a customer read what was meant, in the own language and zone, or nothing at all?"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.triggers.plans import POLICY, context
from triggers.texts.failures import TextFailed
from triggers.texts.texts import Texts


def sms(source: str, language: str = "en", **given: Any) -> str:
    texts = Texts.from_files({f"templates/m/sms.{language}.txt": source}, POLICY.languages)
    return texts.render("m", "sms", language, context(**given)).text


def html(source: str, language: str = "en", **given: Any) -> str:
    files = {
        f"templates/m/email.{language}.subject.txt": "s",
        f"templates/m/email.{language}.txt": "t",
        f"templates/m/email.{language}.html": f"<html>{source}</html>",
    }
    texts = Texts.from_files(files, POLICY.languages)
    rendered = texts.render("m", "email", language, context(**given)).html
    assert rendered is not None
    return rendered.removeprefix("<html>").removesuffix("</html>")


def failed(source: str, **given: Any) -> TextFailed:
    with pytest.raises(TextFailed) as caught:
        sms(source, **given)
    return caught.value


WRITTEN = [
    # what a text may read
    ("{{ customer.first_name }}", "דנה"),
    ("{{ customer.id }} {{ event.subject }} {{ event.type }}", "c/1 c/1 plan.updated"),
    ("{{ brand.name }} {{ brand.phone }}", "Example Bank *5550"),
    ("{{ count.value }} {{ trigger }} {{ language }}", "20 ending en"),
    ("{{ links.plan }}", "https://bank.example/plans/p1?c=c%2F1"),
    ("{{ event.data.whole }} {{ event.data.amount }}", "420 1234.5"),
    ("{{ 25 - count.value }}", "5"),
    # money, numbers, dates
    ("{{ event.data.amount | money }}", "₪1,234.50"),
    ("{{ event.data.whole | money('USD') }}", "$420"),
    ("{{ event.data.amount | money('CHF') }}", "CHF\u00a01,234.50"),
    ("{{ event.data.amount | number }} {{ event.data.amount | number(0) }}", "1,234.5 1,235"),
    ("{{ event.data.end_date | date }}", "15 December 2026"),
    ("{{ event.data.at | date }} {{ event.data.at | time }}", "16 December 2026 00:30"),
    ("{{ event.data.at | datetime }}", "16 December 2026 at 00:30"),
    ("{{ now | time }} {{ event.time | date }}", "12:00 21 November 2026"),
    ("{{ '+972501234567' | phone }}", "050-123-4567"),
    ("{{ '+12025550123' | phone }} {{ brand.phone | phone }}", "+1 202-555-0123 *5550"),
    # lists, branches, defaults
    ("{% for l in event.data.lines %}{{ loop.index }}{{ l.name }} {% endfor %}", "1one 2two"),
    ("{{ event.data.lines | length }}", "2"),
    ("{% if event.data.open %}yes{% else %}no{% endif %}", "yes"),
    ("{% if event.data.plan_id in ['p1', 'p2'] %}in{% endif %}", "in"),
    ("{{ event.data.gone | default('you') }}", "you"),
    ("{{ event.data.nothing | default('you') }}", "you"),
    ("{{ event.data.gone.deep | default('you') }}", "you"),
    ("{{ 'a' if customer.nickname is defined else 'b' }}", "b"),
    ("{{ customer.first_name | upper }}{{ ' x ' | trim }}", "דנהx"),
]


@pytest.mark.parametrize(("source", "text"), WRITTEN)
def test_a_text_reads_as_it_was_written(source: str, text: str) -> None:
    assert sms(source) == text


HEBREW = [
    ("{{ event.data.end_date | date }}", "\u206615.12.2026\u2069"),
    ("{{ event.data.at | datetime }}", "\u206616.12.2026\u2069 בשעה \u206600:30\u2069"),
    ("{{ event.data.amount | money }}", "\u2066₪1,234.50\u2069"),
    ("{{ brand.phone | phone }}", "\u2066*5550\u2069"),
    ("{{ event.data.plan_id | isolate }}", "\u2068p1\u2069"),
    ("{{ event.data.end_date | date | isolate }}", "\u206615.12.2026\u2069"),
    ("{{ brand.name }}", "בנק לדוגמה"),
    ("{{ links.home }}", "https://bank.example/"),
]


@pytest.mark.parametrize(("source", "text"), HEBREW)
def test_in_hebrew_what_reads_from_left_to_right_is_set_apart(source: str, text: str) -> None:
    assert sms(source, "he") == text


def test_in_english_only_hebrew_words_are_set_apart() -> None:
    assert sms("{{ customer.first_name | isolate }}") == "\u2068דנה\u2069"
    assert sms("{{ event.data.plan_id | isolate }}") == "p1"


def test_in_html_pieces_are_set_apart_by_elements() -> None:
    assert html("{{ event.data.end_date | date }}", "he") == '<bdi dir="ltr">15.12.2026</bdi>'
    assert html("{{ '<b>' | isolate }}", "he") == "<bdi>&lt;b&gt;</bdi>"


@pytest.mark.parametrize(
    ("language", "text"),
    [("de", "15.12.2026 1.234,50\u00a0₪"), ("fr", "15/12/2026 1\u202f234,50\u00a0₪"),
     ("sw", "2026-12-15 ₪1,234.50"), ("en-GB", "15 December 2026 ₪1,234.50")],
)  # fmt: skip
def test_other_languages_write_in_their_own_way(language: str, text: str) -> None:
    assert sms("{{ event.data.end_date | date }} {{ event.data.amount | money }}", language) == text


FAILURES = [
    ("Hello {{ customer.nickname }}", "customer.nickname"),
    ("Hello {{ event.data.nothing }}", "event.data.nothing"),
    ("{{ customer.a.b.c }}", "customer.a.b.c"),
    ("{{ customer.first_name }} {{ customer.nickname | upper }}", "customer.nickname"),
    ("{{ customer.nickname | date }}", "customer.nickname"),
    ("{% if customer.vip %}x{% endif %}", "customer.vip"),
    ("{{ event.data.plan_id | date }}", "event.data.plan_id"),
    ("{{ event.data.end_date | time }}", "event.data.end_date"),
    ("{{ event.data.plan_id | money }}", "event.data.plan_id"),
    ("{{ event.data.open | money }}", "event.data.open"),
    ("{{ event.data.open }}", "event.data.open"),
    ("{{ event.data.lines }}", "event.data.lines"),
    ("{{ event.data }}", "event.data"),
    ("{{ now }}", "now"),
    ("{{ links.nowhere }}", "links.nowhere"),
    ("{{ event.data.holes | join }}", None),
    ("{{ event.data.holes | last }}", None),
    ("{{ event.data.plan_id - 1 }}", None),
    ("{% if event.data.plan_id > 3 %}x{% endif %}", None),
    ("{{ event.data.plan_id.upper }}", "event.data.plan_id.upper"),
    ("{{ event.data.items }}", "event.data.items"),
    ("{{ 1e999 }}", None),
    ("{{ 1e308 + 1e308 }}", None),
    ("   ", None),
]


@pytest.mark.parametrize(("source", "variable"), FAILURES)
def test_what_cannot_be_said_is_never_half_said(source: str, variable: str | None) -> None:
    failure = failed(source)

    assert (failure.template, failure.variable) == ("templates/m/sms.en.txt", variable)
    assert variable is None or variable in str(failure)


def test_a_link_without_its_value_names_the_value() -> None:
    assert failed("{{ links.plan }}", data={}).variable == "event.data.plan_id"


def test_a_failure_quotes_nobody() -> None:
    assert "secret" not in str(failed("{{ event.data.x | date }}", data={"x": "secret"}))


def test_a_link_too_long_to_be_shown_whole_names_the_value() -> None:
    assert failed("{{ links.plan }}", data={"plan_id": "x" * 500}).variable == "event.data.plan_id"


@given(st.text(max_size=40))
def test_a_value_can_neither_leave_its_place_in_a_link_nor_break_the_text(value: str) -> None:
    texts = Texts.from_files({"m/sms.en.txt": "{{ links.plan }} ."}, POLICY.languages)
    filled = context(data={"plan_id": f"x{value}"})

    text = texts.render("m", "sms", "en", filled).text

    assert text.startswith("https://bank.example/plans/x")
    assert text.endswith("?c=c%2F1 .")
    assert text.isascii()
    assert text.count("/") == 4
    assert text.count(" ") == 1


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("{{ customer.id }}", "{{ customer.id }}"),
        ("a\r\nBcc: b\tc\x00d\u2028e", "a Bcc: b c d e"),
        ("abc\u202edef\u2066ghi", "abcdefghi"),
        ("x" * 600, "x" * 499 + "…"),
        ("👍🏽 דָּנָה", "👍🏽 דָּנָה"),
    ],
)
def test_a_value_is_shown_as_one_short_line_and_nothing_more(value: str, text: str) -> None:
    assert sms("{{ event.data.v }}", data={"v": value}) == text


def test_in_html_and_only_there_values_are_escaped() -> None:
    data = {"v": '<a href="x">&'}

    assert html("{{ event.data.v }}", data=data) == "&lt;a href=&#34;x&#34;&gt;&amp;"
    assert sms("{{ event.data.v }}", data=data) == '<a href="x">&'


def test_a_text_that_grows_without_end_is_stopped() -> None:
    rows = {"rows": list(range(10_000))}
    loop = "{% for r in event.data.rows %}many words for each of them{% endfor %}"

    assert "longer than 1600" in failed(loop, data=rows).reason


def test_a_template_that_is_not_allowed_fails_like_a_missing_one() -> None:
    assert "is not allowed" in failed("{{ 'a' * 200000000 }}").reason
