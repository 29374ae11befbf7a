"""Does deciding stay cheap, however many triggers and examples there are?"""

from __future__ import annotations

import sys
import time
from types import FrameType

from bench.deciding import seen, silent
from tests.triggers.configurations import HELLO, bank
from triggers.configuration import Configuration, read_configuration
from triggers.examples import play_examples
from triggers.forecast import Forecast

STORY = """\
  - name: story {number}
    customer: {{id: c1, phone: "+972501234567", language: en, timezone: Asia/Jerusalem}}
    events: [{{at: 2026-11-03T12:00+02:00, type: call.ended, data: {{caller: c1}}}}]
    expect: [{{at: 2026-11-03T12:00+02:00, sms: {{contains: Hello}}}}]
"""


def calls(configuration: Configuration) -> int:
    """How many functions of ours a hundred events call: no clock is as steady."""
    forecast, events, found = Forecast(configuration), seen(100), 0

    def count(_frame: FrameType, what: str, _argument: object) -> None:
        nonlocal found
        found += what == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        told = [line for event in events for line in forecast.take(event)]
    finally:
        sys.setprofile(before)
    assert told == []
    return found


def test_an_event_costs_the_same_however_many_triggers_do_not_match() -> None:
    few = calls(silent(10, types=1))

    assert few > 100
    # what is remembered for good costs a call or two, once
    assert calls(silent(1_000, types=1)) < 1.01 * few
    assert calls(silent(1_000, types=1_000)) < 1.01 * few


def test_a_thousand_examples_are_played_in_less_than_ten_seconds() -> None:
    told = "".join(STORY.format(number=number) for number in range(1_000))
    configuration = read_configuration(
        bank({"config/triggers/hello.yaml": f"{HELLO}examples:\n{told}"})
    )
    begun = time.process_time()

    played = list(play_examples(configuration))

    assert time.process_time() - begun < 10
    assert [one.holds for one in played] == [True] * 1_000
