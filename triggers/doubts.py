"""What of a profile is taken as it stands, and will most likely do nothing?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any
from zoneinfo import available_timezones

from triggers.addresses import EMAIL, SMS, usable
from triggers.calendars.places import PLACES
from triggers.customers import Customer
from triggers.definitions import CHANNELS, Policy
from triggers.mistakes import listed, meant
from triggers.refusals import Problem
from triggers.schemas import DataSchema
from triggers.strict_json import pointer_to
from triggers.zones import zone_of

FIELD_OF = {SMS: "phone", EMAIL: "email"}
UNKNOWN = " is not known"


def doubtful(profile: Mapping[str, Any], schema: DataSchema, policy: Policy) -> Iterator[Problem]:
    """Each field nobody reads, and each value nobody understands; no detail repeats a value."""
    customer = Customer(str(profile.get("id", "")), profile)
    yield from unread(profile, schema)
    yield from _unwritten(customer, policy)
    yield from _nowhere(customer, policy)
    for index, channel in enumerate(profile.get("channels") or ()):
        if channel not in CHANNELS:
            yield Problem(pointer_to("channels", index), f"is no channel: {listed(CHANNELS)}")


def unread(profile: Mapping[str, Any], schema: DataSchema) -> Iterator[Problem]:
    """Each field nobody reads."""
    known = schema.raw["properties"]
    if "patternProperties" in schema.raw or profile.keys() <= known.keys():
        return
    for name in sorted(profile.keys() - known.keys()):
        hint = meant(name, known) or "; config/customer.yaml names what may be"
        yield Problem(pointer_to(name), f"is no field that anything reads{hint}")


def _unwritten(customer: Customer, policy: Policy) -> Iterator[Problem]:
    language = customer.text("language")
    if language and language not in policy.languages:
        ours = ", ".join(policy.languages)
        detail = f"is none of our languages ({ours}): {policy.languages[0]} is written instead"
        yield Problem("/language", detail)
    for channel, reason in usable(customer, policy).unusable.items():
        field = FIELD_OF[channel]
        if customer.text(field):
            yield Problem(pointer_to(field), f"cannot be written to: {reason}")


def _nowhere(customer: Customer, policy: Policy) -> Iterator[Problem]:
    """What is not understood of where he is; the clock is then guessed from the rest."""
    for note in zone_of(customer, policy).notes:
        field = note.removesuffix(UNKNOWN)
        if field != note and customer.text(field):
            hint = meant(customer.text(field) or "", _known(field))
            yield Problem(pointer_to(field), f"is not known{hint}")


def _known(field: str) -> Collection[str]:
    if field == "timezone":
        # only now: to list them is to walk through the folders that hold them
        return available_timezones()
    return PLACES if field == "place" else ()
