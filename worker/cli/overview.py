"""How is what became of everything shown, so that the most important fits on any terminal?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.table import Table
from rich.text import Text

from triggers.customers import Customer
from triggers.definitions import Policy
from triggers.resting import rests, unresting
from triggers.verdicts import Reason
from triggers.zones import zone_of

TITLE = "What became of the samples"
HEADINGS = ("trigger", "customer", "what", "when, or why")
HEAD_LINES = 1
"""Lines of the table before its first row."""
COLOURS = {"messaged": "green", "handed_over": "green", "pending": "yellow"}
WORDS = {"pending": "wait", "called_off": "called off", "handed_over": "handed over"}
QUIET = {"night": "night", "sabbath": "Sabbath or holiday", "holiday": "holiday",
         "weekday": "day of rest"}  # fmt: skip
ORDER = ("sent", "pending", "handed_over", "called_off", "skipped")


@dataclass(frozen=True, slots=True)
class Shown:
    """What was read at one moment.

    `exits`: occurrence id -> the event that called it off. `mistake`: why the folder as it is now
    is not in force.
    """

    rows: Sequence[Any]
    exits: Mapping[str, str]
    outcomes: Mapping[str, int]
    events: Mapping[str, int]
    policy: Policy
    quiet: str = ""
    mistake: str = ""


def quiet_told(policy: Policy, now: datetime) -> str:
    """What waits because of the hour; nothing where none of it does."""
    zone = ZoneInfo(policy.timezone)
    found = ((one, one.resumes) for one in rests(policy, now))
    waits = "; ".join(
        f"{', '.join(one.categories)} till {until.astimezone(zone):%d.%m. %H:%M} {zone.key}"
        f" ({QUIET[one.kind]})"
        for one, until in found
        if until is not None
    )
    leaves = ", ".join(unresting(policy)) or "nothing"
    return f"quiet hours now: {waits}; {leaves} leaves at any hour" if waits else ""


def counted(outcomes: Mapping[str, int]) -> str:
    """`3 sent, 9 wait, 3 called off, 1 skipped`."""
    names = [name for name in ORDER if name in outcomes]
    names += sorted(outcomes.keys() - set(ORDER))
    told = (f"{outcomes[name]} {WORDS.get(name, name.replace('_', ' '))}" for name in names)
    return ", ".join(told) or "nothing yet"


def table_of(shown: Shown, *, lines: int | None) -> Table:
    """The newest first, in so many lines; without a limit, all that was read."""
    table = Table(
        *HEADINGS, box=None, expand=True, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim"
    )
    for column in table.columns:
        column.no_wrap, column.overflow = True, "ellipsis"
    table.columns[-1].ratio = 1
    used = taken = 0
    for row in shown.rows:
        cell = "\n".join(_words(row, shown))
        used += cell.count("\n") + 1
        # a line is kept for telling how many do not fit
        if lines is not None and used > lines - HEAD_LINES - 1:
            break
        taken += 1
        table.add_row(row.trigger, row.customer_id, _what(row), cell)
    more = sum(shown.outcomes.values()) - taken
    if more > 0:
        table.add_row(Text(f"and {more} more", "dim"), "", "", "")
    return table


def _what(row: Any) -> Text:
    state = WORDS.get(row.state, row.state) if row.state != "pending" else "waits"
    what = state if row.message_state is None else f"{row.channel} {row.message_state}"
    return Text(what.replace("_", " "), COLOURS.get(row.state, "dim"))


def _words(row: Any, shown: Shown) -> Iterator[str]:
    yield _why(row, shown)
    text = row.subject or row.text
    if text:
        yield " ".join(text.split())


def _why(row: Any, shown: Shown) -> str:
    if row.state == "pending":
        until = " ".join(part for part in (row.reason, "until", _moment(row, shown.policy)) if part)
        return f"{until}: {row.detail}" if row.detail else until
    if row.message_state is not None:
        return f"to {row.address}" + (f", {row.why}" if row.why else "")
    if row.reason == Reason.CALLED_OFF:
        return f"by {shown.exits[row.id]}" if row.id in shown.exits else ""
    return ": ".join(part for part in (row.reason, row.detail) if part)


def _moment(row: Any, policy: Policy) -> str:
    """On the customer's own clock, with its distance from UTC."""
    zone = zone_of(Customer(row.customer_id, row.profile or {}), policy).zones[0]
    local = row.due.astimezone(zone)
    return f"{local:%d.%m. %H:%M} {local.isoformat()[-6:]}"
