"""Does an agent get along with a customer's story and with the calls to make, in Chromium?"""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from tests.worker.http.console import test_seen as seen
from tests.worker.http.console.lives import DANA, FREE, PHONE, PLAN, READING, UNKNOWN, lived
from tests.worker.http.console.test_seen import enter, looks_right, picture
from tests.worker.http.console.world import EVIL
from tests.worker.http.house import House

engine, language, window = seen.engine, seen.language, seen.window
context, page = seen.context, seen.page
pytestmark = pytest.mark.xdist_group("browser")

CUSTOMERS, QUEUE = "/console/customers", "/console/queue"
PAGES = {
    "find": CUSTOMERS,
    "customer": f"{CUSTOMERS}?{urlencode({'id': DANA})}",
    "customer-then": f"{CUSTOMERS}?{urlencode({'id': DANA, 'at': '2026-11-20T10:00'})}",
    "customer-hostile": f"{CUSTOMERS}?{urlencode({'id': EVIL})}",
    "customer-erased": f"{CUSTOMERS}?id=gone",
    "queue": QUEUE,
    "call": f"{QUEUE}/{PLAN}",
    "call-hostile": f"{QUEUE}/{FREE}",
    "call-nobody": f"{QUEUE}/{UNKNOWN}",
}


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_reads_the_right_way_and_breaks_no_rule_of_accessibility(
    page: Page, house: House, name: str, look: str, language: str, window: str
) -> None:
    lived(house)
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    enter(page)

    path = PAGES[name]
    page.goto(f"{path}{'&' if '?' in path else '?'}look={look}")
    for closed in page.locator("main details:not(:has(iframe)) > summary").all():
        closed.click()
    picture(page, f"console-{name}-{language}-{window}-{look}")

    looks_right(page, language)
    assert [one for one in told if "404" not in one] == []


def test_an_agent_takes_a_call_reads_the_story_and_ends_it_with_the_keyboard_alone(
    page: Page, house: House, language: str, window: str
) -> None:
    lived(house)
    enter(page)
    page.goto(QUEUE)
    page.locator(f"#call-{READING}").press("Enter")
    page.wait_for_url(f"**{QUEUE}/{READING}")

    page.locator("button[value=take]").press("Enter")
    expect(page.get_by_role("status")).to_be_visible()
    expect(page.locator(f'a.big[href="tel:{PHONE}"]')).to_be_visible()
    page.locator("#note").fill("נקרא")
    page.locator("button[value=done]").press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("#note")).to_have_value("נקרא")
    looks_right(page, language)
    picture(page, f"console-call-mine-{language}-{window}")
    page.locator("input[value=no]").press("Space")
    page.locator("button[value=done]").press("Enter")

    page.wait_for_url(f"**{QUEUE}?done=done*")
    expect(page.get_by_role("status")).to_be_visible()


def test_a_customer_is_found_and_the_mail_is_seen_without_anything_in_it_acting(
    page: Page, house: House, language: str, window: str
) -> None:
    lived(house)
    enter(page)
    page.goto(CUSTOMERS)
    page.locator("#who").fill(PHONE)
    page.locator("#who").press("Enter")
    page.wait_for_url(f"**{CUSTOMERS}?id={DANA}")
    title = page.title()

    page.locator("details:has(iframe) > summary").press("Enter")
    mail = page.frame_locator("iframe.mail")
    expect(mail.locator("h1")).to_have_text("Your plan")

    assert page.title() == title
    assert PHONE not in page.url


def test_somebody_has_a_customer_called_by_keyboard(
    page: Page, house: House, language: str, window: str
) -> None:
    lived(house)
    enter(page, "operator")
    page.goto(f"{CUSTOMERS}?id={DANA}")
    page.locator("#person-form > summary").press("Enter")
    page.locator("#call-why").fill("ביקשה בסניף")
    looks_right(page, language)
    page.locator("#call-why").press("Enter")

    page.wait_for_url(f"**{QUEUE}/*?done=asked")
    expect(page.get_by_role("status")).to_be_visible()
    expect(page.locator("#call")).to_have_text("ביקשה בסניף")


def test_what_would_be_erased_is_seen_before_it_is(
    page: Page, house: House, language: str, window: str
) -> None:
    lived(house)
    enter(page)
    page.goto(f"{CUSTOMERS}?id={DANA}")
    page.locator("form[action$=erase] button").press("Enter")
    expect(page.locator("input[name=sure]")).to_have_count(1)

    looks_right(page, language)
    picture(page, f"console-erase-{language}-{window}")
