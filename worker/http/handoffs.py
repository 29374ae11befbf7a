"""Whom are people asked to call, and what came of it?"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from sqlalchemy import Connection, Row

from triggers.refusals import Problem
from triggers.strict_json import pointer_to
from worker.bells import Bell
from worker.http.access import OPERATE, READ, Caller
from worker.http.body import body_of, read_json
from worker.http.lookups import storable
from worker.http.parts import Calling, House
from worker.http.problems import Denied
from worker.lifecycle import HandoffState
from worker.steps.announcing import hearing_of
from worker.steps.calling import NoSuchCall, NotYours, Said, settle_call
from worker.store.engine import reading
from worker.store.handoffs import list_handoffs, read_texts
from worker.store.stories import facts_of

LONGEST = {"by": 200, "note": 2_000}
SHOWN = (
    "id", "customer_id", "queue", "state", "due", "why", "text", "language", "trigger", "key",
    "message_id", "created_at", "taken_by", "taken_at", "ended_at", "note", "updated_at",
)  # fmt: skip
WRITTEN = ("channel", "meaning", "received_at")
ENDED = (HandoffState.DONE.value, HandoffState.FAILED.value)
router = APIRouter()
Name = Annotated[str | None, Query(max_length=500)]
Most = Annotated[int, Query(ge=1, le=1000)]
CallId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]


def operator_of(caller: Calling) -> Caller:
    caller.needs(OPERATE)
    return caller


# the key is asked for before the body is read
Operating = Annotated[Caller, Depends(operator_of)]
Body = Annotated[Any, Depends(read_json)]


@router.get("/v1/handoffs")
def read_handoffs(
    house: House,
    caller: Calling,
    queue: Name = None,
    state: HandoffState | None = None,
    after: Name = None,
    limit: Most = 200,
) -> dict[str, Any]:
    """The calls that people are asked to make, what is due first; `after` is the last one's id.

    `why` says what led to it, `text` what may be said; the customer's timeline holds the rest.
    `inbound` is the text that somebody wrote, where the call came from one: its id, channel,
    meaning, moment and words. Its writer may be nobody we know.
    """
    caller.needs(READ)
    for name in (queue, after):
        storable(name or "")

    def work(connection: Connection) -> list[dict[str, Any]]:
        calls = list_handoffs(connection, queue=queue, state=state, after=after, most=limit)
        texts = read_texts(connection, calls)
        return [_shown(call, texts.get(call.inbound), words=True) for call in calls]

    return {"handoffs": reading(house.parts.engine, work)}


@router.post("/v1/handoffs/{handoff}", openapi_extra=body_of("object"))
def post_handoff(house: House, caller: Operating, handoff: CallId, body: Body) -> dict[str, Any]:
    """Say what becomes of a call: `state` taken, open (given back), done or failed; `by`; `note`.

    409 where somebody else has taken it, or where it has ended. The same said twice is done once.
    Whoever ends a call that came from a text which may be a refusal says `refused`: true makes it
    one, false lets messages go there again, once no other such text of that address is unread by
    people; it lifts only the doubt, never what somebody has refused himself. 409 for other calls.
    """
    said = _said(body)
    hearing = hearing_of(house.parts.last_configuration)
    try:
        settled = settle_call(house.parts.engine, handoff, said, hearing=hearing)
    except NoSuchCall:
        raise Denied(HTTPStatus.NOT_FOUND, "There is none of this name.") from None
    except NotYours as refused:
        raise Denied(HTTPStatus.CONFLICT, str(refused)) from None
    if settled.heard:
        house.parts.ring(Bell.EVALUATE)
    return _shown(settled.call, settled.text, words=caller.may(READ))


def _said(body: Any) -> Said:
    if not isinstance(body, dict):
        raise _malformed([Problem("", "must be a JSON object")])
    states = [state.value for state in HandoffState]
    known = {"state", "refused", *LONGEST}
    problems = [
        Problem(pointer_to(name), "is not known here") for name in body if name not in known
    ]
    if body.get("state") not in states:
        problems.append(Problem("/state", f"must be one of {', '.join(states)}"))
    problems += [
        Problem(f"/{name}", f"must be a text of 1 to {most} signs")
        for name, most in LONGEST.items()
        if not _fits(body.get(name), most, needed=name == "by")
    ]
    problems += _wrongly_refused(body)
    if problems:
        raise _malformed(problems)
    return Said(HandoffState(body["state"]), body["by"], body.get("note"), body.get("refused"))


def _wrongly_refused(body: dict[str, Any]) -> list[Problem]:
    refused = body.get("refused")
    if refused is None:
        return []
    if not isinstance(refused, bool):
        return [Problem("/refused", "must be true or false")]
    if body.get("state") not in ENDED:
        return [Problem("/refused", "is said when a call is done or has failed")]
    return []


def _malformed(problems: Sequence[Problem]) -> Denied:
    return Denied(HTTPStatus.BAD_REQUEST, "This cannot be said of a call.", problems)


def _fits(value: Any, most: int, *, needed: bool) -> bool:
    if value is None:
        return not needed
    if not isinstance(value, str) or "\x00" in value:
        return False
    return bool(value.strip()) and len(value) <= most


def _shown(call: Row[Any], text: Row[Any] | None, *, words: bool) -> dict[str, Any]:
    shown = facts_of(call, SHOWN)
    if text is None:
        return {**shown, "inbound": None}
    # a call that came from a text says what was written
    read = {"text": call.text} if words else {}
    return {**shown, "inbound": {"id": text.seq, **facts_of(text, WRITTEN), **read}}
