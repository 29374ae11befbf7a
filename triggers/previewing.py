"""How does a message look, on every channel and in every language, with sample or real values?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from triggers.clerk import PLACEHOLDERS
from triggers.configuration import Configuration
from triggers.costs import price_of
from triggers.customers import Customer
from triggers.definitions import Trigger
from triggers.envelope import Envelope
from triggers.events import Event
from triggers.profiles import customer_env
from triggers.reading.expressions import trigger_scope
from triggers.reading.given import ALWAYS
from triggers.stories import told
from triggers.texts.context import build
from triggers.texts.environment import HTML, TEXT
from triggers.texts.failures import TextFailed
from triggers.texts.known import Known
from triggers.texts.languages import Reader, is_rtl
from triggers.texts.longest import longest
from triggers.texts.missing import may_be_missing
from triggers.texts.places import Misplaced, Part, TextPlace, text_place
from triggers.texts.segments import fits_gsm
from triggers.texts.texts import Rendered
from triggers.texts.whitelist import parsed
from triggers.zones import zone_of

SHOWN = ("sms", "email", "agent")
SOMEBODY = {"phone": "+972501234567", "email": "somebody@customer.example"}
"""Whom a sample is written to, where nobody is named: a number and a name that reach nobody."""


@dataclass(frozen=True, slots=True)
class Longest:
    """The longest that an SMS may become, with long values in every place."""

    characters: int
    segments: int


@dataclass(frozen=True, slots=True)
class Written:
    """One text. `language` is the one asked for, `written_in` the one it falls back to.

    `encoding`: GSM-7 or UCS-2, of an SMS. `cost`: of one message, in the policy's currency; None
    where the policy names no price. `missing`: paths that it prints and that have no value here;
    `failed`: why nothing came out, so that the message would be parked.
    """

    channel: str
    language: str
    written_in: str | None
    subject: str | None = None
    text: str | None = None
    html: str | None = None
    characters: int = 0
    segments: int = 0
    encoding: str | None = None
    cost: str | None = None
    missing: tuple[str, ...] = ()
    failed: str | None = None
    longest: Longest | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """With what it is filled: an event of a trigger that sends it, and a customer."""

    trigger: Trigger
    event: Event
    customer: Customer


@dataclass(frozen=True, slots=True)
class Preview:
    """A message by all channels and languages, side by side."""

    message: str
    about: str
    trigger: str
    event: Mapping[str, Any]
    customer: str
    currency: str
    texts: tuple[Written, ...]


def messages_of(configuration: Configuration) -> dict[str, list[Trigger]]:
    """Every message that is sent, with the triggers that send it."""
    found: dict[str, list[Trigger]] = {}
    for trigger in configuration.triggers.values():
        for name in dict.fromkeys(one.message for one in trigger.send):
            found.setdefault(name, []).append(trigger)
    return found


def sample_of(
    configuration: Configuration,
    trigger: Trigger,
    now: datetime,
    *,
    data: Mapping[str, Any] | None = None,
    customer: Customer | None = None,
) -> Sample:
    """Values of the trigger's own first example, or else of the catalog's; what is given wins."""
    story = next((one.story for one in trigger.examples), {})
    profile = story.get("customer", {})
    if customer is None:
        known = {name: value for name, value in profile.items() if name != "id"}
        customer = Customer(str(profile.get("id", "c1")), {**SOMEBODY, **known})
    if data is None:
        data = _example(configuration, trigger, story.get("events", ()))
    written = {"type": trigger.on, "at": now.isoformat(), "data": data}
    envelope = told(written, 1, customer.id)
    return Sample(trigger, _event(envelope, customer.id, now), customer)


def _example(
    configuration: Configuration, trigger: Trigger, events: Sequence[Mapping[str, Any]]
) -> Mapping[str, Any]:
    kind = configuration.catalog.types.get(trigger.on)
    example = next(iter(kind.examples), {}) if kind else {}
    starts = [one.get("data", {}) for one in events if one.get("type") == trigger.on]
    return {**example, **(starts[-1] if starts else {})}


def _event(envelope: Envelope, customer: str, now: datetime) -> Event:
    return Event(
        source=envelope.source,
        id=envelope.id,
        type=envelope.type,
        time=envelope.time or now,
        customer=customer,
        data=envelope.data if isinstance(envelope.data, Mapping) else {},
        received=now,
        subject=envelope.subject,
    )


def preview(
    configuration: Configuration,
    message: str,
    sample: Sample,
    now: datetime,
    *,
    language: str | None = None,
) -> Preview:
    """`language` None: all of the policy's. Nothing is read, sent or counted."""
    languages = [language] if language else list(configuration.policy.languages)
    sheet = _Sheet(configuration, message, sample, now)
    return Preview(
        message=message,
        about=sample.trigger.about,
        trigger=sample.trigger.name,
        event={"type": sample.event.type, "data": sample.event.data},
        customer=sample.customer.id,
        currency=configuration.policy.currency,
        texts=tuple(
            sheet.written(channel, one)
            for channel in SHOWN
            if sheet.files(channel)
            for one in languages
        ),
    )


@dataclass(frozen=True, slots=True)
class _Sheet:
    configuration: Configuration
    message: str
    sample: Sample
    now: datetime

    @property
    def zone(self) -> ZoneInfo:
        return zone_of(self.sample.customer, self.configuration.policy).zones[0]

    def files(self, channel: str) -> list[TextPlace]:
        found = []
        for file in self.configuration.templates:
            try:
                place = text_place(file)
            except Misplaced:
                continue
            if (place.message, place.channel) == (self.message, channel):
                found.append(place)
        return found

    def written(self, channel: str, language: str) -> Written:
        texts, policy = self.configuration.texts, self.configuration.policy
        written_in = texts.language(self.message, channel, language)
        missing = tuple(self._missing(channel, written_in))
        worst = self._longest(written_in) if channel == "sms" and written_in else None
        try:
            rendered = texts.render(self.message, channel, language, self._context())
        except TextFailed as failed:
            return Written(
                channel, language, written_in, missing=missing, failed=str(failed), longest=worst
            )
        price = price_of(policy, channel, rendered.segments) if channel != "agent" else None
        return Written(
            channel=channel,
            language=language,
            written_in=rendered.language,
            subject=rendered.subject,
            text=rendered.text,
            html=rendered.html,
            characters=len(rendered.text),
            segments=rendered.segments,
            encoding=_encoding(rendered) if channel == "sms" else None,
            cost=None if price is None else str(price),
            missing=missing,
            longest=worst,
        )

    def _context(self) -> Mapping[str, Any]:
        sample, count = self.sample, self.sample.trigger.count
        first = sample.event.time - timedelta(days=1)
        counted = {"value": count.reach, "events": count.reach, "first": first} if count else {}
        return build(
            sample.event,
            sample.customer,
            self.configuration.policy,
            zone=self.zone,
            trigger=sample.trigger.name,
            now=self.now,
            count=counted,
            extra_links=PLACEHOLDERS.given,
        )

    def _missing(self, channel: str, language: str | None) -> Iterator[str]:
        """What any part of it prints though nothing stands there."""
        given = frozenset(_paths_with_values(self.sample))
        links = self.configuration.policy.links
        found: dict[str, None] = {}
        for place in self.files(channel):
            if place.language == language:
                source = self.configuration.templates[place.file]
                tree = parsed(source, HTML if place.part is Part.HTML else TEXT)
                found |= dict.fromkeys(one.path for one in may_be_missing(tree, given, links))
        yield from found

    def _longest(self, language: str) -> Longest | None:
        policy = self.configuration.policy
        scopes = [
            trigger_scope(
                self.configuration.catalog.types[one.on].event,
                self.configuration.customer_shape,
                counts=one.count is not None,
            )
            for one in messages_of(self.configuration).get(self.message, ())
        ]
        for place in self.files("sms"):
            if place.language == language:
                tree = parsed(self.configuration.templates[place.file], TEXT)
                reader = Reader(language, self.zone, policy.country, False, is_rtl(language))
                worst = longest(tree, Known.of(tree, scopes, policy), reader)
                return Longest(len(worst.text), worst.segments)
        return None


def _encoding(rendered: Rendered) -> str:
    return "GSM-7" if fits_gsm(rendered.text) else "UCS-2"


def _paths_with_values(sample: Sample) -> Iterator[str]:
    yield from ALWAYS
    yield from _below("event.data", sample.event.data)
    yield from _below("customer", customer_env(sample.customer))


def _below(path: str, value: object) -> Iterator[str]:
    if value is None:
        return
    yield path
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _below(f"{path}.{name}", inner)
