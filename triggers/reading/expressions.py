"""Which condition or path stands in a text, and what may it read there?"""

from __future__ import annotations

from collections.abc import Collection

from triggers.conditions import Condition, ConditionRefused
from triggers.kinds import MOMENT, SCALAR, Kind
from triggers.nodes import Node, Scalar
from triggers.paths import Path
from triggers.reading.fields import Notes, parsed, text
from triggers.scopes import ANY_SEGMENT, COUNT, NOW, segment_shape
from triggers.shapes import PathUnknown, Scope, Shape


def customer_scope(customer: Shape) -> Scope:
    """What a segment reads."""
    return Scope({"customer": customer, "now": NOW})


def exit_scope(event: Shape) -> Scope:
    return Scope({"event": event})


def trigger_scope(event: Shape, customer: Shape, *, counts: bool) -> Scope:
    """What a trigger's `when` and its texts read; `when` reads the policy's segments too."""
    count = {"count": COUNT} if counts else {}
    return Scope({"event": event, "customer": customer, **count, "now": NOW})


def condition(node: Node, notes: Notes, scope: Scope) -> Condition | None:
    """What an exit or a segment asks."""
    if isinstance(node, Scalar) and isinstance(node.value, bool):
        notes.wrong(node, "a condition is wanted; leave the word out where it is always true")
        return None
    words = text(node, notes)
    if words is None or not isinstance(node, Scalar):
        return None
    try:
        return Condition(words, scope)
    except ConditionRefused as refused:
        for one in refused.mistakes:
            notes.inside(node, one.column - 1, one.message)
        if node.source.text.startswith(" #", node.end) and '"' in words:
            notes.inside(node, len(words), "a comment begins here; put the whole in single quotes")
        return None


def condition_with_segments(
    node: Node, notes: Notes, scope: Scope, segments: Collection[str] | None
) -> Condition | None:
    """What a trigger or a route asks. `segments` None: they could not be read."""
    known = ANY_SEGMENT if segments is None else segment_shape(segments)
    return condition(node, notes, Scope({**scope.roots, "segment": known}))


def check_constant(found: Condition | None, node: Node, notes: Notes, *, never: str) -> None:
    """A condition that asks nothing; `never` says what to write for one that never holds."""
    match found.constant() if found is not None else None:
        case True:
            notes.warn(node, "always true, whatever is read: leave the word out")
        case False:
            notes.warn(node, f"never true, whatever is read: {never}")


def key_path(node: Node, notes: Notes, event: Shape) -> Path | None:
    """A path to a single value, by which occurrences are told apart."""
    return _path_to(node, notes, event, SCALAR | MOMENT, "a key must be a single value")


def number_path(node: Node, notes: Notes, event: Shape) -> Path | None:
    return _path_to(node, notes, event, Kind.NUMBER, "a sum is of numbers")


def _path_to(node: Node, notes: Notes, event: Shape, kinds: Kind, why: str) -> Path | None:
    def find(words: str) -> Path:
        found, shape = find_path(words, event)
        if not shape.kinds & kinds:
            raise ValueError(f"'{found.text}' is {shape.kinds}: {why}")
        return found

    path = parsed(node, notes, "a path such as event.data.id", find)
    if path is not None:
        warn_of_its_moment(node, notes, path)
    return path


def warn_of_its_moment(node: Node, notes: Notes, path: Path) -> None:
    """It passes for a date, and makes neither a key nor a wait. Not refused: what is in force with
    one must be read by the version that comes after."""
    if path.parts == ("time",):
        notes.warn(node, "never does anything: 'event.time' is when it happened; name its data")


def find_date(words: str, event: Shape) -> Path:
    """ValueError where no date or time stands there."""
    found, shape = find_path(words, event)
    if not shape.kinds & MOMENT and shape.kinds & SCALAR != SCALAR:
        hint = "; write format: date in its schema" if Kind.TEXT in shape.kinds else ""
        raise ValueError(f"'{found.text}' is {shape.kinds}, not a date{hint}")
    return found


def find_path(words: str, event: Shape) -> tuple[Path, Shape]:
    """ValueError where the event has nothing there."""
    found = Path.parse(words)
    try:
        return found, Scope({"event": event}).shape_of(found.text)
    except PathUnknown as unknown:
        raise ValueError(str(unknown)) from None
