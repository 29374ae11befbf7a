"""Are details that are stored in English told in the reader's language, and nothing let through?"""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from tests.worker.http.console.world import EVIL
from triggers.addresses import BadAddress, email_of, phone_of
from worker.http.console.details import detail_told
from worker.http.console.words import LANGUAGES
from worker.store.alerts import Alarm

WALL = "the wall clock"
FORMS = [
    "nothing since 2026-11-22T05:00Z; at these hours of other weeks 5 or more",
    "31 in an hour; the most in five weeks was 4",
    "40% went to somebody who had one that day; the most was 3%",
    "none wait",
    "12 wait; the first lapses at 2026-11-22T05:00Z, the last at 2026-11-23T05:00Z",
    "412.50 of 500 per 1d",
    "503; tried again at 2026-11-22T05:00:00.123456Z",
    "3 differ",
    "more than 200000 events are unread",
    "the disk of the database is nearly full",
    "more than 1000 per 1h",
    "no sender is set up for sms",
    "welcome has no text for email",
    "this address has refused to be written to",
]


def told(language: str, text: str) -> str:
    return str(detail_told(LANGUAGES[language], text, lambda _moment: WALL))


@pytest.mark.parametrize("text", FORMS)
def test_what_we_raise_is_told_in_either_language_with_its_numbers(text: str) -> None:
    english, hebrew = told("en", text), told("he", text)

    assert re.search("[\u05d0-\u05ea]", hebrew)
    assert not re.search("[\u05d0-\u05ea]", english)
    for one in (english, hebrew):
        assert "{" not in one
        assert one.count(WALL) == len(re.findall(r"\d{4}-\d\d-\d\dT", text))
        assert "2026-" not in one


@pytest.mark.parametrize(
    ("text", "countries"),
    [
        ("nobody's", frozenset()),
        ("0501234567", frozenset()),
        ("+9725", frozenset()),
        ("+97219001234567890", frozenset()),
        ("+442071838750", frozenset({"IL"})),
    ],
)
def test_why_a_number_will_not_do_is_told_in_hebrew(text: str, countries: frozenset[str]) -> None:
    found = phone_of(text, "", countries)

    assert isinstance(found, BadAddress)
    assert re.search("[\u05d0-\u05ea]", told("he", found.reason)), found.reason


@pytest.mark.parametrize("text", ["nobody's", "a b@mail.example", "dana@-"])
def test_why_a_mailbox_will_not_do_is_told_in_hebrew(text: str) -> None:
    found = email_of(text)

    assert isinstance(found, BadAddress)
    assert re.search("[\u05d0-\u05ea]", told("he", found.reason)), found.reason


@pytest.mark.parametrize("text", [EVIL, "{n}", f"{EVIL}; tried again at 2026-11-22T05:00Z", ""])
def test_what_others_wrote_is_shown_as_they_wrote_it_and_does_nothing(text: str) -> None:
    for language in LANGUAGES:
        shown = told(language, text)
        assert "<script" not in shown
        assert "<img" not in shown


def test_a_moment_is_put_on_the_reader_s_clock() -> None:
    moments: list[datetime] = []
    detail_told(LANGUAGES["en"], FORMS[4], lambda one: moments.append(one) or WALL)

    assert moments == [datetime(2026, 11, day, 5, tzinfo=UTC) for day in (22, 23)]


def test_every_alarm_has_a_name_and_says_what_to_do() -> None:
    for one in Alarm:
        for words in LANGUAGES.values():
            assert words.texts[f"alarm.{one.value}"]
            assert words.texts[f"remedy.{one.value}"]
