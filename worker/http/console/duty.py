"""Does everything run, and what can whoever is on duty do about what does not?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy import Connection

from triggers.clock import instant
from triggers.pausing import scopes_of, shown
from worker.breaking import WELL, Health
from worker.http.console.pages import page
from worker.http.console.visits import Visit, Visiting
from worker.lifecycle import AttemptState
from worker.steps.answers import MAY_HAVE_LEFT
from worker.steps.checking import HEARD_OF, Need, check, needs
from worker.steps.parked import EXPIRED
from worker.store import failed_events
from worker.store.actions import last_actions
from worker.store.parked import Wanted, find_parked
from worker.store.pauses import read_paused
from worker.store.senders import LINE, read_unwell
from worker.store.watched import Sender, count_refused, read_senders, read_unknown, read_workers

SHOWN = 20
FIGURES = ("unread", "due", "set_aside", "parked", "unknown")
WELL_ENDED = frozenset(
    {AttemptState.ACCEPTED, AttemptState.SENT, AttemptState.DELIVERED, AttemptState.SENDING}
)
router = APIRouter()


class Line(NamedTuple):
    """A sender, or what of it rests by itself, such as a country."""

    name: str
    health: Health
    sender: Sender | None
    failed: int


@router.get("/console/duty")
def duty(visit: Visiting, done: str = "", n: int = 0) -> Response:
    """Everything on one screen."""
    skew = visit.house.parts.skew.compare()
    facts = visit.read(lambda connection: read(connection, visit, check(connection, skew)))
    told = f"done.{done}"
    known = told in visit.words.texts
    return page(
        visit, "duty", **facts, done=visit.words(told, n=f"{n:,}") if known else None, most=SHOWN
    )  # fmt: skip


def read(connection: Connection, visit: Visit, facts: dict[str, Any]) -> Mapping[str, Any]:
    now = instant(facts["at"])
    refused, aside = failed_events.Wanted(), failed_events.Wanted()
    rules = visit.rules
    return {
        "now": now,
        "facts": facts,
        "figures": [(name, facts[name]) for name in FIGURES],
        "needs": [need_told(visit, one) for one in needs(facts)],
        "old": {one.of for one in needs(facts) if one.kind == "old"},
        "workers": read_workers(connection, since=now - HEARD_OF),
        "senders": list(_lines(connection)),
        "alarms": [{**one, "since": instant(one["since"])} for one in facts["alarms"]],
        "triggers": frozenset(rules.triggers) if rules else frozenset(),
        "paused": [(row, shown(row.scope)) for row in read_paused(connection)],
        "scopes": [(one, shown(one)) for one in sorted(scopes_of(rules))] if rules else [],
        "set_aside": failed_events.find_set_aside(connection, aside, most=SHOWN),
        "refused": failed_events.find_refused(connection, refused, most=SHOWN),
        "refused_count": count_refused(connection),
        "parked": [_parked(row, now) for row in find_parked(connection, Wanted(), most=SHOWN)],
        "unknown": read_unknown(connection, most=SHOWN),
        "record": last_actions(connection, most=8),
    }


def _lines(connection: Connection) -> Iterator[Line]:
    unwell = {name.removeprefix(LINE): health for name, health in read_unwell(connection).items()}
    senders = {one.name: one for one in read_senders(connection)}
    for name in sorted(senders.keys() | unwell.keys()):
        one = senders.get(name)
        failed = sum(n for state, n in one.ended.items() if state not in WELL_ENDED) if one else 0
        yield Line(name, unwell.get(name, WELL), one, failed)


def _parked(row: Any, now: datetime) -> Mapping[str, Any]:
    return {
        "row": row,
        "expired": EXPIRED if row.expires <= now else None,
        "may_have_left": row.why in MAY_HAVE_LEFT,
    }


def need_told(visit: Visit, one: Need) -> tuple[str, str]:
    """What is said of it, and where on the page it stands."""
    words = visit.words
    of = words.of("alarm", one.of) if one.kind == "alarm" else words.of("waits", one.of)
    where = {
        "old": one.of,
        "waits": one.of,
        "alarm": "alarms",
        "configuration": "workers",
        "workers": "workers",
    }
    text = words(f"need.{one.kind}", of=of, n=one.number)
    return text, where.get(one.kind, "figures")
