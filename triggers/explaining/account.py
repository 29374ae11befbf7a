"""What has a trigger to say of a customer: where it spoke, where it stayed silent, and why?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from triggers.events import Event
from triggers.explaining.known import Dossier
from triggers.explaining.points import Account, nothing_came, silent
from triggers.explaining.silence import Kept, kept_from
from triggers.explaining.told import OfTrigger, Point, Silence
from triggers.explaining.tongue import Tongue
from triggers.verdicts import Reason

MOST_POINTS = 5
_STATES = {
    "new": Silence.UNREAD,
    "set_aside": Silence.SET_ASIDE,
    "withdrawn": Silence.WITHDRAWN,
}


def account(dossier: Dossier, tongue: Tongue) -> OfTrigger:
    """The newest first; where nothing ever happened, one point says so."""
    points = sorted(_points(dossier, tongue), key=_moment, reverse=True)
    trigger = dossier.rules.trigger
    return OfTrigger(
        trigger=trigger.name,
        about=trigger.about,
        place=trigger.place,
        bundle=dossier.rules.bundle,
        points=tuple(points[:MOST_POINTS]) or (nothing_came(dossier, tongue),),
        more=max(0, len(points) - MOST_POINTS) + dossier.older,
    )


def _moment(point: Point) -> tuple[datetime, str]:
    return point.at or datetime.min.replace(tzinfo=UTC), point.key or ""


def _points(dossier: Dossier, tongue: Tongue) -> Iterator[Point]:
    accounts = [Account.of(dossier, case, tongue) for case in dossier.cases]
    yield from (one.point() for one in accounts)
    told = {
        event.order
        for one in accounts
        if one.occurrence
        for event in (one.occurrence.start, one.occurrence.event)
    }
    told |= {one.ended.by.order for one in accounts if one.ended}
    on = dossier.rules.trigger.on
    for key, of in dossier.keys.items():
        starts = [one for one in of.facts if one.type == on]
        newest = max(starts, key=lambda one: one.order, default=None)
        if newest is None or newest.order in told or (newest.source, newest.id) in dossier.started:
            continue
        kept = kept_from(of, newest)
        if (kept is None or kept.why is Silence.SPENT) and _forgotten(dossier, key, newest):
            kept = Kept(Silence.FORGOTTEN, newest)
        if kept is not None:
            yield silent(dossier, tongue, key if of.trigger.key else None, kept)
    yield from _unheard(dossier, tongue)


def _unheard(dossier: Dossier, tongue: Tongue) -> Iterator[Point]:
    """Events that never became facts: unread, withdrawn, without a key, or before its time."""
    facts = {(one.source, one.id) for of in dossier.keys.values() for one in of.facts}
    keyless = {
        (cause.source, cause.id): note.detail
        for note in dossier.notes
        if note.reason == Reason.NO_KEY
        for cause in note.causes
    }
    seen: set[Silence] = set()
    for start in dossier.starts:
        name = (start.event.source, start.event.id)
        why = _STATES.get(start.state)
        if why is None and name in keyless:
            why = Silence.NO_KEY
        if why is None and name not in facts and _too_early(dossier, start.event.received):
            why = Silence.BEFORE_TRIGGER
        if why is not None and why not in seen:
            seen.add(why)
            kept = Kept(why, start.event, keyless.get(name, ""))
            yield silent(dossier, tongue, None, kept)


def _forgotten(dossier: Dossier, key: str, event: Event) -> bool:
    """Whether it was read, and nothing is left of what was decided on it. Of one customer what
    came first is read first."""
    read = (one.event.received for one in dossier.starts if one.state == "read")
    return key not in dossier.decided and any(event.received <= one for one in read)


def _too_early(dossier: Dossier, received: datetime) -> bool:
    return dossier.born is not None and received < dossier.born
