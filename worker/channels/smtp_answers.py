"""What does a reply of a mail server's mean, at the point of the talk where it came?"""

from __future__ import annotations

import re
from enum import Enum, auto

from worker.channels.base import ChannelError, Misconfigured, Refused, TryLater, Uncertain

ENHANCED = re.compile(rb"^(\d\.\d{1,3}\.\d{1,3})\b")
QUEUED = re.compile(r"\bqueued as ([\w.-]{1,80})", re.ASCII)
AUTHENTICATION = frozenset({530, 534, 535, 538})
TOO_LARGE = 552
CLOSING = 421


class Point(Enum):
    """Where in the talk a reply came."""

    GREETING = auto()
    SENDER = auto()
    RECIPIENT = auto()
    TEXT = auto()
    DOT = auto()
    """After the final dot: from here on silence means that the server may have it."""


def refusal(point: Point, code: int, text: bytes) -> ChannelError:
    """The error for a reply that was no success; the server's own words are left behind."""
    name = _name(code, text)
    if code in AUTHENTICATION:
        return Misconfigured(name, "the server wants other credentials")
    if 400 <= code < 500:
        failing = _of_the_server(point, code, text)
        return TryLater(name, "the server asks to try again", failing=failing)
    if not 500 <= code < 600:
        return _unreadable(point, name)
    if point is Point.GREETING or (point is Point.SENDER and code != TOO_LARGE):
        return Misconfigured(name, "the server refuses us or our sender")
    bad = point is Point.RECIPIENT and _status(text).startswith("5.1.")
    return Refused(name, "refused by the server", bad_address=bad)


def _unreadable(point: Point, name: str) -> ChannelError:
    if point is Point.DOT:
        return Uncertain(name, "the answer could not be read")
    return TryLater(name, "the answer could not be read", failing=True)


def _of_the_server(point: Point, code: int, text: bytes) -> bool:
    """Whether everybody's mail would be put off, not only what goes to this recipient."""
    before_anybody = point in {Point.GREETING, Point.SENDER}
    return before_anybody or code == CLOSING or _status(text).startswith("4.3.")


def _status(text: bytes) -> str:
    found = ENHANCED.match(text)
    return found[1].decode() if found else ""


def _name(code: int, text: bytes) -> str:
    return f"{code} {_status(text)}".strip()


def queue_id(text: bytes) -> str | None:
    """The server's own name for what it took, where it says one."""
    found = QUEUED.search(text.decode("ascii", "replace"))
    return found[1] if found else None
