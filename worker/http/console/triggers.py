"""What does each trigger do, what came of it lately, and what waits for it?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy import Connection

from triggers.configuration import Configuration
from triggers.definitions import Limits, MessageRoute, Mode, Trigger
from triggers.pausing import shown, touching
from triggers.sentences import Said, sentence
from worker.http.console.funnel import DAYS, Funnel, read_funnel
from worker.http.console.pages import page
from worker.http.console.shelf import Counted, Shelves, shelf_of
from worker.http.console.visits import Visit, Visiting
from worker.store import funnel
from worker.store.alerts import Alarm, standing_alerts
from worker.store.bundles import bundle_files, newest_activations
from worker.store.clock import read_now
from worker.store.pauses import read_paused

HOME = "/console/triggers"
WEEK = timedelta(days=7)
FRESH = 7
"""What became of so many days is counted for each look; of more, it is kept so long:"""
KEPT = timedelta(minutes=1)
SHOWN = 25
LONGEST_FILE = 20_000
OF_TRIGGERS = frozenset(
    {Alarm.SILENCE, Alarm.RUNAWAY, Alarm.FUSE_BLOWN, Alarm.SPEND_NEAR, Alarm.SPEND_REACHED,
     Alarm.CLAIM_FAILED}
)  # fmt: skip
_shelves: Shelves = WeakKeyDictionary()
router = APIRouter()


class Row(NamedTuple):
    """One line of the list. `sent`: messages of the last seven days."""

    trigger: Trigger
    said: Said
    marks: Sequence[tuple[str, str]]
    waiting: int
    sent: int
    pauses: Sequence[Any]
    alarms: Sequence[Any]


@router.get(HOME)
def every(visit: Visiting, show: str = "") -> Response:
    """`show`: a part of a name; all where it is empty."""
    rules = visit.rules
    if rules is None:
        return page(visit, "triggers", rows=[], asked="", whole=0, now=visit.read(read_now))
    asked = show.strip().lower()[:100]
    wanted = [one for name, one in sorted(rules.triggers.items()) if asked in name.lower()]
    now, rows = visit.read(lambda c: (read_now(c), list(_rows(c, visit, wanted))))
    return page(visit, "triggers", rows=rows, asked=asked, whole=len(rules.triggers), now=now)


@router.get(f"{HOME}/{{name}}")
def one(visit: Visiting, name: str, days: int = 7, done: str = "", n: int = 0) -> Response:
    """`days`: how far back it is counted."""
    rules = visit.rules
    trigger = rules.triggers.get(name) if rules else None
    if rules is None or trigger is None:
        return no_trigger(visit)
    length = days if days in DAYS else 7
    facts = visit.read(lambda connection: read(connection, visit, rules, trigger))
    counted = _funnel(visit, rules, name, length)
    told = f"done.{done}"
    known = told in visit.words.texts
    return page(
        visit, "trigger", **facts, trigger=trigger, funnel=counted.told,
        counted=counted.at if length > FRESH else None, kept=KEPT, days=length, lengths=DAYS,
        most=SHOWN,
        done=visit.words(told, n=f"{n:,}") if known else None,
    )  # fmt: skip


def _funnel(visit: Visit, rules: Configuration, name: str, days: int) -> Counted:
    """Of many days it is kept for a while."""

    def count() -> Funnel:
        return visit.read(lambda connection: read_funnel(connection, name, rules.policy, days))

    now = visit.house.now()
    if days <= FRESH:
        return Counted(now, count())
    return shelf_of(_shelves, visit.house, KEPT).get((rules.hash, name, days), now, count)


def no_trigger(visit: Visit) -> Response:
    return page(visit, "wrong", status=HTTPStatus.NOT_FOUND, why="no_trigger")


def read(
    connection: Connection, visit: Visit, rules: Configuration, trigger: Trigger
) -> Mapping[str, Any]:
    name, now = trigger.name, read_now(connection)
    force = next(iter(newest_activations(connection, most=1)), None)
    files = bundle_files(connection, force.bundle) if force else {}
    messages = [one.message for one in trigger.send if isinstance(one, MessageRoute)]
    return {
        "now": now,
        "said": sentence(trigger, visit.words.language),
        "marks": list(marks_of(trigger.limits)),
        "limits": list(limits_of(trigger.limits)),
        "within": rules.policy.outcome_within,
        "pending": funnel.read_pending(connection, name, most=SHOWN),
        "pauses": _pauses(connection, trigger),
        "alarms": _alarms(connection).get(name, []),
        "force": force,
        "file": files.get(trigger.place.file, "")[:LONGEST_FILE],
        "messages": list(dict.fromkeys(messages)),
    }  # fmt: skip


def marks_of(limits: Limits) -> Iterator[tuple[str, str]]:
    """What is not as it is for most: a word, and its number where it has one."""
    if limits.mode is not Mode.LIVE:
        yield f"triggers.mode.{limits.mode}", ""
    if limits.ramp < 1:
        yield "triggers.ramp", f"{limits.ramp:.0%}"
    if limits.holdout:
        yield "triggers.holdout", f"{limits.holdout:.0%}"


def limits_of(limits: Limits) -> Iterator[tuple[str, str]]:
    """As the words of its file, whether they are written there or not."""
    yield "category", limits.category
    yield "mode", limits.mode
    yield "ramp", f"{limits.ramp:.0%}"
    yield "holdout", f"{limits.holdout:.0%}"
    yield "priority", limits.priority.name.lower()
    yield "expires", _length(limits.expires)
    yield "cooldown", _length(limits.cooldown)
    yield "pace", str(limits.pace or "–")


def _length(length: timedelta | None) -> str:
    if length is None:
        return "–"
    hours = length.total_seconds() / 3600
    return f"{hours / 24:g}d" if hours % 24 == 0 else f"{hours:g}h"


def _rows(connection: Connection, visit: Visit, wanted: Sequence[Trigger]) -> Iterator[Row]:
    names = [one.name for one in wanted]
    if not names:
        return
    waiting = funnel.count_waiting(connection, names)
    sent = funnel.count_messages(connection, names, since=read_now(connection) - WEEK)
    paused, alarms = read_paused(connection), _alarms(connection)
    for trigger in wanted:
        name = trigger.name
        yield Row(
            trigger=trigger,
            said=sentence(trigger, visit.words.language),
            marks=list(marks_of(trigger.limits)),
            waiting=waiting.get(name, 0),
            sent=sent.get(name, 0),
            pauses=_touching(paused, trigger),
            alarms=alarms.get(name, []),
        )


def _pauses(connection: Connection, trigger: Trigger) -> Sequence[Any]:
    return _touching(read_paused(connection), trigger)


def _touching(paused: Sequence[Any], trigger: Trigger) -> list[tuple[Any, str, bool]]:
    """The pauses that hold it: the row, as it is written, and whether it is the trigger's own."""
    scopes, own = touching(trigger), f"trigger:{trigger.name}"
    return [(row, shown(row.scope), row.scope == own) for row in paused if row.scope in scopes]


def _alarms(connection: Connection) -> Mapping[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in standing_alerts(connection):
        if row.kind in OF_TRIGGERS:
            found.setdefault(row.subject, []).append(row)
    return found
