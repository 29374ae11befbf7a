"""Is the word that decided found where it stands, in whichever document of a file?"""

from __future__ import annotations

import pytest

from tests.triggers.accounts import ONCE, files
from triggers.configuration import read_configuration
from triggers.explaining.settings import Files
from triggers.verdicts import Reason

LIMITS = "limits: {category: marketing}"
SECOND = ONCE.replace("once_only", "second").replace(
    LIMITS, "limits:\n  category: marketing\n  cooldown: 3d"
)
TWO = {
    **files(),
    "config/triggers/once_only.yaml": f"{ONCE}---\n{SECOND}",
    "config/outreach.yaml": files()["config/outreach.yaml"] + "email: {rate: 2 per 1s}\n",
}


@pytest.mark.parametrize(
    ("trigger", "reason", "channel", "said"),
    [
        ("second", Reason.COOLDOWN, "", "limits.cooldown: 3d, config/triggers/once_only.yaml:15"),
        ("once_only", Reason.COOLDOWN, "", "limits.cooldown: , config/triggers/once_only.yaml:6"),
        ("second", Reason.WHEN_FALSE, "", "when: , config/triggers/once_only.yaml:8"),
        ("second", Reason.RATE, "email", "email.rate: 2 per 1s, config/outreach.yaml:16"),
        ("second", Reason.RATE, "sms", "sms.rate: 10 per 1s, config/outreach.yaml:13"),
        (
            "plan_ending",
            Reason.PACE,
            "",
            "limits.pace: 9 per 1h, config/triggers/plan_ending.yaml:11",
        ),
    ],
)
def test_a_word_is_told_with_its_value_and_its_line(
    trigger: str, reason: Reason, channel: str, said: str
) -> None:
    found = Files(TWO).of(read_configuration(TWO).triggers[trigger], reason, "", channel)

    assert found is not None
    assert f"{found.word}: {found.value}, {found.place}" == said
