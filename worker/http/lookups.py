"""What became of my event, who is this customer, what happened and why?"""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query

from worker.http.access import READ
from worker.http.parts import Calling, House
from worker.http.problems import Denied
from worker.store import lookups
from worker.store.engine import reading

router = APIRouter()
Text = Annotated[str, Query(max_length=500)]
Most = Annotated[int, Query(ge=1, le=1000)]


@router.get("/v1/events")
def read_event(house: House, caller: Calling, source: Text, id: Text) -> dict[str, Any]:  # noqa: A002
    """What became of an event: its state, its reasons, and what it started."""
    if not caller.may_publish(source):
        caller.needs(READ)
    named = storable(source), storable(id)
    return _found(reading(house.parts.engine, lambda c: lookups.find_event(c, *named)))


@router.get("/v1/customers/{customer}")
def read_customer(house: House, caller: Calling, customer: str) -> dict[str, Any]:
    """The profile, as one flat object."""
    caller.needs(READ)
    return _found(
        reading(house.parts.engine, lambda c: lookups.find_customer(c, storable(customer)))
    )


@router.get("/v1/customers/{customer}/timeline")
def read_timeline(
    house: House, caller: Calling, customer: str, limit: Most = 200
) -> dict[str, Any]:
    """What happened with a customer and why, newest first."""
    caller.needs(READ)
    found = reading(
        house.parts.engine,
        lambda c: lookups.read_timeline(c, storable(customer), most=limit),
    )
    return {"customer": customer, "timeline": found}


@router.get("/v1/messages/{message}")
def read_message(house: House, caller: Calling, message: str) -> dict[str, Any]:
    """A message with its attempts, its texts, and what the provider said."""
    caller.needs(READ)
    return _found(reading(house.parts.engine, lambda c: lookups.find_message(c, storable(message))))


def storable(text: str) -> str:
    """The text, or 404: what no database can hold is nobody's name."""
    if "\x00" in text:
        raise Denied(HTTPStatus.NOT_FOUND, "There is none of this name.")
    return text


def _found(facts: dict[str, Any] | None) -> dict[str, Any]:
    if facts is None:
        raise Denied(HTTPStatus.NOT_FOUND, "There is none of this name.")
    return facts
