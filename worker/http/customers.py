"""What does a system say about a customer? Each word is stored as one customer.updated event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header
from fastapi.responses import JSONResponse

from triggers.admission import CUSTOMERS_DOOR
from triggers.configuration import Configuration
from triggers.doubts import doubtful
from triggers.envelope import Envelope
from triggers.profile_updates import as_update, as_updates, of_profile
from triggers.refusals import Kind, Problem, Refusal
from triggers.strict_json import pointer_to
from worker.bells import Bell
from worker.http.access import CUSTOMERS_WRITE, Caller
from worker.http.body import body_of, read_json
from worker.http.lookups import NOT_UTF_8, storable
from worker.http.names import CUSTOMER
from worker.http.parts import Calling, Doors, House
from worker.http.problems import MOST_PROBLEMS, Denied, unavailable
from worker.steps.accept import Conflict, accept
from worker.steps.admitting import admit_group
from worker.steps.erase import Erasure, NobodyKnown, contact_of
from worker.steps.insisting import HeldByOthers
from worker.steps.merge import Merge, NotKnown, NotMerged, Two
from worker.store.clock import read_now
from worker.store.engine import in_transaction
from worker.store.erasure import Whose
from worker.wiring import RECEIPT_READERS

MOST_CUSTOMERS = 1_000
PATIENT_LOOKS = 25
router = APIRouter()


def writer_of(caller: Calling) -> Caller:
    caller.needs(CUSTOMERS_WRITE)
    return caller


# the key is asked for before the body is read
Writing = Annotated[Caller, Depends(writer_of)]
Body = Annotated[Any, Depends(read_json)]
Repeated = Annotated[str | None, Header(alias="Idempotency-Key", max_length=200)]


@router.put(CUSTOMER, status_code=HTTPStatus.ACCEPTED, openapi_extra=body_of("object"))
def put_customer(
    house: House, _caller: Writing, customer: str, body: Body, idempotency_key: Repeated = None
) -> JSONResponse:
    """Say what is known of a customer: the fields given are set, null deletes, the rest stays.

    202 once it is stored; it is in force with the next decision about this customer. `warnings`
    name what was taken as it stands and will most likely do nothing, such as a field misspelt.
    With an Idempotency-Key the same request may be sent again: 200.
    """
    if NOT_UTF_8 in customer:
        raise Refusal(Kind.MALFORMED, (Problem("/id", "is not UTF-8 in the path"),))
    now = house.now()
    profile = _profile(body, customer, "")
    update = as_update(profile, customer, now=now, key=idempotency_key or None)
    return _store(house, [update], now=now, at=("",))


@router.post("/v1/customers:batch", status_code=HTTPStatus.ACCEPTED, openapi_extra=body_of("array"))
def post_customers(
    house: House, _caller: Writing, body: Body, idempotency_key: Repeated = None
) -> JSONResponse:
    """The same for up to 1,000 customers, each with its `id`: all or nothing."""
    if not isinstance(body, list):
        raise Refusal(Kind.MALFORMED, (Problem("", "must be a JSON array of customers"),))
    if len(body) > MOST_CUSTOMERS:
        detail = f"A batch may have {MOST_CUSTOMERS} customers."
        raise Denied(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)
    now = house.now()
    places = [pointer_to(index) for index in range(len(body))]
    profiles = _profiles(body, places)
    named = [(str(profile["id"]), profile) for profile in profiles]
    updates = as_updates(named, now=now, key=idempotency_key or None)
    return _store(house, updates, now=now, at=places)


@router.post(f"{CUSTOMER}:merge", openapi_extra=body_of("object"))
def merge_customer(house: House, _caller: Writing, customer: str, body: Body) -> dict[str, Any]:
    """This id and the one in `into` are one person: what was of this one is of the other now.

    For ever, and for what comes later, too. `moved` counts the rows by table. Said again it is
    done again, for what came meanwhile. 409 where one of them is merged already, or erased.
    """
    into = body.get("into") if isinstance(body, Mapping) else None
    if not isinstance(into, str) or not into:
        raise Refusal(Kind.MALFORMED, (Problem("/into", "must be the id that is left, a text"),))
    names = storable(customer), storable(into)
    merging = Merge(
        house.parts.engine,
        house.active(),
        house.parts.hasher,
        Two(*names),
        by="http",
        looks=PATIENT_LOOKS,
    )
    try:
        moved = merging.run()
    except NotKnown:
        raise Denied(HTTPStatus.NOT_FOUND, "There is none of this name.") from None
    except NotMerged as no:
        raise Denied(HTTPStatus.CONFLICT, str(no)) from None
    except HeldByOthers as held:
        raise unavailable(str(held)) from None
    house.parts.ring(Bell.EVALUATE)
    return {"customer": customer, "into": into, "moved": moved}


@router.delete(CUSTOMER)
def delete_customer(house: House, _caller: Writing, customer: str) -> dict[str, Any]:
    """Forget a customer: contact, payloads and texts, everywhere; what waits is called off.

    `erased` counts the rows by table. What was counted stays, and so do keyed hashes of what was
    said and refused. Asked twice it is done once; whoever is heard of later begins anew.
    """
    whose = Whose(storable(customer), tuple(RECEIPT_READERS))
    try:
        done = Erasure(
            house.parts.engine,
            whose,
            "http",
            looks=PATIENT_LOOKS,
            hasher=house.parts.hasher,
            contact=contact_of(house.parts.configuration()),
        ).run()
    except NobodyKnown:
        raise Denied(HTTPStatus.NOT_FOUND, "There is none of this name.") from None
    except HeldByOthers as held:
        raise unavailable(str(held)) from None
    return {"customer": customer, "erased": done}


def _profiles(body: Sequence[Any], places: Sequence[str]) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    problems: list[Problem] = []
    for value, at in zip(body, places, strict=True):
        try:
            found.append(_profile(value, None, at))
        except Refusal as refusal:
            problems += refusal.problems
    if problems:
        raise Refusal(Kind.MALFORMED, tuple(problems))
    return found


def _profile(value: Any, customer: str | None, at: str) -> Mapping[str, Any]:
    """The flat object; its id is the one of the path, or must be there."""
    if not isinstance(value, Mapping):
        raise Refusal(Kind.MALFORMED, (Problem(at, "must be a JSON object, a profile"),))
    named = value.get("id", customer)
    if not isinstance(named, str) or not named:
        raise Refusal(Kind.MALFORMED, (Problem(f"{at}/id", "must be the customer's id, a text"),))
    if customer is not None and named != customer:
        raise Refusal(Kind.MALFORMED, (Problem(f"{at}/id", "is not the customer of the path"),))
    return value


def _store(
    house: Doors, updates: Sequence[Envelope], *, now: datetime, at: Sequence[str]
) -> JSONResponse:
    house.check_room(len(updates))
    configuration = house.active()
    with house.judging():
        group = admit_group(
            updates,
            configuration,
            door=CUSTOMERS_DOOR,
            writes_customer=True,
            now=now,
            placed=lambda index, refusal: _placed(refusal, at[index]),
        )

    def work(connection: Any) -> Any:
        return accept(connection, [group], now=read_now(connection), bundle=configuration.hash)

    [outcome] = in_transaction(house.parts.engine, work)
    if isinstance(outcome, Conflict):
        problem = Problem(at[outcome.index], "this Idempotency-Key was used with other content")
        raise Denied(HTTPStatus.CONFLICT, "Nothing was stored.", [problem])
    if outcome.accepted:
        house.parts.ring(Bell.EVALUATE)
    status = HTTPStatus.ACCEPTED if outcome.accepted else HTTPStatus.OK
    content = {"accepted": outcome.accepted, "duplicates": outcome.duplicates}
    return JSONResponse(content | _warnings(updates, configuration, at), status.value)


def _warnings(
    updates: Sequence[Envelope], configuration: Configuration, at: Sequence[str]
) -> dict[str, Any]:
    found = [
        {"pointer": place + one.pointer, "detail": one.detail}
        for update, place in zip(updates, at, strict=True)
        for one in doubtful(update.data, configuration.profile, configuration.policy)
    ]
    return {"warnings": found[:MOST_PROBLEMS]} if found else {}


def _placed(refusal: Refusal, at: str) -> Iterator[Problem]:
    """Pointers lead into the profile as it was sent."""
    for one in map(of_profile, refusal.problems):
        yield Problem(at + one.pointer, one.detail)
