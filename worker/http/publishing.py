"""May these events be ours, and once they are committed, what does the publisher hear?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection

from triggers.catalog import CUSTOMER_UPDATED
from triggers.conditions import Env
from triggers.configuration import Configuration
from triggers.definitions import Mode, Trigger
from triggers.events import Event
from triggers.refusals import Problem
from triggers.strict_json import pointer_to
from worker.channels.webhook_signature import is_signed, signer
from worker.http.access import CUSTOMERS_WRITE, Caller, Stranger, admitted, authenticate, stranger
from worker.http.body import read_body, wrong_type
from worker.http.envelopes import (
    BATCHED,
    STRUCTURED,
    WHOLE,
    Published,
    media_type,
    published_in,
    read_published,
)
from worker.http.parts import Doors, doors_of
from worker.http.problems import Denied
from worker.steps.accept import Conflict, Incoming, Outcome, accept
from worker.steps.admitting import admit_group
from worker.store.direct import flush
from worker.store.engine import in_transaction

DOOR = "http"
Secrets = Mapping[str, Sequence[str]]
"""By source, all that are good now."""
router = APIRouter()


ASKED: dict[str, Any] = {
    "parameters": [
        {
            "name": "dry_run",
            "in": "query",
            "required": False,
            "schema": {"type": "boolean", "default": False, "title": "Dry Run"},
        }
    ],
    "requestBody": {
        "required": True,
        "content": {
            STRUCTURED: {"schema": {"type": "object"}},
            BATCHED: {"schema": {"type": "array", "items": {"type": "object"}}},
            "application/json": {"schema": {"type": "object"}},
        },
    },
}
_FLAG = TypeAdapter(bool)


async def publish(request: Request) -> JSONResponse:
    """Take CloudEvents 1.0: structured, binary or batched (at most 1,000, all or nothing).

    From whoever sends a key for their source, or signs them with its secret (Standard Webhooks).
    202 with how many were new and how many were known; 200 where all were known.
    With `dry_run` nothing is stored: what would be, and which triggers may start.
    """
    house, dry_run = doors_of(request), is_dry(request)
    if house.stale:
        await run_in_threadpool(house.look)
    if is_signed(request.headers) and "authorization" not in request.headers:
        caller, published = await read_signed(request, house)
    else:
        caller = admitted(authenticate(request, house.ring))
        published = await read_published(request)
    check_scopes(caller, published)
    if not dry_run:
        house.check_room(len(published.envelopes))
    configuration = house.active()
    with house.judging():
        group = admit_group(
            published.envelopes,
            configuration,
            door=DOOR,
            writes_customer=caller.may(CUSTOMERS_WRITE),
            now=house.now(),
            placed=lambda index, refusal: refusal.within(*published.at(index)).problems,
        )
    if dry_run:
        outcome = await run_in_threadpool(_try_out, house, group, configuration)
        return _answer(outcome, published, {"starts": starts(group, configuration)}, HTTPStatus.OK)
    return _answer(
        await house.gatherer.store(group, bundle=configuration.hash, size=published.size), published
    )


# Found first, and asked without what describes it: that takes longer than to store an event.
router.add_route("/v1/events", publish, methods=["POST"], include_in_schema=False)
router.post("/v1/events", status_code=HTTPStatus.ACCEPTED, openapi_extra=ASKED)(publish)


def is_dry(request: Request) -> bool:
    """400 for what is neither yes nor no."""
    if not request.scope["query_string"]:
        return False
    try:
        return _FLAG.validate_python(request.query_params.get("dry_run", False))
    except ValidationError as wrong:
        raise RequestValidationError(
            [{**one, "loc": ("query", "dry_run")} for one in wrong.errors()]
        ) from None


async def read_signed(request: Request, house: Doors) -> tuple[Caller, Published]:
    """What a source has signed with its own secret: it may publish for itself and nobody else.

    Sent again within the five minutes it is a duplicate, which changes nothing. In binary mode
    the event stands in headers that nobody signs.
    """
    kind = media_type(request)
    if kind not in WHOLE:
        raise wrong_type(f"Signed, send {STRUCTURED} or {BATCHED}.")
    body = await read_body(request)
    secrets: Secrets = request.app.state.event_secrets
    source = signer(secrets, body, request.headers, now=house.now())
    if source is None:
        raise stranger(Stranger("bad signature"))
    return Caller(frozenset({f"events:{source}"})), published_in(body, kind)


def check_scopes(caller: Caller, published: Published) -> None:
    """403 with every event that this key may not publish."""
    problems = []
    for index, envelope in enumerate(published.envelopes):
        at = pointer_to(*published.at(index))
        if not caller.may_publish(envelope.source):
            problems.append(Problem(f"{at}/source", "this key may not publish for this source"))
        if envelope.type == CUSTOMER_UPDATED and not caller.may(CUSTOMERS_WRITE):
            problems.append(Problem(f"{at}/type", f"needs a key with {CUSTOMERS_WRITE}"))
    if problems or not caller.publishes:
        raise Denied(HTTPStatus.FORBIDDEN, "This key may not publish that.", problems)


def starts(group: Sequence[Incoming], configuration: Configuration) -> list[list[str]]:
    """For each event the triggers it may start: what is asked of the customer comes later."""
    return [
        sorted(
            one.name for one in configuration.triggers.values() if _may_start(one, incoming.event)
        )
        for incoming in group
    ]


def _may_start(trigger: Trigger, event: Event) -> bool:
    if trigger.on != event.type or trigger.limits.mode is Mode.OFF:
        return False
    if trigger.key is not None and trigger.key.key(event) is None:
        return False
    return trigger.when is None or trigger.when.may_hold(Env(event=event))


class _Undone(Exception):
    """Carries a dry run's outcome out of the transaction, which is rolled back."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


def _try_out(house: Doors, group: Sequence[Incoming], configuration: Configuration) -> Outcome:
    def work(connection: Connection) -> Outcome:
        [outcome] = accept(connection, [group], now=house.now(), bundle=configuration.hash)
        flush(connection)
        raise _Undone(outcome)

    try:
        return in_transaction(house.parts.engine, work)
    except _Undone as undone:
        return undone.outcome


def _answer(
    outcome: Outcome,
    published: Published,
    more: dict[str, Any] | None = None,
    status: HTTPStatus = HTTPStatus.ACCEPTED,
) -> JSONResponse:
    if isinstance(outcome, Conflict):
        at = pointer_to(*published.at(outcome.index))
        detail = "an event of this source and id is known, with other content"
        raise Denied(HTTPStatus.CONFLICT, "Nothing was stored.", [Problem(at, detail)])
    content = {"accepted": outcome.accepted, "duplicates": outcome.duplicates}
    return JSONResponse(content | (more or {}), HTTPStatus.OK if outcome.accepted == 0 else status)
