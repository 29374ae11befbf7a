"""How does the doctor say to people what he found?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from worker.cli.storage import stored

WAITING = {
    "unread": "events to be read",
    "set_aside": "events set aside",
    "due": "messages due",
    "unknown": "messages of unknown fate",
    "parked": "messages parked",
}
SHOWN_BY = {"set_aside": "outreach replay set-aside", "parked": "outreach parked"}
SHORT = 12
_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60))


def lines(facts: Mapping[str, Any]) -> Iterator[str]:
    """One fact a line, and at the end what needs a person."""
    if facts["demo"]:
        yield "this is demo data: its people are invented, and nothing is sent to them"
    yield f"now: {_moment(facts['at'])}"
    yield f"clock of this machine: off by {facts['clock_off_seconds']:.1f} seconds"
    for name, words in WAITING.items():
        yield f"{words}: {_waiting(facts[name])}"
    active = facts["configuration"]
    yield f"configuration in force: {active[:SHORT] if active else 'none'}"
    yield from _listed(
        "workers of the last minute", (_worker(one, active) for one in facts["workers"])
    )
    yield from _listed("alarms", map(_alarm, facts["alarms"]))
    differs = facts["ledger_differences"].items()
    yield from _listed("ledgers differed in seven days", (f"{name}: {n}" for name, n in differs))
    yield from _listed("ledgers compared last", map(_compared, facts["ledger_compared"]))
    yield from _listed("done by operators last", map(_action, facts["actions"]))
    yield from stored(facts["storage"])
    for one in facts["needs_a_person"]:
        shown = SHOWN_BY.get(one.partition(":")[0])
        yield f"needs a person: {one}" + (f"; `{shown}` lists them" if shown else "")
    if not facts["needs_a_person"]:
        yield "all is well"


def _listed(title: str, found: Iterator[str]) -> Iterator[str]:
    rows = list(found)
    yield f"{title}:" if rows else f"{title}: none"
    for row in rows:
        yield f"  {row}"


def _waiting(one: Mapping[str, Any]) -> str:
    if not one["count"]:
        return "none"
    return f"{one['count']}, the oldest for {_length(one['oldest_seconds'] or 0)}"


def _worker(one: Mapping[str, Any], active: str) -> str:
    works_by = one["configuration"]
    other = "" if works_by == active else f", works by {(works_by or 'no configuration')[:SHORT]}"
    return f"{one['role']}, heard of at {_moment(one['seen'])}{other}"


def _alarm(one: Mapping[str, Any]) -> str:
    times = "once" if one["times"] == 1 else f"{one['times']} times"
    detail = f": {one['detail']}" if one["detail"] else ""
    return f"{one['kind']}:{one['subject']} since {_moment(one['since'])}, {times}{detail}"


def _compared(one: Mapping[str, Any]) -> str:
    return f"{one['sender']}, {one['day'][:10]}: {one['compared']} messages"


def _action(one: Mapping[str, Any]) -> str:
    return f"{_moment(one['at'])}  {one['by']}: {one['action'].replace('_', ' ')}"


def _moment(text: str) -> str:
    return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M:%S} UTC"


def _length(seconds: int) -> str:
    """In the largest unit that it fills."""
    for name, length in _UNITS:
        if seconds >= length:
            count = seconds // length
            return f"{count} {name}" + ("s" if count > 1 else "")
    return "less than a minute"
