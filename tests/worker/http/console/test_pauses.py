"""Is it shown which pauses hold a trigger, and what a pause would hold before it does?"""

from __future__ import annotations

import re

import pytest

from tests.worker.http.console.busy import TRIGGER, busy
from tests.worker.http.console.conftest import Visit
from tests.worker.http.console.test_triggers import PAGE, text_of
from tests.worker.http.house import House
from worker.steps.pausing import pause
from worker.store.engine import reading
from worker.store.pauses import read_paused


def test_a_pause_of_its_channel_is_shown_beside_a_trigger(house: House, visit: Visit) -> None:
    busy(house)
    pause(house.engine, ["channel:email", "category:urgent"], by="dana", why="the server moves")

    page = text_of(visit("viewer").get(f"{PAGE}?language=en").text)

    assert "channel:email" in page
    assert "the server moves" in page
    assert "category:urgent" not in page


@pytest.mark.parametrize(
    ("scope", "held"),
    [
        (f"trigger:{TRIGGER}", {TRIGGER: ("2", "25", "0")}),
        ("channel:sms", {TRIGGER: ("2", "25", "0")}),
        ("*", {TRIGGER: ("2", "25", "0")}),
        ("trigger:low_checkbook", {}),
        ("category:urgent", {}),
    ],
)
def test_what_a_pause_would_hold_is_counted_before_it_holds(
    house: House, visit: Visit, scope: str, held: dict[str, tuple[str, ...]]
) -> None:
    busy(house)
    visitor = visit("operator")
    before = reading(house.engine, read_paused)

    page = visitor.post("/console/duty/holds", "/console/duty", scope=scope, why="why?").text

    row = r'triggers/(\w+)"><bdi>\w+</bdi></a></th>' + r'<td class="n">(\d+)</td>' * 3
    assert {name: tuple(numbers) for name, *numbers in re.findall(row, page)} == held
    assert 'value="why?"' in page
    assert reading(house.engine, read_paused) == before
