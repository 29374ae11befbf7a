"""How does somebody at the console have a customer called by a person?"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from worker.http.console.customer_story import HOME
from worker.http.console.pages import go, page
from worker.http.console.shown import Shown
from worker.http.console.visits import Posted, Visit, Visiting, field
from worker.steps.handing import NotHanded, Wish, hand_over, queues_of

QUEUE = "/console/queue"
LONGEST_WHY = 200
router = APIRouter()


@router.post(f"{HOME}/call")
def call(visit: Visiting, form: Posted) -> Response:
    """Put him into a queue; sent twice, it is one call."""
    rules, due = visit.rules, field(form, "due")
    if rules is None:
        return page(visit, "wrong", status=HTTPStatus.NOT_FOUND, why="no_trigger")
    moment = Shown(visit).read(due)
    if due and moment is None:
        return _not(visit, "no_moment")
    wish = Wish(
        customer=field(form, "id", most=500),
        queue=field(form, "queue"),
        why=field(form, "why", most=LONGEST_WHY),
        by=visit.by,
        once=field(form, "once"),
        due=moment,
    )
    try:
        made = hand_over(visit.engine, rules, wish)
    except NotHanded as no:
        return _not(visit, no.kind)
    return go(visit, f"{QUEUE}/{made}", done="asked")


def asking(visit: Visit) -> Mapping[str, Any]:
    """What the form on a customer's page stands on."""
    rules = visit.rules
    return {
        "call_queues": queues_of(rules) if rules else [],
        "once": secrets.token_hex(8),
        "longest_why": LONGEST_WHY,
    }


def _not(visit: Visit, why: str) -> Response:
    status = {"nobody": HTTPStatus.NOT_FOUND, "held": HTTPStatus.SERVICE_UNAVAILABLE}
    return page(visit, "wrong", status=status.get(why, HTTPStatus.UNPROCESSABLE_ENTITY), why=why)
