"""Through real processes: a link is followed, a survey answered, and what comes of both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.journeys.situations import SITUATIONS
from tests.journeys.stage import Stage, configuration, stage, start_separately, start_together

pytestmark = pytest.mark.timeout(240)

PHONE = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/130.0 Mobile Safari"
PREVIEW = "WhatsApp/2.24.20.81 A"
CLAIM, SURVEY = SITUATIONS[3], SITUATIONS[4]
TRIGGERS = """
trigger: nobody_looked
on: outreach.sent
key: event.data.message_id
when: event.data.trigger == "claim_opened"
wait: 1h
unless: outreach.clicked
send: [{agent: retention}]
limits: {category: service}
---
trigger: call_unsettled
on: survey.answered
key: event.data.message_id
when: event.data.trigger == "service_call_survey" and event.data.score <= 2
send: [{agent: retention, due: 4h}]
limits: {category: service, priority: high}
"""


def listening(folder: Path) -> None:
    """What is shipped, and two triggers that hear what customers do."""
    configuration(folder)
    (folder / "config" / "triggers" / "answered.yaml").write_text(TRIGGERS, "utf-8")
    for name in ("nobody_looked", "call_unsettled"):
        texts = folder / "templates" / name
        texts.mkdir()
        (texts / "agent.en.txt").write_text("Call.", "utf-8")
        (texts / "agent.he.txt").write_text("להתקשר.", "utf-8")


@pytest.fixture(params=["separate processes", "one process"])
def playing(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    if request.param == "one process":
        database, broker = f"sqlite:///{tmp_path}/outreach.db", "memory://"
    else:
        database = request.getfixturevalue("bare_postgres_url")
        broker = request.getfixturevalue("broker_url")
    with stage(tmp_path, database, broker, configure=listening) as one:
        (start_together if broker == "memory://" else start_separately)(one)
        yield one


def follow(url: str, agent: str = PHONE) -> httpx.Response:
    return httpx.get(url, headers={"user-agent": agent}, timeout=20)


def states(one: Stage, customer: str, trigger: str) -> set[str]:
    return {
        str(entry.get("state"))
        for entry in one.timeline(customer)
        if entry.get("trigger") == trigger and entry["kind"] == "occurrence"
    }


def link_in(text: str, one: Stage) -> str:
    [found] = re.findall(rf"{re.escape(one.url)}/l/\S+", text)
    return str(found)


def test_a_click_calls_off_the_call_and_a_low_answer_asks_for_one(playing: Stage) -> None:
    one = playing
    by_sms, by_mail = "+972500000701", "emma7@customer.example"
    one.put_customer("noa", phone=by_sms, language="he")
    one.put_customer("emma", email=by_mail, language="en")
    one.publish(*CLAIM.ripe("m7", "noa"))

    (text,) = one.until(lambda: one.sms_to(by_sms), "the claim by SMS")
    link = link_in(text, one)
    one.until(lambda: states(one, "noa", "nobody_looked") == {"pending"}, "a call that waits")
    preview = follow(link, PREVIEW)
    assert states(one, "noa", "nobody_looked") == {"pending"}, "a preview is nobody's click"
    person = follow(link)

    assert preview.status_code == person.status_code == 302
    assert person.headers["location"] == "https://insurance.example/claims/m7"
    one.until(lambda: states(one, "noa", "nobody_looked") == {"called_off"}, "the call called off")

    one.publish(*SURVEY.ripe("s7", "noa"), *SURVEY.ripe("s8", "emma"))
    asked = one.until(lambda: one.sms_to(by_sms)[1:], "the survey by SMS")
    (letter,) = one.until(lambda: one.mail_to(by_mail), "the survey by email")
    page = follow(link_in(asked[0], one))
    assert '<html lang="he" dir="rtl">' in page.text
    assert "האם השיחה שלך איתנו פתרה את העניין?" in page.text
    low = httpx.post(link_in(asked[0], one), data={"score": "1", "text": "רון לא חזר"}, timeout=20)
    good = httpx.post(link_in(letter["text"], one), data={"score": "5"}, timeout=20)

    assert "תודה" in low.text
    assert '<html lang="en" dir="ltr">' in good.text
    one.until(lambda: states(one, "noa", "call_unsettled") == {"handed_over"}, "a call")
    assert states(one, "emma", "call_unsettled") == set()
    # whoever follows it is taken for the customer
    one.names += ["רון לא חזר", link.rpartition("/")[2]]
