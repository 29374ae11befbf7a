"""Is it told where quiet never ends, and where a day's patience ends before the Sabbath?"""

from __future__ import annotations

import pytest

from tests.triggers.configurations import bank
from triggers.configuration import read_configuration
from triggers.mistakes import Mistake

POLICY = """\
languages: [en, he]
segments: {senior: customer.age >= 70}
agents: {retention: {}}
quiet: {nights: {nights: 21:00 to 08:00}}
categories: {service: {}, marketing: {}, nights: {quiet: nights}, urgent: {}}
"""


def warnings(limits: str) -> list[str]:
    trigger = "trigger: x\non: plan.updated\nsend: [{message: hello, by: [sms]}]\n"
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
