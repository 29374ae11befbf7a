"""Which attributes does a customer have, beside those whose meaning is ours?"""

from __future__ import annotations

from triggers.customers import OWN_FIELDS
from triggers.mistakes import quoted
from triggers.nodes import Fields, Node
from triggers.reading.fields import Notes
from triggers.reading.schemas import read_schema
from triggers.schemas import DataSchema

NO_ATTRIBUTES = {"type": "object", "properties": {}}


def read_attributes(node: Node, notes: Notes) -> DataSchema | None:
    """config/customer.yaml: the JSON Schema of the attributes."""
    for name in OWN_FIELDS:
        if isinstance(node, Fields) and name in _properties(node):
            notes.wrong(
                _properties(node)[name], f"{quoted(name)} has its meaning already: leave it out"
            )
    return read_schema(node, notes)


def _properties(node: Fields) -> dict[str, Node]:
    entry = node.entries.get("properties")
    if entry is None or not isinstance(entry.value, Fields):
        return {}
    return {name: one.key for name, one in entry.value.entries.items()}
