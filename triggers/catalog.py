"""Which events may be published, what do they hold, and whose are they?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from triggers.definitions import Place
from triggers.events import OWN_SOURCE
from triggers.paths import Path
from triggers.replies.meanings import Meaning
from triggers.schemas import DataSchema
from triggers.scopes import event_shape
from triggers.shapes import Shape

CUSTOMER_UPDATED = "customer.updated"
SUBJECT = Path.parse("event.subject")
REPLIED = "outreach.replied"
OPTED_OUT = "outreach.opted_out"
MESSAGE_EVENTS = (
    "outreach.sent",
    "outreach.delivered",
    "outreach.failed",
    "outreach.clicked",
    REPLIED,
    OPTED_OUT,
)
"""What may follow once a message was tried; `skipped` and `handed_over` may come without one."""

SURVEY_ANSWERED = "survey.answered"
SKIPPED = "outreach.skipped"
HANDED_OVER = "outreach.handed_over"
OWN_TYPES = (*MESSAGE_EVENTS, SKIPPED, HANDED_OVER, SURVEY_ANSWERED)
_OURS = f"{OWN_SOURCE}."
_BUILT_IN = Place("built in", 0)
_OWN_DATA: Mapping[str, Any] = {
    "type": "object",
    "required": ["trigger"],
    "properties": {
        "trigger": {"type": "string"},
        "key": {"type": "string"},
        "message_id": {"type": "string"},
        "message": {"type": "string"},
        "channel": {"type": "string"},
        "reason": {"type": "string"},
        "link": {"type": "string"},
        "cause": {"type": "object", "additionalProperties": True},
    },
}
_REPLIED = {
    "type": "object",
    "properties": {
        **_OWN_DATA["properties"],
        "meaning": {"enum": [one.value for one in Meaning]},
        "also": {"type": "array", "items": {"type": "string"}},
        "text": {"type": "string"},
        "answered": {"type": "boolean"},
    },
}
"""A text may come from somebody to whom no trigger has written."""

_OPTED_OUT = {
    "type": "object",
    "properties": {
        **_OWN_DATA["properties"],
        "source": {"type": "string"},
        "category": {"type": "string"},
    },
}
_ANSWERED = {
    **_OWN_DATA,
    "properties": {
        **_OWN_DATA["properties"],
        "survey": {"type": "string"},
        "score": {"type": "integer"},
        "has_text": {"type": "boolean"},
    },
}
_OTHERWISE: Mapping[str, Mapping[str, Any]] = {
    REPLIED: _REPLIED,
    OPTED_OUT: _OPTED_OUT,
    SURVEY_ANSWERED: _ANSWERED,
}


@dataclass(frozen=True, slots=True)
class EventType:
    """One type of event: its data's schema, and where its customer's id stands."""

    name: str
    about: str
    customer: Path
    shape: Shape
    """Of the data."""
    data: DataSchema
    """As it was written, and compiled."""
    examples: Sequence[Mapping[str, Any]] = ()
    place: Place = _BUILT_IN

    @classmethod
    def of(cls, name: str, data: DataSchema, **rest: Any) -> EventType:
        """`rest`: about, customer, examples, place."""
        shape = Shape.from_schema(data.raw)
        told: dict[str, Any] = {"about": "", "customer": SUBJECT} | rest
        return cls(name=name, shape=shape, data=data, **told)

    @property
    def event(self) -> Shape:
        """Of the whole event, as conditions and paths read it: `event.data.…`, `event.time`."""
        return event_shape(self.shape)

    def problems(self, data: object) -> list[tuple[str, str]]:
        """JSON pointer into the data and message of each misfit; no message repeats a value."""
        return self.data.problems(data)


@dataclass(frozen=True, slots=True)
class Catalog:
    """Every event type, ours included, by name."""

    types: Mapping[str, EventType]


def is_ours(name: str) -> bool:
    """Whether only this system says such events; `outreach.` also reserves what it may say yet."""
    return name.startswith(_OURS) or name in OWN_TYPES


def built_in_types(profile: DataSchema) -> Mapping[str, EventType]:
    """`customer.updated`, whose data is a profile, and what this system says itself."""
    own = DataSchema.compile(_OWN_DATA)
    types = {name: EventType.of(name, own) for name in OWN_TYPES}
    for name, data in _OTHERWISE.items():
        types[name] = EventType.of(name, DataSchema.compile(data))
    types[CUSTOMER_UPDATED] = EventType.of(
        CUSTOMER_UPDATED, profile, about="A customer's profile is new or has changed."
    )
    return types
