"""Does a forecast hold what may leave at a time, also where something else comes in between?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from triggers.configuration import read_configuration
from triggers.events import Event
from triggers.forecast import Forecast
from triggers.lines import Line
from triggers.remembering import BEGINNING
from triggers.verdicts import Outcome

EVENING = datetime(2026, 11, 3, 17, 50, tzinfo=UTC)
POLICY = """
languages: [en]
timezone: Asia/Jerusalem
country: IL
place: jerusalem
grace: 0s
categories: {service: {quiet: nights}}
quiet: {nights: {nights: 21:00 to 08:30, resume: 09:00, spread: 0s}}
agents: {desk: {capacity: 2 per 1h}}
"""
ENTERED = "event: shop.entered\nabout: x\ndata: {type: object}\n"
TRIGGER = """
trigger: hello
about: Somebody came.
on: shop.entered
send: [SENT]
limits: {category: service, expires: 2d, PACE}
"""


def lines(*, send: str, pace: str = "", policy: str = "") -> list[Line]:
    """Ten customers come at one moment, an hour and a bit before the night."""
    configuration = read_configuration(
        {
            "config/outreach.yaml": POLICY + policy,
            "config/events/shop.entered.yaml": ENTERED,
            "config/triggers/hello.yaml": TRIGGER.replace("SENT", send).replace(", PACE", pace),
            "templates/hello/sms.en.txt": "Hello",
            "templates/hello/agent.en.txt": "Call",
        }
    )
    forecast = Forecast(configuration, arms=False)
    found: list[Line] = []
    for number in range(10):
        customer = f"c{number}"
        forecast.know(customer, {"phone": f"+97250123000{number}"}, BEGINNING)
        found += forecast.take(
            Event("shop", f"e{number}", "shop.entered", EVENING, customer, {}, EVENING, customer)
        )
    return [*found, *forecast.finish(EVENING + timedelta(days=2))]


@pytest.mark.parametrize(
    "limits",
    [
        {"send": "{message: hello, by: [sms]}", "pace": ", pace: 2 per 1h"},
        {"send": "{message: hello, by: [sms]}", "policy": "sms: {rate: 2 per 1h}\n"},
        {"send": "{message: hello, by: [sms]}", "policy": "fuse: {trigger: 2 per 1h}\n"},
        {"send": "{agent: desk}"},
    ],
    ids=["pace", "rate", "fuse", "queue"],
)
def test_a_night_in_between_lets_no_more_leave_at_its_end(limits: dict[str, str]) -> None:
    found = lines(**limits)

    left = sorted(line.at for line in found)
    assert {line.outcome for line in found} <= {Outcome.SENT, Outcome.HANDED_OVER}
    assert len(left) == 10
    pairs = zip(left[:-2], left[2:], strict=True)
    assert all(third - first >= timedelta(hours=1) for first, third in pairs)
    assert any(line.at.hour == 7 for line in found), "9 o'clock there: the night was in between"
