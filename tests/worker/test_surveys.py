"""Is a survey answered by SMS and by page, told once, called about, and counted?"""

from __future__ import annotations

from datetime import date, timedelta
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Engine

from tests.worker.replying import SENDERS, Inbox
from tests.worker.sending import EMAIL, POLICY, SHORTENER, Post, dana, left, rules, trigger
from tests.worker.small_world import NOON, rows
from triggers.answering import Call
from worker.steps.clicks import By, Gone, Visit, follow
from worker.steps.surveys import PAGE, Said, Taken, TextedSurveys, answer_by_page
from worker.store.engine import reading
from worker.store.surveys import SurveyDay, read_results
from worker.store.tables import answers, clicks, handoffs, links

DAY, HOUR, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1)
SURVEYS = """
surveys: {asked: {question: How was it?, open: 2d}}
links: {cart: https://shop.example/carts}
"""
TEXTS = {
    "templates/asked/sms.en.txt": "How was it, 1 to 5? {{ links.answer }}",
    "templates/asked/sms.he.txt": "איך היה, מ-1 עד 5? {{ links.answer }}",
    "templates/asked/email.en.txt": "How was it? {{ links.answer }}",
    "templates/asked/email.en.subject.txt": "How was it?",
    "templates/low/agent.en.txt": "Answered with {{ event.data.score }}.",
    "templates/hello/sms.en.txt": "Your cart: {{ links.cart }}",
    "templates/hello/email.en.txt": "Your cart: {{ links.cart }}",
    "templates/call/agent.en.txt": "He has not looked at it.",
}
ASKS = trigger("asks", send="[{survey: asked, by: [sms, email]}]")
LOW = """
trigger: low
on: survey.answered
key: event.data.message_id
when: event.data.trigger == "asks" and event.data.score <= 2
send: [{agent: desk}]
limits: {category: service}
"""
NO_CLICK = """
trigger: call
on: outreach.sent
key: event.data.message_id
when: event.data.trigger == "hi"
wait: 1h
unless: outreach.clicked
send: [{agent: desk}]
limits: {category: service}
"""


def asked(engine: Engine, *triggers: str, **profile: Any) -> Inbox:
    """Dana was asked."""
    configuration = rules(*(triggers or (ASKS, LOW)), policy=POLICY + SURVEYS, **TEXTS)
    post = Post(engine, configuration, senders=SENDERS)
    post.told(dana(**profile), left())
    post.send()
    return Inbox(post, TextedSurveys(configuration))


def token(room: Inbox) -> str:
    [link] = rows(room.post.engine, links)
    return str(link.token)


def told(room: Inbox) -> list[tuple[str, int | None]]:
    found = [one for one in room.post.own_events if one.type == "survey.answered"]
    return [(one.id.partition(":")[2], one.data.get("score")) for one in found]


@pytest.mark.parametrize(
    ("words", "language", "score", "text"),
    [
        ("4", "en", 4, None),
        ("five", "en", 5, None),
        ("חמש", "he", 5, None),
        ("אחת!", "he", 1, None),
        ("2. But the wait was long", "en", 2, "2. But the wait was long"),
        ("השירות היה 3", "he", 3, "השירות היה 3"),
    ],
)
def test_a_text_answers_with_a_digit_or_in_letters(
    engine: Engine, words: str, language: str, score: int, text: str | None
) -> None:
    room = asked(engine, language=language)

    room.says(words, now=NOON + HOUR)

    [row] = rows(engine, answers)
    assert (row.score, row.text, row.channel, row.trigger) == (score, text, "sms", "asks")
    assert told(room) == [("survey.answered", score)]


@pytest.mark.parametrize(("words", "calls"), [("1", 1), ("3", 0)])
def test_a_low_answer_is_called_about(engine: Engine, words: str, calls: int) -> None:
    room = asked(engine)

    room.says(words)
    room.post.read()
    room.post.claim()

    found = [(one.queue, one.trigger, one.text) for one in rows(engine, handoffs)]
    assert found == [("desk", "low", f"Answered with {words}.")] * calls


@pytest.mark.parametrize("words", ["", " ", "\n"])
def test_a_text_without_a_word_answers_nothing_and_is_a_persons(engine: Engine, words: str) -> None:
    room = asked(engine)

    room.says(words)

    assert rows(engine, answers) == []
    assert [one.why for one in room.calls] == [Call.UNCLEAR]


def test_the_first_number_counts_by_whichever_way_the_next_one_comes(engine: Engine) -> None:
    room = asked(engine)

    room.says("1")
    by_page = answer_by_page(
        engine, room.post.hearing, token(room), Said(5, "sorry, five", PAGE), now=NOON + HOUR
    )

    assert by_page == Taken(1, "sorry, five", heard=False)
    assert told(room) == [("survey.answered", 1)]


def test_a_number_after_the_survey_has_closed_is_a_persons(engine: Engine) -> None:
    room = asked(engine)

    room.says("1", now=NOON + 2 * DAY)

    assert rows(engine, answers) == []
    assert [call.why for call in room.calls] == ["nobody has understood it yet"]


def test_an_answer_of_an_email_is_taken_from_its_page(engine: Engine) -> None:
    room = asked(engine, phone=None)

    taken = answer_by_page(engine, room.post.hearing, token(room), Said(2, "", PAGE), now=NOON)

    assert taken == Taken(2, None, heard=True)
    assert answer_by_page(
        engine, room.post.hearing, "A" * 12, Said(2, "", PAGE), now=NOON
    ) is Gone.UNKNOWN  # fmt: skip


def test_many_taps_at_once_are_one_answer_told_once(engine: Engine) -> None:
    room = asked(engine)
    link, hearing, seen = token(room), room.post.hearing, []

    def tap(score: int) -> None:
        seen.append(answer_by_page(engine, hearing, link, Said(score, "", PAGE), now=NOON))

    taps = [Thread(target=tap, args=(score,)) for score in range(1, 6)]
    for one in taps:
        one.start()
    for one in taps:
        one.join()

    [row] = rows(engine, answers)
    assert told(room) == [("survey.answered", row.score)]
    assert {one.score for one in seen} == {row.score}
    assert sum(one.heard for one in seen) == 1


def test_results_are_counted_by_trigger_survey_and_day(engine: Engine) -> None:
    room = asked(engine)
    more = [dana(f"c{n}", phone=f"+97252123450{n}", email=f"c{n}@mail.example") for n in (2, 3)]
    room.post.told(*more, left("c2"), left("c3"))
    room.post.send(NOON + HOUR)
    one, two, three = (row.token for row in rows(engine, links, "created_at", "token"))
    hearing = room.post.hearing
    for link, said, at in (
        (one, Said(4, "", PAGE), NOON),
        (two, Said(1, "slow", PAGE), NOON + 13 * HOUR),
        (three, Said(None, "fine", PAGE), NOON + 13 * HOUR),
    ):
        answer_by_page(engine, hearing, link, said, now=at)

    def results(**given: Any) -> list[SurveyDay]:
        span = {"since": NOON - DAY, "until": NOON + DAY, **given}
        return reading(engine, lambda c: read_results(c, **span))

    first, second = results()
    assert first == SurveyDay("asks", "asked", date(2026, 11, 2), asked=3, scores={4: 1})
    assert second == SurveyDay("asks", "asked", date(2026, 11, 3), in_words=1, scores={1: 1})
    assert (second.answered, second.mean) == (2, 1.0)
    assert results(until=NOON + HOUR) == [
        SurveyDay("asks", "asked", date(2026, 11, 2), asked=1, scores={4: 1})
    ]
    assert results(trigger="other") == []
    assert SurveyDay("asks", "asked", date(2026, 11, 2)).mean is None


def test_a_click_calls_off_what_waits_for_none(engine: Engine) -> None:
    room = asked(engine, trigger(), NO_CLICK)
    room.post.read()
    waits = rows(engine, handoffs)

    clicked = follow(engine, room.post.hearing, token(room), scanner=False, now=NOON + HOUR / 2)
    room.post.read(NOON + HOUR / 2)
    room.post.claim(NOON + 2 * HOUR)

    assert waits == rows(engine, handoffs) == []
    assert isinstance(clicked, Visit)
    assert clicked.heard


def test_a_scanners_click_calls_off_nothing(engine: Engine) -> None:
    room = asked(engine, trigger(), NO_CLICK)
    room.post.read()

    follow(engine, room.post.hearing, token(room), scanner=True, now=NOON + HOUR / 2)
    room.post.read(NOON + HOUR / 2)
    room.post.claim(NOON + 2 * HOUR)

    assert [row.trigger for row in rows(engine, handoffs)] == ["call"]


@pytest.mark.parametrize(
    ("profile", "after", "by"),
    [
        ({"phone": None}, 1.9 * SECOND, By.SCANNER),
        ({"phone": None}, 2 * SECOND, By.PERSON),
        ({"email": None}, 0 * SECOND, By.PERSON),
    ],
)
def test_who_opens_an_email_before_anybody_can_have_read_it_is_a_scanner(
    engine: Engine, profile: dict[str, None], after: timedelta, by: By
) -> None:
    room = asked(engine, trigger(), **profile)

    visit = follow(engine, room.post.hearing, token(room), scanner=False, now=NOON + after)

    assert isinstance(visit, Visit)
    assert visit.by is by
    assert [row.by for row in rows(engine, clicks)] == [by]


def test_a_link_leads_on_to_its_last_moment_and_no_further(engine: Engine) -> None:
    room = asked(engine, trigger())
    link, end = token(room), NOON + 90 * DAY

    before, at = (
        follow(engine, room.post.hearing, link, scanner=False, now=moment)
        for moment in (end - SECOND, end)
    )

    assert isinstance(before, Visit)
    assert at is Gone.EXPIRED


def test_nothing_personal_is_told_of_an_answer(engine: Engine) -> None:
    room = asked(engine)

    room.says("1 and my name is Dana Levi")

    [told_of] = [one for one in room.post.own_events if one.type == "survey.answered"]
    assert told_of.data["has_text"]
    assert "Dana" not in str(told_of.data)
    assert EMAIL not in str(told_of.data)
    assert SHORTENER.public_url not in str(told_of.data)
