"""One true story through real processes: from a published event to the message in the hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from tests.journeys.situations import SITUATIONS
from tests.journeys.stage import Stage, stage, start_separately, start_together

pytestmark = pytest.mark.timeout(240)

CONSENT = {"marketing": {"wording": "yes", "source": "website", "time": "2026-01-05T10:00:00Z"}}


@pytest.fixture(params=["separate processes", "one process"])
def playing(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    """PostgreSQL, Redis and five processes; or SQLite and one."""
    if request.param == "one process":
        with stage(tmp_path, f"sqlite:///{tmp_path}/outreach.db", "memory://") as one:
            start_together(one)
            yield one
        return
    database = request.getfixturevalue("bare_postgres_url")
    broker = request.getfixturevalue("broker_url")
    with stage(tmp_path, database, broker) as one:
        start_separately(one)
        yield one


def _outcomes(one: Stage, customer: str, kind: str) -> set[str]:
    """The triggers of which the customer's timeline tells this."""
    return {
        str(entry.get("trigger"))
        for entry in one.timeline(customer)
        if kind in {entry.get("state"), entry.get("verdict"), entry.get("reason")}
    }


def test_each_situation_reaches_the_customer_in_both_languages_and_is_called_off_in_time(
    playing: Stage,
) -> None:
    one = playing
    every = {situation.trigger for situation in SITUATIONS}
    for number, situation in enumerate(SITUATIONS):
        by_sms, by_mail, off = (f"{who}{number}" for who in ("noa", "emma", "maya"))
        phone = f"+97250000020{number}"
        one.put_customer(by_sms, phone=phone, language="he", consent=CONSENT)
        mail = f"emma{number}@customer.example"
        one.put_customer(by_mail, email=mail, language="en", consent=CONSENT)
        one.put_customer(off, phone=f"+97250000030{number}", language="he", consent=CONSENT)
        one.publish(*situation.ripe(f"a{number}", by_sms))
        one.publish(*situation.ripe(f"b{number}", by_mail))
        one.publish(*situation.early(f"c{number}", off))

    for number, situation in enumerate(SITUATIONS):
        phone, mail, off = (
            f"+97250000020{number}",
            f"emma{number}@customer.example",
            f"maya{number}",
        )
        (text,) = one.until(lambda: one.sms_to(phone), f"{situation.trigger} by SMS")  # noqa: B023
        assert situation.words["he"] in text
        (letter,) = one.until(lambda: one.mail_to(mail), f"{situation.trigger} by email")  # noqa: B023
        assert situation.words["en"] in letter["subject"] + letter["text"]
        waiting = one.until(
            lambda: _outcomes(one, off, "pending") & every,  # noqa: B023
            f"{situation.trigger} waiting",
        )
        assert waiting == {situation.trigger}
        one.publish(*situation.exit(f"c{number}", off))
        one.until(
            lambda: _outcomes(one, off, "called_off") & every,  # noqa: B023
            f"{situation.trigger} called off",
        )

    assert set(one.stop().values()) == {0}, "every process ends in peace when it is told to"
    assert len(one.twilio.accepted) == len(one.smtp.accepted) == len(SITUATIONS)
    assert "journey-key" not in one.logs(), "no secret in the logs"


# half a minute of what the kills of each run do, too
@pytest.mark.full
def test_a_broker_wiped_in_mid_journey_loses_nothing(
    tmp_path: Path, bare_postgres_url: str, broker_url: str
) -> None:
    with stage(tmp_path, bare_postgres_url, broker_url) as one:
        start_separately(one)
        claim = SITUATIONS[3]
        phones = [f"+9725000004{number:02}" for number in range(20)]
        for number, phone in enumerate(phones):
            one.put_customer(f"w{number}", phone=phone, language="he")
            one.publish(*claim.ripe(f"w{number}", f"w{number}"))
            with redis.Redis.from_url(broker_url) as client:
                client.flushall()

        one.until(lambda: len(one.twilio.accepted) >= len(phones), "every message")

        assert sorted(sms["to"] for sms in one.twilio.accepted) == sorted(phones)


def test_one_process_killed_without_a_word_comes_back_with_nothing_lost(tmp_path: Path) -> None:
    with stage(tmp_path, f"sqlite:///{tmp_path}/outreach.db", "memory://") as one:
        start_together(one)
        claim = SITUATIONS[3]
        for number in range(10):
            one.put_customer(f"k{number}", phone=f"+97250000050{number}", language="he")
            one.publish(*claim.early(f"k{number}", f"k{number}"))
        one.kill("run")
        start_together(one)
        for number in range(10):
            one.publish(*claim.ripe(f"r{number}", f"k{number}"))

        one.until(lambda: len(one.twilio.accepted) >= 10, "every message")
        pending = [one.timeline(f"k{number}") for number in range(10)]

        assert len(one.twilio.accepted) == 10
        assert all(
            any(entry.get("state") == "pending" for entry in timeline) for timeline in pending
        ), "what waited before still waits"
