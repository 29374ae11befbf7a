"""What may a condition look at when it is asked?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from triggers.events import Event


@dataclass(frozen=True, slots=True)
class Env:
    """The roots of every path. None: not known yet, so that what reads it is open.

    `customer` is the flat profile, `count` has `value`, `events` and `first`, `now` is UTC.
    """

    event: Event | None = None
    customer: Mapping[str, Any] | None = None
    segment: Mapping[str, Any] | Callable[[str], Any] | None = None
    count: Mapping[str, Any] | None = None
    now: datetime | None = None
    zone: ZoneInfo | None = None


class Question(Protocol):
    """What a segment is here: something that answers."""

    def ask(self, env: Env, /) -> Any: ...


class SegmentAnswers(Mapping[str, Any]):
    """Each segment's answer for one customer, asked at most once and only if somebody reads it."""

    def __init__(self, segments: Mapping[str, Question], env: Env) -> None:
        self._segments = segments
        self._env = replace(env, segment=self)
        self._known: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._known:
            condition = self._segments[name]
            # a segment that leads into itself finds no answer there: unknown
            self._known[name] = None
            self._known[name] = condition.ask(self._env)
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._segments)

    def __len__(self) -> int:
        return len(self._segments)


def segment_answers(segments: Mapping[str, Question], env: Env) -> SegmentAnswers:
    """The policy's segments as `Env.segment`; `env` holds the customer, now and the zone."""
    return SegmentAnswers(segments, env)
