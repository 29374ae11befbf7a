"""What may go out at which hour and how often: the policy's quiet sets and categories?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time, timedelta

from triggers.calendars.hours import WEEKDAYS, parse_nights
from triggers.definitions import Category, Nights, Quiet, Rate
from triggers.mistakes import quoted
from triggers.nodes import Fields, Node
from triggers.reading.fields import Notes, form, items, named, one_of, parsed, several_of, truth
from triggers.reading.quantities import pause, rate, wall_time
from triggers.reading.silences import never_ends

KEYS = ("quiet", "consent", "caps", "urgent")
QUIET_KEYS = ("nights", "days", "resume", "spread")
DAYS = (*WEEKDAYS, "shabbat", "holidays")
DEFAULT = "default"
NONE = "none"
REQUIRED = ("required",)
URGENT = "urgent"
STANDARD_QUIET = Quiet(
    nights=Nights(time(21), time(8, 30)),
    days=frozenset({"shabbat", "holidays"}),
    resume=time(9),
    spread=timedelta(minutes=30),
)
"""The `default` quiet set of a policy that writes none: nothing is louder than it was meant."""


def read_quiet_sets(node: Node | None, notes: Notes) -> Mapping[str, Quiet]:
    sets = {DEFAULT: STANDARD_QUIET}
    if node is None:
        return sets
    for name, entry in named(node, notes, "quiet sets"):
        if name == NONE:
            notes.wrong(entry.key, "'none' already means no quiet hours: choose another name")
        sets[name] = _quiet(entry.value, notes)
        if never_ends(sets[name]):
            notes.wrong(entry.key, f"{quoted(name)} leaves no moment of any week to send in")
    return sets


def _quiet(node: Node, notes: Notes) -> Quiet:
    opened = form(node, notes, known=QUIET_KEYS)
    if opened is None:
        return STANDARD_QUIET
    days = opened.maybe("days", lambda n, t: several_of(n, t, "day", DAYS))
    return Quiet(
        nights=opened.maybe("nights", _nights),
        days=frozenset(days or ()),
        resume=opened.maybe("resume", wall_time),
        spread=opened.read("spread", pause, timedelta()),
    )


def _nights(node: Node, notes: Notes) -> Nights | None:
    return parsed(node, notes, "nights such as 21:00 to 08:30", parse_nights)


def read_categories(
    node: Node | None, notes: Notes, quiet_sets: Mapping[str, Quiet]
) -> Mapping[str, Category]:
    """An urgent category is the one of that name, or one that says `urgent: true`."""
    if node is None:
        return {}
    entries = named(node, notes, "categories")
    found = {name: _category(name, entry.value, notes, quiet_sets) for name, entry in entries}
    if not found and isinstance(node, Fields):
        notes.wrong(node, "at least one category is wanted")
    return found


def _category(name: str, node: Node, notes: Notes, quiet_sets: Mapping[str, Quiet]) -> Category:
    opened = form(node, notes, known=KEYS)
    if opened is None:
        return Category(name)
    known = (*quiet_sets, NONE)
    urgent = opened.read("urgent", truth, name == URGENT)
    word = opened.read(
        "quiet", lambda n, t: one_of(n, t, "quiet set", known), NONE if urgent else DEFAULT
    )
    consent = opened.maybe("consent", lambda n, t: one_of(n, t, "consent", REQUIRED))
    if urgent:
        for key in ("quiet", "caps"):
            if opened.has(key) and (key == "caps" or word != NONE):
                notes.wrong(opened.key(key), "an urgent category passes quiet hours and caps")
    return Category(
        name=name,
        quiet=quiet_sets.get(word),
        consent_required=consent is not None,
        caps=opened.read("caps", _caps, ()),
        urgent=urgent,
    )


def _caps(node: Node, notes: Notes) -> tuple[Rate, ...] | None:
    rates = (rate(item, notes) for item in items(node, notes) or ())
    return tuple(one for one in rates if one is not None)
