"""Can a survey be answered, and a dead link understood, on a phone, in Hebrew, without a mouse?

In Debian's own Chromium, without JavaScript but for the accessibility rules of axe-core.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import Engine

from tests.worker.http.conftest import Open
from tests.worker.http.seeing import WIDTHS, fits, violations
from tests.worker.http.test_links import ASKS, Sent
from worker.store.engine import make_engine
from worker.store.tables import answers

pytestmark = pytest.mark.xdist_group("browser")

LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)
DIRECTIONS = {"he": "rtl", "en": "ltr"}
THANKS = {"he": "תודה, התשובה נשמרה", "en": "Thank you, your answer was kept"}
AMISS = {"he": "יש לבחור מספר, או לכתוב.", "en": "Choose a number, or write something."}
ENDED = {"he": "הקישור אינו פעיל עוד", "en": "This link is no longer active"}


@pytest.fixture(params=list(DIRECTIONS))
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def engine(sqlite_database_url: str) -> Iterator[Engine]:
    """What is seen does not depend on the database: one is enough here."""
    made = make_engine(sqlite_database_url)
    yield made
    made.dispose()


@pytest.fixture
def sent(engine: Engine, language: str) -> Sent:
    return Sent(engine, ASKS, language=language)


@pytest.fixture(params=list(WIDTHS))
def page(
    chromium: Browser, sent: Sent, open_doors: Open, request: pytest.FixtureRequest
) -> Iterator[Page]:
    width, height = WIDTHS[request.param]
    context = chromium.new_context(
        base_url=str(open_doors(sent.house, key=None).base_url),
        viewport={"width": width, "height": height},
        java_script_enabled=False,
    )
    yield context.new_page()
    context.close()


def is_read_well(page: Page, language: str) -> None:
    """In the message's own language first, in the other beside it, within the window's width."""
    assert page.locator("html").get_attribute("lang") == language
    assert page.locator("html").get_attribute("dir") == DIRECTIONS[language]
    for each, direction in DIRECTIONS.items():
        headings = page.locator(f"section[lang={each}] > h1, section[lang={each}] > h2")
        assert headings.count() == 1
        assert page.locator(f"section[lang={each}]").get_attribute("dir") == direction
    assert fits(page)
    assert violations(page) == []


def test_a_survey_is_answered_with_the_keyboard_alone(
    page: Page, sent: Sent, language: str
) -> None:
    page.goto(sent.path)
    is_read_well(page, language)
    assert page.get_by_role("button").count() == 12, "0 to 10, and one that sends"

    page.get_by_role("button", name="10", exact=True).press("Enter")
    is_read_well(page, language)
    assert page.locator("h1").inner_text() == THANKS[language]
    page.get_by_role("textbox").fill("היה טוב, and quick")
    page.get_by_role("button").press("Enter")

    is_read_well(page, language)
    assert page.locator("form").count() == 0
    [row] = sent.house.rows(answers)
    assert (row.score, row.text) == (10, "היה טוב, and quick")


def test_an_answer_in_words_alone_may_be_given_and_an_empty_one_is_asked_again(
    page: Page, sent: Sent, language: str
) -> None:
    page.goto(sent.path)
    page.locator("button[name=send]").click()

    assert AMISS[language] in page.get_by_role("alert").inner_text()
    is_read_well(page, language)
    page.get_by_role("textbox").fill("לא בא אף אחד")
    page.locator("button[name=send]").click()

    assert page.locator("h1").inner_text() == THANKS[language]


def test_a_link_that_has_ended_says_so_and_whom_to_call(
    page: Page, sent: Sent, language: str
) -> None:
    sent.ends(LONG_AGO)

    answer = page.goto(sent.path)

    assert answer is not None
    assert answer.status == 410
    assert page.locator("h1").inner_text() == ENDED[language]
    assert "*5550" in page.locator("footer").inner_text()
    is_read_well(page, language)


def test_a_link_that_was_copied_in_part_is_told_in_both_languages(page: Page, sent: Sent) -> None:
    answer = page.goto(sent.path[:-3])

    assert answer is not None
    assert answer.status == 404
    is_read_well(page, "he")
