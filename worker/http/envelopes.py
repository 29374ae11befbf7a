"""Which CloudEvents does a request carry, in which of the three modes?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from fastapi import Request

from triggers.envelope import JSON_TYPE, Envelope, from_binary, read_envelope
from triggers.refusals import Kind, Problem, Refusal
from triggers.strict_json import loads
from worker.http.body import content_type, read_body, wrong_type
from worker.http.problems import Denied

STRUCTURED = "application/cloudevents+json"
BATCHED = "application/cloudevents-batch+json"
WHOLE = (STRUCTURED, BATCHED)
"""All that an event says stands in the body, and so under the body's signature."""
MOST_EVENTS = 1_000


@dataclass(frozen=True, slots=True)
class Published:
    """The events of one request, of so many bytes; only a batch points at them by index."""

    envelopes: Sequence[Envelope]
    batched: bool = False
    size: int = 0

    def at(self, index: int) -> tuple[int, ...]:
        return (index,) if self.batched else ()


def media_type(request: Request) -> str:
    return content_type(request).partition(";")[0].strip().lower()


async def read_published(request: Request) -> Published:
    """Every event of the request; a Refusal with every mistake of every one of them, or 415."""
    sent = content_type(request)
    if media_type(request) in WHOLE:
        return published_in(await read_body(request), media_type(request))
    if not any(name.startswith("ce-") for name in request.headers):
        raise wrong_type(
            f"Send {STRUCTURED}, {BATCHED}, or ce- headers with a body of application/json."
        )
    if sent and not JSON_TYPE.fullmatch(sent):
        raise wrong_type("In binary mode the body is application/json.")
    body = await read_body(request)
    return Published([from_binary(request.headers.items(), body)], size=len(body))


def published_in(body: bytes, kind: str) -> Published:
    """Those of a body that holds the whole of them: `kind` is one of WHOLE."""
    if kind == BATCHED:
        return replace(read_batch(loads(body)), size=len(body))
    return Published([read_envelope(loads(body))], size=len(body))


def read_batch(value: Any) -> Published:
    """The events of a JSON array; a Refusal has the index in each pointer."""
    if not isinstance(value, list):
        raise Refusal(Kind.MALFORMED, (Problem("", "must be a JSON array of CloudEvents"),))
    if len(value) > MOST_EVENTS:
        raise Denied(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A batch may have {MOST_EVENTS} events.")
    envelopes, problems = [], list[Problem]()
    for index, one in enumerate(value):
        try:
            envelopes.append(read_envelope(one))
        except Refusal as refusal:
            problems += refusal.within(index).problems
    if problems:
        raise Refusal(Kind.MALFORMED, tuple(problems))
    return Published(envelopes, batched=True)
