"""Whom are people to call, who has taken which call, and what came of it?"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy import Connection, Row

from triggers.answering import Call
from worker.bells import Bell
from worker.http.console.customer_story import words_of
from worker.http.console.customer_view import Part, View, read_view
from worker.http.console.customer_why import Why, read_why
from worker.http.console.customers import told
from worker.http.console.pages import go, page
from worker.http.console.visits import Form, Posted, Visit, Visiting, field
from worker.lifecycle import HandoffState, is_final
from worker.steps.announcing import hearing_of
from worker.steps.calling import NoSuchCall, NotYours, Said, settle_call
from worker.store.calls import WAITING, Page, Wanted, read_calls, read_queues
from worker.store.clock import read_now
from worker.store.handoffs import find_handoff, read_texts, read_waiting

HOME = "/console/queue"
SHOWN = 50
BESIDE = Part(most=20)
LONGEST_NOTE = 2_000
VIEWS = {
    "waiting": WAITING,
    "open": (HandoffState.OPEN,),
    "mine": (HandoffState.TAKEN,),
    "done": (HandoffState.DONE,),
    "failed": (HandoffState.FAILED,),
}
"""What can be looked at; the first is what is shown without a word."""
DEEDS = {
    "take": HandoffState.TAKEN,
    "back": HandoffState.OPEN,
    "done": HandoffState.DONE,
    "failed": HandoffState.FAILED,
}
REFUSED = {"yes": True, "no": False}
router = APIRouter()


@router.get(HOME)
def queue(
    visit: Visiting, queue: str = "", view: str = "waiting", after: str = "", done: str = ""
) -> Response:
    """The calls of one queue, or of all, what is due first; `after`: the last one shown before."""
    view = view if view in VIEWS else "waiting"
    wanted = Wanted(
        states=VIEWS[view],
        queue=_storable(queue) or None,
        by=visit.by if view == "mine" else None,
        after=_storable(after) or None,
    )

    def work(connection: Connection) -> dict[str, Any]:
        found: Page = read_calls(connection, wanted, most=SHOWN)
        queues = {*read_queues(connection), *_planned(visit)}
        waiting = read_waiting(connection, queues)
        return {
            "now": read_now(connection),
            "calls": found.calls,
            "more": found.calls[-1].id if found.more else None,
            "queues": [(one, waiting.get(one)) for one in sorted(queues)],
        }

    key = f"queue.done.{done}"
    news = visit.words(key) if key in visit.words.texts else None
    facts = visit.read(work)
    return page(
        visit, "queue", **facts, **_around(visit), queue=wanted.queue, view=view, views=VIEWS,
        news=news,
    )  # fmt: skip


@router.get(f"{HOME}/{{call}}")
def look(visit: Visiting, call: str, done: str = "") -> Response:
    """One call, with all that whoever makes it has to know."""
    key = f"queue.done.{done}"
    return _shown(visit, call, news=visit.words(key) if key in visit.words.texts else None)


@router.post(f"{HOME}/{{call}}")
def say(visit: Visiting, call: str, form: Posted) -> Response:
    """Take it, give it back, or say how it ended. Somebody else may have been first."""
    state = DEEDS.get(field(form, "deed"))
    if state is None:
        return page(visit, "wrong", status=HTTPStatus.UNPROCESSABLE_ENTITY, why="nothing")
    refused = REFUSED.get(field(form, "refused")) if is_final(state) else None
    if state is HandoffState.DONE and refused is None and _may_refuse(visit, call):
        return _shown(visit, call, wrong=visit.words("queue.say_refused"), form=form)
    note = field(form, "note", most=LONGEST_NOTE) or None
    hearing = hearing_of(visit.rules)
    try:
        said = Said(state, visit.by, note, refused)
        settled = settle_call(visit.engine, _storable(call), said, hearing=hearing)
    except NoSuchCall:
        return page(visit, "wrong", status=HTTPStatus.NOT_FOUND, why="no_call")
    except NotYours:
        return _shown(visit, call, wrong=_somebody_else(visit, call), form=form)
    if settled.heard:
        visit.house.parts.ring(Bell.EVALUATE)
    if state is HandoffState.TAKEN:
        return go(visit, f"{HOME}/{call}", done="take")
    return go(visit, HOME, done=field(form, "deed"))


def _shown(
    visit: Visit,
    id_: str,
    *,
    news: str | None = None,
    wrong: str | None = None,
    form: Form | None = None,
) -> Response:
    """`wrong`: why what was said of it is not done; what was written then still stands there."""

    def work(connection: Connection) -> tuple[Row[Any], Row[Any] | None, View | None] | None:
        call = find_handoff(connection, _storable(id_))
        if call is None:
            return None
        text = read_texts(connection, [call]).get(call.inbound)
        known = read_view(connection, visit, call.customer_id, BESIDE) if call.customer_id else None
        return call, text, known

    found = visit.read(work)
    if found is None:
        return page(visit, "wrong", status=HTTPStatus.NOT_FOUND, why="no_call")
    call, text, view = found
    why = read_why(visit, view.who.id) if view else Why(None)
    beside = told(visit, view, why) if view else {"now": visit.read(read_now), "who": None}
    return page(
        visit, "call", status=HTTPStatus.CONFLICT if wrong else HTTPStatus.OK, frames=True,
        **{**_around(visit), **beside}, call=call, text=text, why=why, news=news, wrong=wrong,
        note=field(form or {}, "note", most=LONGEST_NOTE), mine=call.taken_by == visit.by,
        ended=is_final(HandoffState(call.state)), may_refuse=_is_doubt(call),
        longest_note=LONGEST_NOTE,
    )  # fmt: skip


def _somebody_else(visit: Visit, id_: str) -> str:
    """Why it was not done, told by how the call stands now."""
    call = visit.read(lambda c: find_handoff(c, _storable(id_)))
    words = visit.words
    name = f"\u2068{call.taken_by}\u2069" if call is not None and call.taken_by else "–"
    if call is not None and is_final(HandoffState(call.state)):
        return words("queue.has_ended", name=name, state=words(f"queue.state.{call.state}"))
    if call is not None and call.state == HandoffState.TAKEN and call.taken_by != visit.by:
        return words("queue.somebody_else", name=name)
    return words("queue.changed")


def _may_refuse(visit: Visit, id_: str) -> bool:
    call = visit.read(lambda c: find_handoff(c, _storable(id_)))
    return call is not None and _is_doubt(call) and not is_final(HandoffState(call.state))


def _is_doubt(call: Row[Any]) -> bool:
    """Whether it came from a text; somebody of us may have written the same words as its reason."""
    return call.inbound is not None and call.why == Call.MAY_REFUSE


def _planned(visit: Visit) -> set[str]:
    return set(visit.rules.policy.agents) if visit.rules else set()


def _around(visit: Visit) -> dict[str, Any]:
    return {**words_of(visit.words), "home": HOME}


def _storable(text: str) -> str:
    """What no database can hold is nobody's name."""
    return "" if "\x00" in text else text
