"""Which queues of people are there, how much can each take, and in which hours?"""

from __future__ import annotations

from collections.abc import Mapping

from triggers.calendars.hours import parse_hours
from triggers.definitions import AgentQueue, Weekly
from triggers.nodes import Node
from triggers.reading.fields import Notes, form, named, parsed, whole
from triggers.reading.quantities import rate

KEYS = ("capacity", "hours", "open")


def read_queues(node: Node, notes: Notes) -> Mapping[str, AgentQueue]:
    return {
        name: _queue(name, entry.value, notes)
        for name, entry in named(node, notes, "queues of people")
    }


def _queue(name: str, node: Node, notes: Notes) -> AgentQueue:
    opened = form(node, notes, known=KEYS)
    if opened is None:
        return AgentQueue(name)
    return AgentQueue(
        name,
        opened.maybe("capacity", rate),
        opened.maybe("hours", _hours),
        opened.maybe("open", whole),
    )


def _hours(node: Node, notes: Notes) -> Weekly | None:
    return parsed(node, notes, "working hours such as sun-thu 08:30 to 17:00", parse_hours)
