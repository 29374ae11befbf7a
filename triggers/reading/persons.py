"""Is the customer of an example one of whom every word is understood?

A profile that comes in is taken as it stands, and who sent it is warned. In an example a word that
nobody reads is a slip: the story would prove something else than its writer believes.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from zoneinfo import available_timezones

from triggers.calendars.places import PLACES, place_named
from triggers.catalog import CUSTOMER_UPDATED
from triggers.mistakes import meant, quoted
from triggers.nodes import Fields, Node, Scalar
from triggers.reading.fields import Notes
from triggers.reading.fitting import check_fit
from triggers.reading.world import World
from triggers.zones import known_zone

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def check_person(node: Node, notes: Notes, world: World) -> None:
    """A profile with its id, as in a line of a customers' file."""
    if not isinstance(node, Fields):
        notes.unwanted(node, "a mapping")
        return
    if "id" not in node.entries:
        notes.wrong(node, "'id' is missing")
    else:
        check_fit(node, notes, world.catalog.types[CUSTOMER_UPDATED].data)
    _check_fields(node, notes, world)
    _check_whereabouts(node, notes)
    _check_language(node, notes, world.languages)


def _check_fields(node: Fields, notes: Notes, world: World) -> None:
    for name, entry in node.entries.items():
        if world.customer.get(name) is None:
            hint = meant(name, world.customer.properties)
            where = hint or "; config/customer.yaml names what may be"
            notes.wrong(entry.key, f"{quoted(name)} is no field of a customer{where}")


def _check_whereabouts(node: Fields, notes: Notes) -> None:
    zone, place = _text(node, "timezone"), _text(node, "place")
    if zone is not None and known_zone(str(zone.value)) is None:
        _unknown(zone, "time zone", available_timezones(), notes)
    if place is not None and place_named(str(place.value)) is None:
        _unknown(place, "place", PLACES, notes)


def _check_language(node: Fields, notes: Notes, languages: tuple[str, ...]) -> None:
    """A language that somebody may speak is no mistake: he is written to in the first of ours."""
    found = _text(node, "language")
    if found is None or not languages or found.value in languages:
        return
    word = str(found.value)
    if meant(word, languages) or _LANGUAGE.fullmatch(word) is None:
        _unknown(found, "language", languages, notes)
    else:
        ours = f"({', '.join(languages)}): {languages[0]} is written instead"
        notes.warn(found, f"{quoted(word)} is none of the policy's languages {ours}")


def _unknown(node: Scalar, what: str, known: Collection[str], notes: Notes) -> None:
    notes.wrong(node, f"unknown {what} {quoted(node.value)}{meant(str(node.value), known)}")


def _text(node: Fields, name: str) -> Scalar | None:
    """The field's node where a text stands there; anything else was told by the schema."""
    entry = node.entries.get(name)
    value = entry.value if entry else None
    return value if isinstance(value, Scalar) and isinstance(value.value, str) else None
