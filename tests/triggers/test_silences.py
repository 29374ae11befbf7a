"""Is it told where quiet never ends, and where patience ends before the Sabbath or the night do?"""

from __future__ import annotations

import pytest

from tests.triggers.configurations import bank
from triggers.configuration import read_configuration
from triggers.mistakes import Mistake

POLICY = """\
languages: [en, he]
segments: {senior: customer.age >= 70}
agents: {retention: {}}
quiet: {nights: {nights: 21:00 to 08:00}, sundays: {nights: 21:00 to 08:00, days: [sun]}}
categories:
  service: {}
  marketing: {}
  nights: {quiet: nights}
  sundays: {quiet: sundays}
  urgent: {}
"""


def warnings(limits: str, more: str = "") -> list[str]:
    trigger = f"trigger: x\non: plan.updated\n{more}send: [{{message: hello, by: [sms]}}]\n"
    files = {"config/outreach.yaml": POLICY, "config/triggers/x.yaml": f"{trigger}limits: {limits}"}
    read = read_configuration(bank(files))
    told: list[Mistake] = [one for one in read.warnings if one.file == "config/triggers/x.yaml"]
    return list(map(str, told))


@pytest.mark.parametrize("expires", ["1d", "24h", "25h30m"])
def test_a_day_is_shorter_than_a_sabbath(expires: str) -> None:
    assert warnings(f"{{category: service, expires: {expires}}}") == [
        f"config/triggers/x.yaml:4:38: warning: '{expires}' ends before the Sabbath does:"
        " what falls due as it begins is never sent; write 2d"
    ]


@pytest.mark.parametrize(
    "limits",
    [
        "{category: service, expires: 26h}",
        "{category: service, expires: 2d}",
        "{category: service, expires: 3h}",
        "{category: service}",
        "{category: nights, expires: 1d}",
        "{category: urgent, expires: 1d}",
    ],
)
def test_who_may_wait_longer_or_wrote_hours_or_keeps_no_sabbath_is_not_warned(limits: str) -> None:
    assert warnings(limits) == []


NIGHTLY = [
    ("until 22:00", "{category: nights, expires: 9h}"),
    ("until 21:00", "{category: nights, expires: 10h}"),
    ("until 03:00", "{category: nights, expires: 4h}"),
    ("1d at 23:30", "{category: nights, expires: 1h}"),
]


@pytest.mark.parametrize(("wait", "limits"), NIGHTLY)
def test_what_falls_due_by_night_and_expires_in_it_is_told(wait: str, limits: str) -> None:
    assert warnings(limits, f"wait: {wait}\n") == [
        f"config/triggers/x.yaml:3:7: warning: {wait[-5:]} is night, and by the morning it has"
        " expired: who keeps the night never gets it; write another hour, or a longer 'expires'"
    ]


OUTLIVING = [
    ("until 22:00", "{category: nights, expires: 11h}"),
    # in the night in which the clocks go forward it is still of use
    ("until 22:00", "{category: nights, expires: 9h30m}"),
    ("until 20:00", "{category: nights, expires: 1h}"),
    ("until 08:00", "{category: nights, expires: 1h}"),
    ("until 12:00", "{category: sundays, expires: 1h}"),
    ("until 22:00", "{category: urgent, expires: 1h}"),
    ("until 22:00", "{category: nights}"),
    ("22h", "{category: nights, expires: 1h}"),
    ("1d before event.data.end_date at 22:00", "{category: nights, expires: 1h}"),
]


@pytest.mark.parametrize(("wait", "limits"), OUTLIVING)
def test_what_may_reach_somebody_in_some_night_is_not_told(wait: str, limits: str) -> None:
    assert warnings(limits, f"wait: {wait}\n") == []
