"""Does a person get along with the preference page, on a phone, in Hebrew, without a mouse?

In Debian's own Chromium, without JavaScript but for the accessibility rules of axe-core.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import Engine

from tests.worker.http.choosing import Reader, house_of
from tests.worker.http.conftest import Open
from tests.worker.http.house import KEYS, NOW
from tests.worker.http.seeing import (
    WIDTHS,
    fits,
    violations,
)
from worker.clock import utc_now
from worker.store.engine import in_transaction, make_engine
from worker.store.keys import take_in

SAVE = {"he": "לשמור את הבחירה", "en": "Save my choice"}
LEAVE = {"he": "להסיר אותי מהכול", "en": "Unsubscribe from everything"}
pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture(params=["he", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def engine(sqlite_database_url: str) -> Iterator[Engine]:
    """What is seen does not depend on the database: one is enough here."""
    made = make_engine(sqlite_database_url)
    yield made
    made.dispose()


@pytest.fixture
def reader(engine: Engine, open_doors: Open, language: str) -> Reader:
    in_transaction(engine, lambda c: take_in(c, KEYS, now=NOW))
    house = house_of(engine)
    reader = Reader(house, open_doors(house, key=None, now=utc_now))
    reader.known_as(language=language)
    reader.written_to()
    return reader


@pytest.fixture(params=list(WIDTHS))
def page(chromium: Browser, reader: Reader, request: pytest.FixtureRequest) -> Iterator[Page]:
    width, height = WIDTHS[request.param]
    context = chromium.new_context(
        base_url=str(reader.client.base_url),
        viewport={"width": width, "height": height},
        java_script_enabled=False,
    )
    yield context.new_page()
    context.close()


def test_the_page_fits_reads_the_right_way_and_breaks_no_rule_of_accessibility(
    page: Page, reader: Reader, language: str
) -> None:
    page.goto(reader.path)

    assert page.locator("html").get_attribute("dir") == ("rtl" if language == "he" else "ltr")
    assert page.get_by_role("button").all_inner_texts() == [SAVE[language], LEAVE[language]]
    assert fits(page)
    assert violations(page) == []


def test_a_person_chooses_with_the_keyboard_alone(
    page: Page, reader: Reader, language: str
) -> None:
    page.goto(reader.path)
    page.locator("input[name=welcome][value=nightly]").press("Space")
    page.locator("input[name=person]").press("Space")
    page.locator("input[value=sms-email]").press("Space")
    page.get_by_role("button", name=SAVE[language]).press("Enter")
    reader.read()

    assert page.get_by_role("status").count() == 1
    assert violations(page) == []
    assert reader.refused == {"nightly"}
    assert reader.profile()["agent_only"] is True
    assert reader.profile()["channels"] == ["sms", "email"]
    page.goto(reader.path)
    assert not page.locator("input[name=welcome][value=nightly]").is_checked()
    assert page.locator("input[name=person]").is_checked()


def test_leaving_all_is_one_click_and_the_page_says_so(
    page: Page, reader: Reader, language: str
) -> None:
    page.goto(reader.path)
    page.get_by_role("button", name=LEAVE[language]).click()

    assert reader.refused == {"*"}
    assert page.get_by_role("status").count() == 1
    assert page.locator("input[name=welcome]:checked").count() == 0
    assert fits(page)
    assert violations(page) == []


def test_the_other_language_is_one_click_away_and_stays(
    page: Page, reader: Reader, language: str
) -> None:
    other = "en" if language == "he" else "he"
    page.goto(reader.path)
    page.locator("header a").click()
    page.get_by_role("button", name=SAVE[other]).click()

    assert page.locator("html").get_attribute("lang") == other


def test_a_wrong_link_says_so_and_shows_no_form(page: Page, reader: Reader, language: str) -> None:
    answer = page.goto(f"{reader.path}x?language={language}")

    assert answer is not None
    assert answer.status == 404
    assert page.locator("form").count() == 0
    assert fits(page)
    assert violations(page) == []
