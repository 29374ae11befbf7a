"""What became of my event, who is this customer, what happened and why?"""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy import Connection

from triggers.clock import stamp
from triggers.refusals import Problem
from worker.http.access import READ
from worker.http.names import CUSTOMER
from worker.http.parts import Calling, House
from worker.http.problems import Denied
from worker.store import lookups, merging
from worker.store.engine import reading
from worker.store.stories import Asked, Place, read_hashes, read_place, read_story
from worker.wiring import RECEIPT_READERS

router = APIRouter()

NOT_UTF_8 = "\ufffd"
"""What a path has where its bytes were no text: many names would become one."""
Text = Annotated[str, Query(max_length=500)]
After = Annotated[str | None, Query(max_length=200)]
Most = Annotated[int, Query(ge=1, le=1000)]


@router.get("/v1/events")
def read_event(house: House, caller: Calling, source: Text, id: Text) -> dict[str, Any]:  # noqa: A002
    """What became of an event: its state, its reasons, and what it started."""
    if not caller.may_publish(source):
        caller.needs(READ)
    named = storable(source), storable(id)
    return _found(reading(house.parts.engine, lambda c: lookups.find_event(c, *named)))


@router.get(f"{CUSTOMER}/timeline")
def read_timeline(
    house: House, caller: Calling, customer: str, limit: Most = 200, after: After = None
) -> dict[str, Any]:
    """Everything between a customer and us, newest first, with messages as they looked.

    `next` is where the next page begins: ask again with it as `after`; null at the end.
    """
    caller.needs(READ)
    place = _place(after) if after is not None else None

    def work(connection: Connection) -> dict[str, Any]:
        named = merging.survivor_of(connection, storable(customer))
        asked = Asked(named, tuple(RECEIPT_READERS), sorted(read_hashes(connection, named)))
        page = read_story(connection, asked, after=place, most=limit)
        erased = lookups.erased_at(connection, named)
        told = {"customer": named, "timeline": page.told}
        return told | {
            "next": str(page.after) if page.after else None,
            "erased_at": stamp(erased) if erased else None,
        }

    return reading(house.parts.engine, work)


@router.get(CUSTOMER)
def read_customer(house: House, caller: Calling, customer: str) -> dict[str, Any]:
    """The profile, as one flat object."""
    caller.needs(READ)
    named = storable(customer)
    return _found(
        reading(
            house.parts.engine, lambda c: lookups.find_customer(c, merging.survivor_of(c, named))
        )
    )


@router.get("/v1/messages/{message}")
def read_message(house: House, caller: Calling, message: str) -> dict[str, Any]:
    """A message with its attempts, its texts, and what the provider said."""
    caller.needs(READ)
    return _found(reading(house.parts.engine, lambda c: lookups.find_message(c, storable(message))))


def _place(text: str) -> Place:
    try:
        return read_place(storable(text))
    except ValueError:
        problem = Problem("/query/after", "is no place that an answer named")
        raise Denied(HTTPStatus.BAD_REQUEST, "This is no place to go on.", [problem]) from None


def storable(text: str) -> str:
    """The text, or 404: what no database can hold, or is no text, is nobody's name."""
    if "\x00" in text or NOT_UTF_8 in text:
        raise Denied(HTTPStatus.NOT_FOUND, "There is none of this name.")
    return text


def _found(facts: dict[str, Any] | None) -> dict[str, Any]:
    if facts is None:
        raise Denied(HTTPStatus.NOT_FOUND, "There is none of this name.")
    return facts
