"""Does a person get along with the console, in Chromium, in both languages and widths?

Set OUTREACH_TEST_PICTURES to a folder, and a picture of every page is left there to be looked at.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy import Engine

from tests.worker.http.console.conftest import Visit
from tests.worker.http.console.visiting import PASSWORD
from tests.worker.http.console.world import troubled
from tests.worker.http.house import House
from tests.worker.http.seeing import AA
from worker.store.engine import make_engine

WIDTHS = {"phone": (360, 740), "desk": (1280, 900)}
PAGES = [
    "/console", "/console/duty", "/console/record", "/console/account", "/console/users",
    "/console/nowhere",
]  # fmt: skip
pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture
def engine(sqlite_database_url: str) -> Iterator[Engine]:
    """What is seen does not depend on the database: one is enough here."""
    made = make_engine(sqlite_database_url)
    yield made
    made.dispose()


@pytest.fixture(params=["he", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=list(WIDTHS))
def window(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def context(
    chromium: Browser, visit: Visit, language: str, window: str
) -> Iterator[BrowserContext]:
    width, height = WIDTHS[window]
    made = chromium.new_context(
        base_url=str(visit().client.base_url),
        viewport={"width": width, "height": height},
    )
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext, language: str) -> Page:
    """At the door; what the policy of a page forbids would be told as an error."""
    page = context.new_page()
    page.goto(f"/console/sign-in?language={language}")
    return page


def enter(page: Page, name: str = "admin", password: str = PASSWORD) -> None:
    page.locator("#name").fill(name)
    page.locator("#password").fill(password)
    page.locator("form.card button").press("Enter")


def picture(page: Page, name: str) -> None:
    folder = os.environ.get("OUTREACH_TEST_PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def violations(page: Page) -> list[str]:
    """What axe-core finds on the page as it is, against WCAG A and AA."""
    found = Axe().run(page, options=AA).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found]


def looks_right(page: Page, language: str) -> None:
    assert page.locator("html").get_attribute("dir") == ("rtl" if language == "he" else "ltr")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert violations(page) == []


def test_a_person_signs_in_with_the_keyboard_and_out_again(page: Page, language: str) -> None:
    looks_right(page, language)

    enter(page)
    assert page.locator("nav a[aria-current=page]").count() == 1
    page.locator("footer form button").press("Enter")

    page.wait_for_url("**/sign-in")
    page.goto("/console")
    assert page.locator("#password").count() == 1


def test_a_wrong_password_is_told_and_the_name_stays(page: Page, language: str) -> None:
    enter(page, password="a wrong password")

    assert page.get_by_role("alert").count() == 1
    assert page.locator("#name").input_value() == "admin"
    looks_right(page, language)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("look", ["light", "dark"])
def test_a_page_fits_reads_the_right_way_and_breaks_no_rule_of_accessibility(
    page: Page, house: House, path: str, look: str, language: str, window: str
) -> None:
    troubled(house.engine)
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    enter(page)

    page.goto(f"{path}?look={look}")
    picture(page, f"{path.strip('/').replace('/', '-')}-{language}-{window}-{look}")

    looks_right(page, language)
    assert [one for one in told if "404" not in one] == []


def test_an_action_shows_what_it_would_do_and_is_done_by_keyboard(
    page: Page, house: House, language: str, window: str
) -> None:
    troubled(house.engine)
    enter(page)
    page.goto("/console/duty")

    page.locator("input[id^=aside-]").first.press("Space")
    page.locator("form[action$=set-aside] button[value=replay]").press("Enter")
    picture(page, f"console-effect-{language}-{window}")
    looks_right(page, language)
    page.locator("main form button").press("Enter")

    page.wait_for_url("**/console/duty?done=replay&n=1")
    assert page.get_by_role("status").count() == 1


def test_a_page_renews_itself_and_keeps_what_was_begun(
    page: Page, house: House, language: str, window: str
) -> None:
    troubled(house.engine)
    page.clock.install()
    enter(page)
    page.goto("/console/duty")
    before = page.locator(".renewed time").get_attribute("datetime")
    page.locator("input[id^=refused-]").first.check()
    page.locator("#renew").focus()

    with page.expect_response("**/console/duty"):
        page.clock.run_for(11_000)

    page.wait_for_function(
        "before => document.querySelector('.renewed time').dateTime !== before", arg=before
    )
    assert page.locator("input[id^=refused-]:checked").count() == 1
    assert page.evaluate("document.activeElement.id") == "renew"
