"""What stands below each root that a condition or a template may read?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from triggers.customers import OWN_FIELDS
from triggers.kinds import Kind
from triggers.shapes import ANY, Shape

_TEXT = Shape(Kind.TEXT)
_NUMBER = Shape(Kind.NUMBER)

NOW = Shape(Kind.TIME)
COUNT = Shape(
    Kind.OBJECT,
    {"value": _NUMBER, "events": _NUMBER, "first": NOW},
    closed=True,
)
"""`value` is compared with `reach`, `first` is the time of the first counted event."""

_PROFILE = Shape.from_schema({"type": "object", "properties": OWN_FIELDS}).properties


def event_shape(data: Shape = ANY) -> Shape:
    """An event whose type's schema says `data`."""
    texts = dict.fromkeys(("source", "id", "type", "subject"), _TEXT)
    return Shape(Kind.OBJECT, {**texts, "time": NOW, "data": data}, closed=True)


def customer_shape(attributes: Shape = ANY) -> Shape:
    """A flat profile: our own fields, and the attributes of config/customer.yaml."""
    extra = ANY if attributes.untold else attributes.extra
    properties = {**attributes.properties, **_PROFILE}
    return replace(attributes, kinds=Kind.OBJECT, properties=properties, extra=extra)


ANY_SEGMENT = Shape(Kind.OBJECT, extra=Shape(Kind.BOOLEAN))
"""Where the policy's could not be read: whichever is asked for counts as known."""


def segment_shape(names: Iterable[str]) -> Shape:
    """Each segment is true or false."""
    return Shape(Kind.OBJECT, dict.fromkeys(names, Shape(Kind.BOOLEAN)), closed=True)
