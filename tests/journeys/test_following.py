"""Through real processes: a link is followed, a survey answered, and what comes of both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.journeys.situations import SITUATIONS
from tests.journeys.stage import Stage, stage, start_separately, start_together
from tests.journeys.talking import follow, link_in, listening

pytestmark = pytest.mark.timeout(240)

PREVIEW = "WhatsApp/2.24.20.81 A"
CLAIM, SURVEY = SITUATIONS[3], SITUATIONS[4]


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


def states(one: Stage, customer: str, trigger: str) -> set[str]:
    return {
        str(entry.get("state"))
        for entry in one.timeline(customer)
        if entry.get("trigger") == trigger and entry["kind"] == "occurrence"
    }


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
    one.heard.append("רון לא חזר")
