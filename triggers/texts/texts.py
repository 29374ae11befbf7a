"""Which text goes out for a message, on a channel, in the customer's language?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from triggers.texts.context import read_in
from triggers.texts.failures import TextFailed
from triggers.texts.pages import page
from triggers.texts.places import NEEDED, Misplaced, Part, text_place
from triggers.texts.segments import segments
from triggers.texts.templates import Compiled, compiled

SMS_CAP = 1_600
CAPS = {Part.TEXT: 100 * 1024, Part.HTML: 200 * 1024, Part.SUBJECT: 250}
"""Characters; what a template writes past them is never held in memory."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text ready to leave, in the language it was written in. `segments` are 0 but for SMS."""

    language: str
    subject: str | None
    text: str
    html: str | None
    segments: int


class Texts:
    """The texts of one configuration; each template is compiled when it is first used, and kept."""

    def __init__(
        self,
        sources: Mapping[tuple[str, str], Mapping[str, Mapping[Part, str]]],
        files: Mapping[str, str],
        languages: tuple[str, ...],
    ) -> None:
        self._sources = sources
        self._files = files
        self._languages = languages
        self._compiled: dict[str, Compiled] = {}

    @classmethod
    def from_files(cls, files: Mapping[str, str], languages: tuple[str, ...]) -> Texts:
        """`files` are paths and contents; those that are no texts are passed over."""
        found: dict[tuple[str, str], dict[str, dict[Part, str]]] = {}
        for file in files:
            try:
                place = text_place(file)
            except Misplaced:
                continue
            by_language = found.setdefault((place.message, place.channel), {})
            by_language.setdefault(place.language, {})[place.part] = file
        return cls(found, files, languages)

    def language(self, message: str, channel: str, wanted: str) -> str | None:
        """The wanted language, else the first of the policy's that has every needed part."""
        written = self._sources.get((message, channel), {})
        needed = NEEDED.get(channel, ())
        for language in (wanted, *self._languages):
            if language in written and all(part in written[language] for part in needed):
                return language
        return None

    def render(
        self, message: str, channel: str, language: str, context: Mapping[str, Any]
    ) -> Rendered:
        """`context` comes from `context.build`; TextFailed when no text came out."""
        written = self.language(message, channel, language)
        if written is None:
            raise TextFailed(f"{message}/{channel}", "has no text in any language of the policy")
        parts = self._sources[message, channel][written]
        plain = read_in(context, written, html=False)
        text = self._part(parts[Part.TEXT], plain, channel, Part.TEXT)
        if channel == "sms":
            return Rendered(written, None, text, None, segments(text))
        subject = html = None
        if Part.SUBJECT in parts:
            whole = self._part(parts[Part.SUBJECT], plain, channel, Part.SUBJECT)
            subject = " ".join(whole.split())
        if Part.HTML in parts:
            marked_up = read_in(context, written, html=True)
            body = self._part(parts[Part.HTML], marked_up, channel, Part.HTML)
            html = page(body, written)
        return Rendered(written, subject, text, html, 0)

    def _part(self, file: str, context: Mapping[str, Any], channel: str, part: Part) -> str:
        template = self._compiled.get(file)
        if template is None:
            cap = SMS_CAP if channel == "sms" else CAPS[part]
            source = self._files[file]
            template = compiled(file, source, cap=cap, html=part is Part.HTML)
            self._compiled[file] = template
        text = template.render(context).strip()
        if not text:
            raise TextFailed(file, "is empty")
        return text
