"""Why did each trigger speak to this customer or stay silent, and beside what is that told?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from triggers.explaining.told import SILENT, Explained, OfTrigger, Point, Silence
from worker.http.console.visits import Visit
from worker.steps.explain import NothingToExplain, Question, explain


class Told(NamedTuple):
    """A point, and the trigger that it is of."""

    trigger: str
    point: Point


@dataclass(frozen=True)
class Why:
    """What is explained, sorted for the page; `explained` None where nothing can be said."""

    explained: Explained | None
    cases: Mapping[tuple[str, str, str], Told] = field(default_factory=dict)
    silences: Mapping[tuple[str, str], Sequence[Told]] = field(default_factory=dict)

    @property
    def notes(self) -> Sequence[str]:
        return self.explained.notes if self.explained else ()

    @property
    def heard(self) -> Sequence[OfTrigger]:
        """Those with something to say: who spoke, or waits, or was silent upon something."""
        return [one for one in self._triggers if not _heard_nothing(one)]

    @property
    def unheard(self) -> Sequence[OfTrigger]:
        """Those whose event never came."""
        return [one for one in self._triggers if _heard_nothing(one)]

    @property
    def _triggers(self) -> Sequence[OfTrigger]:
        return self.explained.triggers if self.explained else ()


def read_why(
    visit: Visit, customer: str, trigger: str | None = None, at: datetime | None = None
) -> Why:
    question = Question(customer, trigger, at, visit.words.language)
    parts = visit.house.parts
    try:
        found = explain(parts.engine, parts.hasher, visit.rules, question)
    except NothingToExplain:
        return Why(None)
    cases: dict[tuple[str, str, str], Told] = {}
    silences: dict[tuple[str, str], list[Told]] = defaultdict(list)
    for one in found.triggers:
        for point in one.points:
            told = Told(one.trigger, point)
            if point.outcome == SILENT:
                for cause in point.causes:
                    silences[cause.source, cause.id].append(told)
            else:
                cases[one.trigger, point.key or "", point.epoch or ""] = told
    return Why(found, cases, silences)


def _heard_nothing(one: OfTrigger) -> bool:
    [first, *others] = one.points
    return (
        not others and first.outcome == SILENT and first.why in (Silence.NO_EVENT, Silence.ERASED)
    )
