"""How much is too much, as a trigger's `limits` say it?"""

from __future__ import annotations

from collections.abc import Collection

from triggers.definitions import Limits, Mode, Priority
from triggers.nodes import Node
from triggers.reading.fields import Notes, form, one_of
from triggers.reading.quantities import rate, share, span

KEYS = ("category", "expires", "cooldown", "holdout", "priority", "pace", "mode", "ramp")
REQUIRED = ("category",)
_STANDARD = Limits(category="")
PRIORITIES = {one.name.lower(): one for one in reversed(Priority)}
MODES = {one.value: one for one in Mode}


def read_limits(node: Node, notes: Notes, categories: Collection[str] | None) -> Limits | None:
    """`categories` None: the policy could not be read, so nothing is said about names in it."""
    opened = form(node, notes, known=KEYS, required=REQUIRED)
    if opened is None:
        return None
    holdout = opened.read("holdout", share, _STANDARD.holdout)
    if holdout == 1:
        notes.warn(opened.value("holdout"), "nobody ever gets it: write 10%, or mode: shadow")
    category = opened.maybe("category", lambda n, t: one_of(n, t, "category", categories))
    return Limits(
        category=category or "",
        expires=opened.read("expires", span, _STANDARD.expires),
        cooldown=opened.maybe("cooldown", span),
        holdout=holdout,
        priority=opened.read("priority", _priority, _STANDARD.priority),
        pace=opened.maybe("pace", rate),
        mode=opened.read("mode", _mode, _STANDARD.mode),
        ramp=opened.read("ramp", share, _STANDARD.ramp),
    )


def _priority(node: Node, notes: Notes) -> Priority | None:
    word = one_of(node, notes, "priority", PRIORITIES)
    return PRIORITIES[word] if word else None


def _mode(node: Node, notes: Notes) -> Mode | None:
    word = one_of(node, notes, "mode", MODES)
    return MODES[word] if word else None
