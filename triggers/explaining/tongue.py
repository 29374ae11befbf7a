"""How does a sentence come out in a language, with values of another direction inside it?"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from triggers.clock import local
from triggers.explaining import english, hebrew
from triggers.explaining.asked import decisive, is_path, values_in
from triggers.explaining.told import Asked, Part, Setting
from triggers.texts.isolation import FIRST_STRONG, POP

LANGUAGES = ("en", "he")
LONGEST_VALUE = 60
LONGEST_SETTING = 60
MOST_PARTS = 5
SAID = ("on", "key", "when", "send", "unless")
"""Words of a trigger that a sentence tells in its own way."""
SEGMENT = "segment."


class Phrase(str):
    """Words of the language itself: they need not be kept apart from the sentence round them."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language, on one customer's clock."""

    lang: str
    zone: ZoneInfo

    @property
    def _words(self) -> Any:
        return hebrew if self.lang == "he" else english

    def say(self, sentence: str, **given: object) -> Phrase:
        return self._filled(self._words.SENTENCES[sentence], given)

    def reason(self, reason: str | None, **given: object) -> Phrase:
        """Of a reason that has no words, which none has, its own name."""
        words = self._words.REASONS.get(reason or "")
        return Phrase(reason or "") if words is None else self._filled(words, given)

    def message(self, state: str, why: str | None) -> Phrase:
        words: str = self._words.MESSAGES.get(state, state)
        if not why:
            words = words.replace(" ({why})", "")
        return self._filled(words, {"why": why})

    def call(self, state: str, **given: object) -> Phrase:
        return self._filled(self._words.CALLS.get(state, state), given)

    @property
    def nobody(self) -> Phrase:
        return Phrase(self._words.NOBODY)

    def about(self, key: str | None) -> Phrase:
        return self.say("about", key=key) if key else Phrase("")

    def with_setting(self, sentence: Phrase, setting: Setting | None) -> Phrase:
        """The sentence with the word that decided before its full stop."""
        if setting is None:
            return sentence
        form = "setting" if setting.written else "default"
        # what the sentence says already, or is long, need not be said: the place leads there
        if setting.word in SAID or not 0 < len(setting.value) <= LONGEST_SETTING:
            form = "place"
        said = self.say(form, word=setting.word, value=setting.value, place=str(setting.place))
        return Phrase(f"{sentence[:-1]}{said}{sentence[-1:]}")

    def time(self, moment: datetime) -> str:
        """On the customer's clock."""
        his = local(moment, self.zone)
        if self.lang == "he":
            return f"{his.day}.{his.month}.{his.year} {his:%H:%M}"
        return f"{his:%Y-%m-%d %H:%M}"

    def joined(self, phrases: Iterable[str]) -> Phrase:
        return Phrase(self._words.AND.join(phrases))

    def because(self, whole: Asked, beside: Sequence[Asked] = ()) -> Phrase:
        """The parts that made a condition what it is, each with its values.

        `beside`: conditions that its parts may rest on in turn, which are the segments'.
        """
        segments = {one.word: one for one in beside if one.word.startswith(SEGMENT)}
        parts = list(decisive(whole))[:MOST_PARTS]
        return self.joined(self._part(one, segments) for one in parts)

    def _part(self, part: Part, segments: Mapping[str, Asked]) -> Phrase:
        found = dict(values_in(part))
        values = [self._value(path, value, segments.get(path)) for path, value in found.items()]
        if is_path(part.text):
            return values[0]
        said = self.say(f"part_{part.answer}", text=part.text)
        return Phrase(f"{said} ({', '.join(values)})") if values else said

    def _value(self, path: str, value: Any, segment: Asked | None) -> Phrase:
        if segment is not None:
            because = self.because(segment)
            return self.say("because_segment", path=path, value=shown(value), because=because)
        if value in ("unknown", None):
            return self.say("without_value", path=path)
        return self.say("with_value", path=path, value=shown(value))

    def _filled(self, words: str, given: Mapping[str, object]) -> Phrase:
        return Phrase(words.format(**{name: self._kept_apart(one) for name, one in given.items()}))

    def _kept_apart(self, value: object) -> str:
        if isinstance(value, datetime):
            value = self.time(value)
        if isinstance(value, Phrase):
            return value
        text = "".join(map(_printable, str(value)))
        return f"{FIRST_STRONG}{text}{POP}" if self.lang == "he" else text


def _printable(char: str) -> str:
    """Somebody else's text must not take the terminal or the line over."""
    return char if char.isprintable() else char.encode("unicode_escape").decode()


def shown(value: Any) -> str:
    """As somebody would write it in a file, on one line and not too long."""
    match value:
        case "yes" | "no" | "open":
            text = str(value)
        case datetime():
            text = value.isoformat(timespec="minutes")
        case _:
            text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"
