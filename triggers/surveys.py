"""What does a survey ask, what may it be answered with, and for how long?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from triggers.replies.meanings import Scale

ANSWER = "answer"
"""The link that is made for a survey's message: there its question is answered."""


Question = str | Mapping[str, str]
"""One text for everybody, or one for each language."""


@dataclass(frozen=True, slots=True)
class SurveyPolicy:
    """Without a `question` the message alone asks. `open`: so long an answer is taken."""

    question: Question = ""
    scale: Scale = field(default_factory=lambda: Scale(1, 5))
    open: timedelta = timedelta(days=14)


STANDARD = SurveyPolicy()


def survey_named(name: str, surveys: Mapping[str, SurveyPolicy]) -> SurveyPolicy:
    """As the policy has it; one from 1 to 5 where the policy says nothing of it."""
    return surveys.get(name, STANDARD)
