"""Does advertising say so and offer a way out, and does a service message stay one?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from jinja2 import nodes

from triggers.mistakes import Severity
from triggers.texts.places import Part, TextPlace
from triggers.texts.trees import every
from triggers.texts.variables import variables

LABELS = {"he": re.compile("פרסומת"), "en": re.compile(r"\b(?:ad|advertisement)\b", re.IGNORECASE)}
"""Israel's Communications Law, section 30A, wants the word, in an e-mail in its subject."""

LEAVING = re.compile(r"הסר|\bstop\b|\bunsubscribe\b", re.IGNORECASE)
ANSWER = re.compile(
    r"\b(?:reply|answer|respond|text|send)\b[^.\n]{0,30}\b(?:stop|unsubscribe)\b"
    r"|\bstop to\b|(?:השב|השיב|שלח|כתב|ענ)[וי]?\b[^.\n]{0,30}הסר",
    re.IGNORECASE,
)
WAYS_OUT = frozenset({"links.unsubscribe", "links.preferences"})

PROMOTION = re.compile(
    r"\b(?:discount|coupon|promo|special offer|free gift|on sale)\b|\d+ ?% off"
    r"|\b[ובהלמש]{0,2}(?:מבצע|הנחה|קופון|הטבה|מתנה)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Finding:
    line: int
    column_of: str
    message: str
    severity: Severity = Severity.ERROR


def advertising(place: TextPlace, tree: nodes.Template, *, two_way: bool) -> Iterator[Finding]:
    """What a text of an advertising category lacks; `two_way`: an answer to an SMS is heard."""
    words = fixed_text(tree)
    labelled = place.part is Part.SUBJECT or place.channel == "sms"
    if labelled and not _labelled(words, place.language):
        where = "subject" if place.part is Part.SUBJECT else "text"
        yield Finding(1, "", f"the {where} of an advertisement says {_label(place.language)}")
    if place.part is Part.SUBJECT:
        return
    read = {variable.path for variable in variables(tree)}
    # by SMS the norm is to answer with one word; a letter has nobody to answer to
    by_word = place.channel == "sms" and two_way and LEAVING.search(words)
    if not read & WAYS_OUT and not by_word:
        yield Finding(1, "", "an advertisement offers a way out, such as {{ links.unsubscribe }}")


def service(tree: nodes.Template) -> Iterator[Finding]:
    """One line of promotion turns a service message into an advertisement."""
    for data in every(tree, nodes.TemplateData):
        for found in PROMOTION.finditer(data.data):
            line = data.lineno + data.data.count("\n", 0, found.start())
            reason = f"'{found[0]}' sounds like an advertisement in a message of service"
            yield Finding(line, found[0], reason, Severity.WARNING)


def unanswerable(tree: nodes.Template, severity: Severity) -> Iterator[Finding]:
    """Who is told to answer a sender that cannot hear believes he has said no."""
    for data in every(tree, nodes.TemplateData):
        for found in ANSWER.finditer(data.data):
            line = data.lineno + data.data.count("\n", 0, found.start())
            reason = f"'{found[0]}': the policy's sms cannot be answered, write a link"
            yield Finding(line, found[0], reason, severity)


def fixed_text(tree: nodes.Template) -> str:
    return " ".join(data.data for data in every(tree, nodes.TemplateData))


def _labelled(words: str, language: str) -> bool:
    known = LABELS.get(language)
    return bool(known.search(words)) if known else any(w.search(words) for w in LABELS.values())


def _label(language: str) -> str:
    return "פרסומת" if language == "he" else "'Advertisement'"
