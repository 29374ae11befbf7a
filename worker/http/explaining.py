"""Why did each trigger write to this customer, or stay silent?"""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query

from triggers.clock import instant
from triggers.explaining.told import as_mapping
from triggers.explaining.tongue import LANGUAGES
from triggers.mistakes import listed
from triggers.refusals import Problem
from worker.http.access import READ
from worker.http.lookups import Text, storable
from worker.http.parts import Calling, House
from worker.http.problems import Denied
from worker.steps.explain import NothingToExplain, Question, explain

router = APIRouter()
Name = Annotated[str | None, Query(max_length=100)]


@router.get("/v1/explain")
def explain_customer(
    house: House,
    caller: Calling,
    customer: Text,
    trigger: Name = None,
    at: Name = None,
    lang: Annotated[str, Query(max_length=35)] = "en",
) -> dict[str, Any]:
    """A full sentence for every trigger in force: why it wrote to the customer, or why not.

    With the condition and its values, the word of the configuration that decided and where it
    stands, the version, the next moment, what was tried, and who is to call. `trigger`: only this
    one. `at`: as it was known then. `lang`: en or he.
    """
    caller.needs(READ)
    if lang not in LANGUAGES:
        raise _wrong("lang", f"is none of the languages {listed(LANGUAGES)}")
    question = Question(storable(customer), trigger, _moment(at), lang)
    try:
        found = explain(house.parts.engine, house.parts.hasher, house.active(), question)
    except NothingToExplain as nothing:
        raise Denied(HTTPStatus.NOT_FOUND, f"{nothing}.") from None
    told: dict[str, Any] = as_mapping(found)
    return told


def _moment(text: str | None) -> datetime | None:
    try:
        return None if text is None else instant(text)
    except ValueError:
        raise _wrong("at", "must be a time with its distance from UTC, such as …Z") from None


def _wrong(name: str, detail: str) -> Denied:
    problem = Problem(f"/query/{name}", detail)
    return Denied(HTTPStatus.BAD_REQUEST, "This cannot be asked.", [problem])
