"""Did what was expected come, and if not, what is otherwise?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from triggers.clock import instant
from triggers.lines import Line
from triggers.verdicts import Outcome

SPOKEN = {Outcome.SENT, Outcome.HANDED_OVER}

Expected = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """`expected` None: nothing was; `came` None: nothing did. `words` say what is otherwise."""

    expected: Expected | None
    came: Line | None
    words: tuple[str, ...]


def compared(expected: Sequence[Expected], lines: Sequence[Line]) -> Iterator[Difference]:
    """Each expectation with what came in its turn; those that are met are not told."""
    spoken = sorted((one for one in lines if one.outcome in SPOKEN), key=lambda one: one.at)
    for wanted, came in zip_longest(expected, spoken):
        words = tuple(_differences(wanted, came))
        if words:
            yield Difference(wanted, came, words)


def _differences(wanted: Expected | None, came: Line | None) -> Iterator[str]:
    if wanted is None or came is None:
        yield "nothing came" if came is None else "nothing was expected"
        return
    if "at" in wanted and instant(wanted["at"]) != came.at:
        yield f"at another time than {wanted['at']}"
    if "after" in wanted and came.at < instant(wanted["after"]):
        yield f"not after {wanted['after']}"
    if "before" in wanted and came.at > instant(wanted["before"]):
        yield f"not before {wanted['before']}"
    if "agent" in wanted and (came.outcome, came.to) != (Outcome.HANDED_OVER, wanted["agent"]):
        yield f"not a person of {wanted['agent']}"
    for channel in ("sms", "email"):
        if channel in wanted:
            yield from _letter_differences(channel, wanted[channel], came)


def _letter_differences(channel: str, wanted: Expected, came: Line) -> Iterator[str]:
    if came.channel != channel:
        yield f"not by {channel}"
        return
    if "to" in wanted and wanted["to"] != came.to:
        yield f"not to {wanted['to']}"
    if "contains" in wanted and str(wanted["contains"]) not in whole_text(came):
        yield f"without the text {wanted['contains']!r}"


def whole_text(line: Line) -> str:
    return f"{line.subject or ''}\n{line.text or ''}".strip()
