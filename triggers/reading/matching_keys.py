"""Does another event carry the value that a trigger's key is matched by?"""

from __future__ import annotations

from triggers.mistakes import quoted
from triggers.nodes import Node
from triggers.paths import Path
from triggers.reading.expressions import find_path
from triggers.reading.fields import Notes
from triggers.reading.world import World


def check_key(
    node: Node, notes: Notes, *, event: str, key: Path | None, world: World, hint: str = ""
) -> None:
    """Exits and resets without a key of their own are matched by the trigger's."""
    if key is None:
        return
    try:
        find_path(key.text, world.event(event))
    except ValueError:
        notes.wrong(node, f"{quoted(event)} has no {quoted(key.text)} to match the key by{hint}")
