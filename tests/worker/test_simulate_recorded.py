"""Does `outreach simulate` take what an installation recorded of its own words?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from tests.worker.small_world import NOON, files
from tests.worker.test_apply_command import write
from tests.worker.test_simulate import LEFT, Table, table, told
from triggers.clock import stamp

__all__ = ["table"]

NO_CLICK = """
trigger: no_click
on: outreach.sent
key: event.data.message_id
when: event.data.trigger == "cart"
wait: 1d
unless: outreach.clicked
send: [{message: hello, by: [sms]}]
limits: {category: service}
"""


def own(type_: str, *, hours: float, key: str = "k1", message: str = "m1", **more: Any) -> Any:
    """As an installation recorded it: its messages have ids that only it could give."""
    data = {"trigger": "cart", "key": key, "message_id": message, **more}
    return {**told(type_, f"{message}:{type_}", hours=hours, **data), "source": "outreach"}


CLICKED = own("outreach.clicked", hours=3)
SENT = own("outreach.sent", hours=1.1)


def ends(lines: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str | None]]:
    return sorted((one["trigger"], one["outcome"], one["reason"]) for one in lines)


@pytest.mark.parametrize("recorded", [(SENT, CLICKED), (CLICKED,)])
def test_a_recorded_click_calls_off_what_waits_for_none(
    table: Table, recorded: tuple[Any, ...]
) -> None:
    write(table.folder, files(NO_CLICK))

    assert ends(table.outcomes(LEFT)) == [("cart", "sent", None), ("no_click", "sent", None)]
    assert ends(table.outcomes(LEFT, *recorded)) == [
        ("cart", "sent", None),
        ("no_click", "called_off", "outreach.clicked"),
    ]


def test_a_click_belongs_to_the_message_that_was_clicked(table: Table) -> None:
    write(table.folder, files(NO_CLICK, TWICE))
    again = told("cart.left", "7", hours=4, cart="k1")
    second = own("outreach.sent", hours=5.1, message="m2")
    late_click = {**CLICKED, "time": stamp(NOON + timedelta(hours=6))}

    lines = table.outcomes(LEFT, SENT, again, second, late_click)

    told_of = {one["key"]: one["outcome"] for one in lines if one["trigger"] == "no_click"}
    assert {key.rpartition("|")[2]: told for key, told in told_of.items()} == {
        "1": "called_off",
        "7": "sent",
    }


TWICE = """
trigger: cart
on: cart.left
key: event.data.cart
again: each
wait: 1h
send: [{message: hello, by: [sms]}]
limits: {category: service}
"""


def test_what_we_said_of_our_triggers_is_said_anew_and_counted(table: Table) -> None:
    write(table.folder, files(NO_CLICK))
    gone = own("outreach.sent", hours=2, message="m3")
    gone["data"]["trigger"] = "one_that_is_gone"

    result = table.run(LEFT, SENT, gone, more=["--format", "json"])

    assert len(result.stdout.splitlines()) == 2, "one message, and one that followed it"
    assert result.stderr == "refused 0, duplicates 0, said anew 1\n"


def test_what_is_ours_comes_only_from_us_and_as_we_say_it(table: Table) -> None:
    result = table.run(
        {**CLICKED, "source": "shop"},
        {**CLICKED, "data": {}},
        {**CLICKED, "subject": None},
        {**LEFT, "source": "outreach"},
    )

    complaints = result.stderr.replace(f"{table.folder}/", "").splitlines()
    assert [one.partition("refused: ")[2] for one in sorted(complaints[:-1])] == [
        "/type 'outreach.clicked' is what we say ourselves",
        '/data "trigger" is a required property',
        "/subject must hold the customer's id",
        "/source 'outreach' is reserved for what we say ourselves",
    ]
