"""When is a trigger's silence told, and when its shouting, by the policy?"""

from __future__ import annotations

from triggers.nodes import Node
from triggers.reading.fields import Form, Notes, form, items, text, whole
from triggers.usual import Watch

WATCH_KEYS = ("silence", "runaway", "mute")


def read_watch(policy: Form) -> Watch:
    node = policy.get("watch")
    opened = form(node, policy.notes, known=WATCH_KEYS) if node else None
    if opened is None:
        return Watch()
    found = Watch(
        silence=opened.read("silence", whole, Watch().silence),
        runaway=opened.read("runaway", whole, Watch().runaway),
        mute=opened.read("mute", _names, frozenset()),
    )
    if found.runaway < 2:
        opened.notes.wrong(opened.key("runaway"), "write 2 or more: once is its busiest hour")
    return found


def _names(node: Node, notes: Notes) -> frozenset[str] | None:
    written = [text(one, notes) for one in items(node, notes) or ()]
    return frozenset(one for one in written if one is not None)
