"""Which queues of people are there, how much can each take, and in which hours?"""

from __future__ import annotations

from collections.abc import Mapping

from triggers.answering import CALL, TRIGGER, ReplyPolicy
from triggers.calendars.hours import parse_hours
from triggers.definitions import AgentQueue, Weekly
from triggers.mistakes import meant, quoted
from triggers.nodes import Node
from triggers.reading.fields import Notes, form, named, one_of, parsed, text, whole
from triggers.reading.quantities import rate, span

KEYS = ("capacity", "hours", "open", "overdue")
REPLY_KEYS = ("queue", "window", "help")
HELP = (CALL, TRIGGER)


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
        opened.maybe("overdue", span),
    )


def _hours(node: Node, notes: Notes) -> Weekly | None:
    return parsed(node, notes, "working hours such as sun-thu 08:30 to 17:00", parse_hours)


def read_replies(
    node: Node | None, notes: Notes, queues: Mapping[str, AgentQueue]
) -> ReplyPolicy | None:
    """Who takes what customers write, and for how long a text answers the message before it."""
    opened = form(node, notes, known=REPLY_KEYS) if node is not None else None
    if opened is None:
        return None
    standard = ReplyPolicy()
    queue = opened.read("queue", text, standard.queue)
    if queue and queue not in queues:
        told = f"there is no queue {quoted(queue)}{meant(queue, queues)}"
        notes.wrong(opened.get("queue") or opened.node, told)
    helping = opened.read("help", lambda n, t: one_of(n, t, "word", HELP), standard.help)
    return ReplyPolicy(queue, opened.read("window", span, standard.window), helping)
