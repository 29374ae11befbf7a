"""How are durations, rates, shares, prices and wall times written?"""

from __future__ import annotations

import re
from datetime import time, timedelta
from decimal import Decimal

from triggers.calendars.hours import parse_wall_time
from triggers.definitions import Budget, Rate
from triggers.durations import Duration, parse_duration
from triggers.mistakes import quoted
from triggers.nodes import Node, Scalar
from triggers.reading.fields import Notes, parsed

PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,4})?) ?%")
MOST_DECIMALS = 6
HIGHEST_PRICE = 1_000_000
RATE = re.compile(r"([0-9]{1,9}) per (\S+)")
BUDGET = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?) per (\S+)")


def parse_rate(text: str) -> Rate:
    found = RATE.fullmatch(text.strip())
    if found is None or int(found[1]) == 0:
        raise ValueError(f"{quoted(text)} is not a rate; write 200 per 1h")
    return Rate(int(found[1]), _interval(found[2], f"{quoted(text)} is not a rate"))


def parse_budget(text: str) -> Budget:
    found = BUDGET.fullmatch(text.strip())
    if found is None or not Decimal(found[1]):
        raise ValueError(f"{quoted(text)} is no amount for a time; write 500 per 1d")
    per = _interval(found[2], f"{quoted(text)} is no amount for a time")
    return Budget(Decimal(found[1]), per)


def _interval(text: str, refusal: str) -> timedelta:
    per = parse_duration(text).elapsed
    if not per:
        raise ValueError(f"{refusal}: its interval is nothing")
    return per


def parse_share(text: str) -> float:
    found = PERCENT.fullmatch(text.strip())
    if found is None or float(found[1]) > 100:
        raise ValueError(f"{quoted(text)} is not a share; write 10%, between 0% and 100%")
    return float(found[1]) / 100


def parse_span(text: str) -> timedelta:
    """Elapsed time, longer than none: here a day is 24 hours."""
    span = parse_duration(text).elapsed
    if not span:
        raise ValueError(f"{quoted(text)} is no time at all")
    return span


def duration(node: Node, notes: Notes) -> Duration | None:
    return parsed(node, notes, "a duration such as 7d or 1h30m", parse_duration)


def span(node: Node, notes: Notes) -> timedelta | None:
    return parsed(node, notes, "a duration such as 7d or 1h30m", parse_span)


def pause(node: Node, notes: Notes) -> timedelta | None:
    """Elapsed time, none allowed."""
    found = duration(node, notes)
    return None if found is None else found.elapsed


def rate(node: Node, notes: Notes) -> Rate | None:
    return parsed(node, notes, "a rate such as 200 per 1h", parse_rate)


def budget(node: Node, notes: Notes) -> Budget | None:
    return parsed(node, notes, "an amount for a time such as 500 per 1d", parse_budget)


def share(node: Node, notes: Notes) -> float | None:
    return parsed(node, notes, "a share such as 10%", parse_share)


def wall_time(node: Node, notes: Notes) -> time | None:
    return parsed(node, notes, "a time of day such as 09:00", parse_wall_time)


def price(node: Node, notes: Notes) -> Decimal | None:
    """A plain number; exact, for a million of them are added up."""
    value = node.value if isinstance(node, Scalar) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        notes.unwanted(node, "a price such as 0.04")
        return None
    if not 0 <= value <= HIGHEST_PRICE:
        notes.unwanted(node, f"a price from 0 to {HIGHEST_PRICE:,}")
        return None
    # by its text: the float 0.04 itself is 0.040000000000000001
    exact = Decimal(str(value))
    if exact != round(exact, MOST_DECIMALS):
        notes.wrong(node, f"a price has at most {MOST_DECIMALS} decimals")
        return None
    return exact
