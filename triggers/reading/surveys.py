"""Which surveys does the policy describe: question, scale, and how long they are open?"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from triggers.mistakes import quoted
from triggers.nodes import Fields, Node
from triggers.reading.fields import Notes, form, named, parsed, text
from triggers.reading.quantities import span
from triggers.replies.meanings import Scale
from triggers.surveys import STANDARD, Question, SurveyPolicy

KEYS = ("question", "scale", "open")
SCALE = re.compile(r"([01]) to ([0-9]{1,2})")
HIGHEST = 10
"""More buttons than that fit no phone, and no SMS says so many digits without a mistake."""


def read_surveys(
    node: Node | None, notes: Notes, languages: Collection[str]
) -> Mapping[str, SurveyPolicy]:
    if node is None:
        return {}
    entries = named(node, notes, "surveys")
    return {name: _survey(entry.value, notes, languages) for name, entry in entries}


def parse_scale(written: str) -> Scale:
    found = SCALE.fullmatch(written.strip())
    if found is None or not int(found[1]) < int(found[2]) <= HIGHEST:
        raise ValueError(f"{quoted(written)} is no scale; write 1 to 5 or 0 to 10")
    return Scale(int(found[1]), int(found[2]))


def _survey(node: Node, notes: Notes, languages: Collection[str]) -> SurveyPolicy:
    opened = form(node, notes, known=KEYS)
    if opened is None:
        return STANDARD
    asked = opened.get("question")
    return SurveyPolicy(
        question=(asked and _question(asked, notes, languages)) or STANDARD.question,
        scale=opened.read("scale", _scale, STANDARD.scale),
        open=opened.read("open", span, STANDARD.open),
    )


def _scale(node: Node, notes: Notes) -> Scale | None:
    return parsed(node, notes, "a scale such as 1 to 5", parse_scale)


def _question(node: Node, notes: Notes, languages: Collection[str]) -> Question | None:
    if not isinstance(node, Fields):
        return text(node, notes)
    found = {}
    for language, entry in node.entries.items():
        if languages and language not in languages:
            notes.wrong(entry.key, f"{quoted(language)} is not one of the policy's languages")
        words = text(entry.value, notes)
        if words is not None:
            found[language] = words
    return found
