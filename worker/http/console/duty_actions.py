"""What becomes of it when whoever is on duty decides? Shown first; done when he is sure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy import Connection

from triggers.pausing import NoScope, may_hold, read_scope, scopes_of, shown
from worker.bells import Bell
from worker.http.console.pages import go, page
from worker.http.console.visits import Form, Posted, Visit, Visiting, field
from worker.http.parts import Doors
from worker.steps import parked, pausing
from worker.steps.announcing import hearing_of
from worker.steps.checking import dismiss
from worker.steps.parked import Choice
from worker.steps.replaying import Replay, Tried, as_they_came
from worker.store.agenda import read_soon
from worker.store.clock import read_now
from worker.store.engine import in_transaction
from worker.store.failed_events import Wanted, find_refused, find_set_aside
from worker.store.parked import Wanted as WantedParked
from worker.store.pauses import read_paused

MOST = 500
"""No more are shown, and done, at once."""
PREVIEWED = 50
"""Each is tried by itself for the preview; of more, the first so many."""
HOME = "/console/duty"
CHOICES = {"release": Choice.RELEASE, "give_up": Choice.GIVE_UP, "arrived": Choice.ARRIVED}
Find = Callable[[Connection, Wanted], Sequence[Any]]
router = APIRouter()


@router.post("/console/duty/parked")
def decide_parked(visit: Visiting, form: Posted) -> Response:
    """Release, give up or settle parked messages."""
    choice, ids = CHOICES.get(field(form, "choice")), form.get("id", [])[:MOST]
    if choice is None or not ids:
        return _nothing(visit)
    wanted = WantedParked(ids)
    if not _sure(form):
        found = list(parked.preview(visit.engine, wanted, choice))
        rows = [(one.id, one.trigger or "", one.refused) for one in found]
        return _effect(visit, form, f"parked.{field(form, 'choice')}", rows)
    hearing = hearing_of(visit.rules)
    done = parked.decide(visit.engine, hearing, wanted, choice, by=visit.by)
    _ring(visit.house, Bell.CLAIM, Bell.EVALUATE)
    return _done(visit, form, sum(one.refused is None for one in done))


@router.post("/console/duty/refused")
def replay_refused(visit: Visiting, form: Posted) -> Response:
    """Take refused events once more as they came, or dismiss them for good."""
    return _again(visit, form, "refused", lambda c, w: find_refused(c, w, most=MOST))


@router.post("/console/duty/set-aside")
def replay_set_aside(visit: Visiting, form: Posted) -> Response:
    """Read events once more that our own code failed on, or never."""
    return _again(visit, form, "set_aside", lambda c, w: find_set_aside(c, w, most=MOST))


@router.post("/console/duty/pause")
def pause(visit: Visiting, form: Posted) -> Response:
    scope = _scope(visit, field(form, "scope"))
    if scope is None:
        return _nothing(visit)
    pausing.pause(visit.engine, [scope], by=visit.by, why=field(form, "why", most=200) or None)
    return go(visit, HOME, done="paused")


@router.post("/console/duty/holds")
def holds(visit: Visiting, form: Posted) -> Response:
    """What a pause would hold back, if it began now; nothing is written."""
    scope, rules = _scope(visit, field(form, "scope")), visit.rules
    if scope is None or rules is None:
        return _nothing(visit)
    now = visit.read(read_now)
    soon = visit.read(lambda c: read_soon(c, now=now))
    told = [(one, soon[one]) for one in sorted(soon) if may_hold(scope, rules.triggers.get(one))]
    return page(
        visit, "holds", scope=scope, shown_scope=shown(scope), rows=told, home=HOME, now=now,
        why=field(form, "why", most=200), back=_back(scope),
    )  # fmt: skip


def _back(scope: str) -> str:
    kind, _, name = scope.partition(":")
    return f"/console/triggers/{name}" if kind == "trigger" else f"{HOME}#paused"


@router.post("/console/duty/resume")
def resume(visit: Visiting, form: Posted) -> Response:
    scope = _scope(visit, field(form, "scope"))
    if scope is None:
        return _nothing(visit)
    found = pausing.resume(visit.engine, [scope], by=visit.by)
    _ring(visit.house, Bell.CLAIM)
    return go(visit, HOME, done="resumed", n=str(found.woken))


@router.post("/console/duty/alarm")
def close_alarm(visit: Visiting, form: Posted) -> Response:
    kind, subject = field(form, "kind"), field(form, "subject")
    in_transaction(visit.engine, lambda c: dismiss(c, kind, subject, by=visit.by))
    return go(visit, HOME, done="alarm")


def _again(visit: Visit, form: Form, what: str, find: Find) -> Response:
    rules, chosen, choice = visit.rules, set(form.get("id", [])), field(form, "choice")
    rows = [row for row in visit.read(lambda c: find(c, Wanted())) if str(row.seq) in chosen]
    if rules is None or not rows or choice not in ("replay", "dismiss"):
        return _nothing(visit)
    parts = visit.house.parts
    doors = as_they_came(parts.settings.stream_source)
    replay, leaves = Replay(visit.engine, rules, parts.hasher, doors), choice == "dismiss"
    if not _sure(form):
        tries = replay.try_refused if what == "refused" else replay.try_set_aside
        tried = map(Tried, rows) if leaves else tries(rows[:PREVIEWED])
        seen = [(str(one.row.seq), _name(one), _becomes(visit, one, leaves)) for one in tried]
        return _effect(visit, form, f"{what}.{choice}", seen, len(rows))
    if what == "set_aside":
        done = replay.replay_set_aside(rows, by=visit.by, dismiss=leaves)
    elif leaves:
        done = replay.dismiss_refused(rows, by=visit.by)
    else:
        done = replay.replay_refused(rows, by=visit.by)
    _ring(visit.house, Bell.EVALUATE)
    return _done(visit, form, sum(one.done for one in done))


def _name(one: Tried) -> str:
    return " ".join(str(part or "?") for part in (one.row.source, one.row.id, one.row.type))


def _becomes(visit: Visit, one: Tried, leaves: bool) -> str:
    """What would become of it, with what that would start, move or call off."""
    words = visit.words
    if leaves:
        return words("becomes.dismissed")
    if one.problems:
        return f"{words('becomes.refused')} {'; '.join(one.problems)}"
    if one.duplicate:
        return words("becomes.known")
    if one.effect is None:
        return words("becomes.taken")
    if one.effect.failed:
        return f"{words('becomes.fails')} {one.effect.failed}"
    told = [
        words(f"becomes.{change}", names=", ".join(sorted(counts)))
        for change, counts in one.effect.changes.items()
        if counts
    ]
    return "; ".join([words("becomes.taken"), *told])


def _effect(
    visit: Visit, form: Form, what: str, rows: Sequence[tuple[str, str, Any]], whole: int = 0
) -> Response:
    """What would be done, before it is."""
    kept: Mapping[str, Any] = {"choice": field(form, "choice"), "ids": form.get("id", [])[:MOST]}
    return page(
        visit, "effect", what=what, rows=rows, whole=whole or len(rows), kept=kept,
        action=visit.request.url.path, home=HOME,
    )  # fmt: skip


def _done(visit: Visit, form: Form, count: int) -> Response:
    return go(visit, HOME, done=field(form, "choice"), n=str(count))


def _nothing(visit: Visit) -> Response:
    return page(visit, "wrong", status=HTTPStatus.UNPROCESSABLE_ENTITY, why="nothing")


def _sure(form: Form) -> bool:
    return field(form, "sure") == "1"


def _scope(visit: Visit, word: str) -> str | None:
    """The scope meant; what is paused can be named though its trigger is gone."""
    known = {row.scope for row in visit.read(read_paused)}
    known |= scopes_of(visit.rules) if visit.rules else set()
    try:
        return read_scope(word, known)
    except NoScope:
        return None


def _ring(house: Doors, *bells: Bell) -> None:
    for bell in bells:
        house.parts.ring(bell)
