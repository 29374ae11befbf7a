"""Does what was written fit its JSON Schema, and where does it not?"""

from __future__ import annotations

from triggers.nodes import Node, Scalar, at, broken, plain
from triggers.reading.fields import Notes
from triggers.schemas import DataSchema


def check_fit(node: Node, notes: Notes, schema: DataSchema) -> None:
    """A mistake at each misfit; what was refused already is not told twice."""
    if broken(node):
        return
    for path, message in schema.misfits(plain(node)):
        there = at(node, path)
        notes.wrong(there, f"{message}{_hint(there, message)}")


def _hint(node: Node, message: str) -> str:
    """YAML takes 0501234567 for a number, and a phone is none."""
    number = isinstance(node, Scalar) and type(node.value) in {int, float}
    return "; put it in quotes" if number and "of type" in message and '"string"' in message else ""
