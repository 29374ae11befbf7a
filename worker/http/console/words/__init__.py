"""What does the console say, in each of its languages? Each page has a file of words of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from worker.http.console.words import (
    customer,
    details,
    duty,
    frame,
    messages,
    queue,
    remedies,
    report,
    story,
    today,
    triggers,
    users,
)

Said = Mapping[str, tuple[str, str]]
"""Name -> (English, Hebrew). `{n}` and other names in braces stand for what differs."""

EVERY: Said = {
    **frame.SAID, **today.SAID, **duty.SAID, **story.SAID, **customer.SAID, **queue.SAID,
    **triggers.SAID, **messages.SAID, **report.SAID, **users.SAID, **details.SAID,
    **remedies.SAID,
}  # fmt: skip


@dataclass(frozen=True)
class Words:
    """One language of the console: `words("today.title")`."""

    language: str
    direction: str
    name: str
    texts: Mapping[str, str]

    def __call__(self, key: str, **given: object) -> str:
        """KeyError where there is no such word: a template that asks for one is wrong."""
        text = self.texts[key]
        return text.format(**given) if given else text

    def of(self, kind: str, value: object) -> str:
        """What a name from the database is called, such as a state; else the name itself."""
        return self.texts.get(f"{kind}.{value}", str(value).replace("_", " "))


LANGUAGES: Mapping[str, Words] = {
    "en": Words("en", "ltr", "English", {key: said[0] for key, said in EVERY.items()}),
    "he": Words("he", "rtl", "עברית", {key: said[1] for key, said in EVERY.items()}),
}
