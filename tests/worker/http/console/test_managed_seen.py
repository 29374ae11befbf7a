"""Does a manager get along with triggers, messages and the report, in Chromium?"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.worker.http.console import test_seen as seen
from tests.worker.http.console.busy import TRIGGER, busy
from tests.worker.http.console.test_seen import enter, looks_right, picture
from tests.worker.http.house import House
from worker.channels.base import Letter
from worker.channels.outbox import OutboxChannel

engine, language, window = seen.engine, seen.language, seen.window
context, page = seen.context, seen.page
pytestmark = pytest.mark.xdist_group("browser")

PAGES = {
    "triggers": "/console/triggers",
    "trigger": f"/console/triggers/{TRIGGER}",
    "trigger-paused": "/console/triggers/low_checkbook",
    "messages": "/console/messages",
    "message": f"/console/messages?message={TRIGGER}",
    "report": "/console/report",
    "report-one": f"/console/report?trigger={TRIGGER}",
}


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_reads_the_right_way_and_breaks_no_rule_of_accessibility(
    page: Page, house: House, name: str, look: str, language: str, window: str
) -> None:
    busy(house)
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    enter(page)

    path = PAGES[name]
    page.goto(f"{path}{'&' if '?' in path else '?'}look={look}")
    for closed in page.locator("main details > summary").all():
        closed.click()
    picture(page, f"console-{name}-{language}-{window}-{look}")

    looks_right(page, language)
    assert told == []


def test_a_manager_pauses_a_trigger_and_lets_it_go_on_by_keyboard(
    page: Page, house: House, language: str, window: str
) -> None:
    busy(house)
    enter(page, "operator")
    page.goto("/console/triggers")
    page.locator(f'h2 a[href$="{TRIGGER}"]').press("Enter")

    page.locator("#why").fill("<b>?")
    page.locator("form[action$=pause] button.bad").press("Enter")
    expect(page.get_by_role("status")).to_be_visible()
    page.locator("form[action$=resume] button").press("Enter")

    page.wait_for_url(f"**/{TRIGGER}?done=resumed&n=0")
    expect(page.locator("form[action$=pause] button.bad")).to_be_visible()


def test_a_manager_sees_what_a_pause_would_hold_before_it_holds(
    page: Page, house: House, language: str, window: str
) -> None:
    busy(house)
    enter(page, "operator")
    page.goto(PAGES["trigger"])
    page.locator("#why").fill("<b>?")

    page.locator("button[formaction$=holds]").press("Enter")
    expect(page.locator("main tbody th")).to_have_text(TRIGGER)
    looks_right(page, language)
    picture(page, f"console-holds-{language}-{window}")
    page.locator("main form button").press("Enter")

    page.wait_for_url("**/console/duty?done=paused")
    expect(page.locator("#paused ~ ul")).to_contain_text(TRIGGER)


def test_a_manager_tries_a_trigger_backwards(
    page: Page, house: House, language: str, window: str
) -> None:
    busy(house)
    enter(page, "operator")
    page.goto(PAGES["trigger"])

    page.locator("form[action$=backtest] button").press("Enter")
    page.wait_for_url("**/console/triggers/backtest")
    picture(page, f"console-backtest-{language}-{window}")
    looks_right(page, language)


def test_a_manager_fills_a_message_with_an_event_and_sends_it_to_a_phone(
    page: Page, house: House, language: str, window: str
) -> None:
    busy(house)
    left: list[Letter] = []
    house.channels = {"outbox:sms": OutboxChannel("sms", left.append)}
    enter(page, "operator")
    page.goto(PAGES["message"])

    page.locator("#own > summary").click()
    page.locator("#data").fill('{"cart_id": "q", "total": 977, "items": 1}')
    # a form aimed at a frame that is not read yet opens a window in its place
    with page.expect_navigation():
        page.locator("form.card button").first.press("Enter")
    page.locator("article form button").last.press("Enter")
    expect(page.frame_locator("iframe").last.locator("body")).to_contain_text("977")
    picture(page, f"console-message-own-{language}-{window}")
    looks_right(page, language)
    page.locator("#to").fill("+972501234567")
    page.locator("form[action$=send] button").press("Enter")

    expect(page.get_by_role("status")).to_be_visible()
    assert [one.address for one in left] == ["+972501234567"]
