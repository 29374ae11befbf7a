"""When does a condition hold? Everything that the other rooms may use of conditions."""

from triggers.conditions.answers import Answer
from triggers.conditions.condition import Condition
from triggers.conditions.environment import Env, segment_answers
from triggers.conditions.explaining import Explanation
from triggers.conditions.mistakes import ConditionMistake, ConditionRefused

__all__ = [
    "Answer",
    "Condition",
    "ConditionMistake",
    "ConditionRefused",
    "Env",
    "Explanation",
    "segment_answers",
]
