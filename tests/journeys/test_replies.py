"""Does what customers write back, in Hebrew and English, reach the next claim and a person?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.journeys.situations import SITUATIONS
from tests.journeys.stage import KEY, Stage, stage, start_separately, start_together

pytestmark = pytest.mark.timeout(240)

PLAN, CHECKS, CLAIM = SITUATIONS[0], SITUATIONS[2], SITUATIONS[3]
NAMES = {"he": "דניאלה", "en": "Wilhelmina"}
LANGUAGES = {
    "he": ("+972500000601", "הסר\u200f בבקשה!", "התחל", "תתקשרו אליי"),
    "en": ("+972500000602", "Stop.", "start", "please call me"),
}


@pytest.fixture(params=["separate processes", "one process"])
def playing(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    """PostgreSQL, Redis and five processes; or SQLite and one."""
    if request.param == "one process":
        with stage(tmp_path, f"sqlite:///{tmp_path}/outreach.db", "memory://") as one:
            start_together(one)
            yield one
        return
    database = request.getfixturevalue("bare_postgres_url")
    with stage(tmp_path, database, request.getfixturevalue("broker_url")) as one:
        start_separately(one)
        yield one


def calls(one: Stage) -> list[dict[str, Any]]:
    asked = {"authorization": f"Bearer {KEY}"}
    answer = httpx.get(f"{one.url}/v1/handoffs", headers=asked, timeout=20)
    return list(answer.json()["handoffs"])


def skipped(one: Stage, customer: str) -> bool:
    return any(
        (entry.get("verdict"), entry.get("reason")) == ("skipped", "suppressed")
        for entry in one.timeline(customer)
    )


def test_stop_holds_start_lifts_it_and_who_asks_for_a_person_gets_one(playing: Stage) -> None:
    one = playing
    for language, (phone, stop, _, _) in LANGUAGES.items():
        one.put_customer(language, phone=phone, language=language, first_name=NAMES[language])
        one.publish(*PLAN.ripe(f"plan-{language}", language))
        one.until(lambda: one.sms_to(phone), "the first message")  # noqa: B023
        one.write(phone, stop)
        one.publish(*CLAIM.ripe(f"claim-{language}", language))

    for language, (phone, _, start, person) in LANGUAGES.items():
        one.until(lambda: skipped(one, language), "the refusal obeyed")  # noqa: B023
        assert len(one.sms_to(phone)) == 1
        one.write(phone, start)
        one.write(phone, person)
        one.until(
            lambda: [call for call in calls(one) if call["customer_id"] == language],  # noqa: B023
            "a person's work",
        )
        one.publish(*CHECKS.ripe(f"checks-{language}", language))
        one.until(lambda: len(one.sms_to(phone)) == 2, "a message after START")  # noqa: B023

    assert len(calls(one)) == len(LANGUAGES)
    assert set(one.stop().values()) == {0}
