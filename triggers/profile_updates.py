"""How is what somebody says of a customer an event?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson

from triggers.admission import CUSTOMERS_SOURCE
from triggers.catalog import CUSTOMER_UPDATED
from triggers.clock import stamp
from triggers.envelope import SPECVERSION, Envelope
from triggers.events import Event
from triggers.refusals import Problem
from triggers.schemas import DataSchema


def as_update(
    profile: Mapping[str, Any], customer: str, *, now: datetime, key: str | None = None
) -> Envelope:
    """The customer.updated event that says so. It has no time: it counts from its receipt.

    Its id is of its content and `now`, or of the customer and the caller's own key.
    """
    said = [customer, dict(profile), stamp(now)] if key is None else [customer, key]
    text = orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
    return Envelope(
        source=CUSTOMERS_SOURCE,
        id=sha256(text).hexdigest()[:32],
        type=CUSTOMER_UPDATED,
        subject=customer,
        data=profile,
    )


def as_updates(
    profiles: Sequence[tuple[str, Mapping[str, Any]]], *, now: datetime, key: str | None = None
) -> list[Envelope]:
    """Each customer's id and profile, of one moment: of those of one customer the later is newer.

    Without a key: an id is what decides between two of one moment, so theirs begin with a number.
    """
    updates = [as_update(profile, customer, now=now, key=key) for customer, profile in profiles]
    often = {one for one, count in Counter(one for one, _ in profiles).items() if count > 1}
    if key is not None or not often:
        return updates
    return [
        replace(update, id=f"{place:08d}{update.id[8:]}") if update.subject in often else update
        for place, update in enumerate(updates)
    ]


def of_profile(problem: Problem) -> Problem:
    """What is wrong with such an event, said of the profile it was made from."""
    if problem.pointer == "/subject":
        return replace(problem, pointer="/id")
    if problem.pointer == "/data" or problem.pointer.startswith("/data/"):
        return replace(problem, pointer=problem.pointer.removeprefix("/data"))
    return problem


def as_written(update: Envelope) -> dict[str, Any]:
    """The same as a publisher would write it."""
    return {
        "specversion": SPECVERSION,
        "id": update.id,
        "source": update.source,
        "type": update.type,
        "subject": update.subject,
        "data": dict(update.data),
    }


def fitting_update(event: Event, profile: DataSchema) -> Mapping[str, Any]:
    """What an event says of its customer; fields that fit no longer are left out."""
    data = event.data
    said = data if event.type == CUSTOMER_UPDATED else data.get("customer")
    if said is None or not isinstance(said, Mapping):
        return {}
    wrong = {pointer.split("/")[1] for pointer, _ in profile.problems(said) if pointer}
    return {name: value for name, value in said.items() if name not in wrong}
