"""How often must it happen, since what or within which time?"""

from __future__ import annotations

from triggers.definitions import Count
from triggers.nodes import Node, Scalar
from triggers.paths import Path
from triggers.reading.expressions import key_path, number_path
from triggers.reading.fields import Form, Notes, form, one_of, whole
from triggers.reading.matching_keys import check_key
from triggers.reading.quantities import span
from triggers.reading.world import World

KEYS = ("reach", "since", "within", "distinct", "sum")
REQUIRED = ("reach",)


def read_count(
    node: Node, notes: Notes, *, on: str | None, key: Path | None, world: World
) -> Count | None:
    opened = form(node, notes, known=KEYS, required=REQUIRED)
    if opened is None:
        return None
    if opened.has("since") == opened.has("within"):
        notes.wrong(opened.key("within"), "a count says either 'since' or 'within'")
    event = world.event(on)
    return Count(
        reach=opened.read("reach", _amount if opened.has("sum") else whole, 1),
        since=_since(opened, on, key, world),
        within=opened.maybe("within", span),
        distinct=opened.maybe("distinct", lambda n, t: key_path(n, t, event)),
        sum=opened.maybe("sum", lambda n, t: number_path(n, t, event)),
    )


def _amount(node: Node, notes: Notes) -> float | None:
    value = node.value if isinstance(node, Scalar) else None
    if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
        return float(value)
    notes.unwanted(node, "a number above 0")
    return None


def _since(opened: Form, on: str | None, key: Path | None, world: World) -> str | None:
    since = opened.maybe("since", lambda n, t: one_of(n, t, "event type", world.event_names))
    if since is None:
        return None
    node = opened.key("since") if opened.get("since") is None else opened.get("since")
    if node is None:
        return since
    if since == on:
        opened.notes.wrong(node, "each counted event would begin the count anew")
    check_key(node, opened.notes, event=since, key=key, world=world)
    return since
