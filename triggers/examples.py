"""Does a trigger do what its own examples say?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from triggers.admission import admit
from triggers.case import Case
from triggers.catalog import is_ours
from triggers.clock import instant
from triggers.configuration import Configuration
from triggers.customers import Customer
from triggers.definitions import Example, Place, Trigger
from triggers.events import Event
from triggers.expecting import Difference, compared
from triggers.forecast import Forecast
from triggers.lines import Line
from triggers.own_events import retold
from triggers.refusals import Refusal
from triggers.remembering import BEGINNING
from triggers.stories import told
from triggers.verdicts import Verdict
from triggers.whys import Story, told_once, why_nothing_started, why_verdict
from triggers.zones import zone_of

END = datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Played:
    """An example that was run. `came` tells every outcome, also those of silence.

    Where it does not hold, `differences` say what is otherwise and `why` what was decided.
    `place` is the example's own, `zone` the customer's.
    """

    trigger: str
    example: str
    place: Place
    zone: ZoneInfo
    came: tuple[Line, ...] = ()
    differences: tuple[Difference, ...] = ()
    why: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        return not self.differences


def play_examples(configuration: Configuration, only: Collection[str] = ()) -> Iterator[Played]:
    """Each example of each trigger, or of those that are named, in the order written."""
    for trigger in configuration.triggers.values():
        if only and trigger.name not in only:
            continue
        for number, example in enumerate(trigger.examples, start=1):
            yield _Stage(configuration, trigger, example).played(number)


class _Stage:
    """One example's: what is told to the forecast, and what the gates were heard to say."""

    def __init__(self, configuration: Configuration, trigger: Trigger, example: Example) -> None:
        self._configuration = configuration
        self._trigger = trigger
        self._place = example.place
        self._example = example.story
        self._heard: list[tuple[Case, Verdict]] = []

    def played(self, number: int) -> Played:
        name = str(self._example.get("name", f"example {number}"))
        head = (self._trigger.name, name, self._place, self._zone())
        try:
            events = self._events()
            lines = tuple(self._play(events))
            differences = tuple(compared(self._example.get("expect", ()), lines))
        except (Refusal, ValueError, KeyError, TypeError) as error:
            unread = Difference(None, None, (f"the example cannot be read: {error}",))
            return Played(*head, differences=(unread,))
        why = told_once(self._why(events)) if differences else ()
        return Played(*head, lines, differences, why)

    def _play(self, events: Sequence[Event]) -> Iterator[Line]:
        forecast = Forecast(
            self._configuration,
            only=self._trigger.name,
            arms=False,
            live=True,
            witness=lambda case, verdict: self._heard.append((case, verdict)),
        )
        customer = dict(self._example["customer"])
        forecast.know(str(customer.pop("id")), customer, BEGINNING)
        for event in events:
            yield from forecast.take(event)
        yield from forecast.finish(END)

    def _why(self, events: Sequence[Event]) -> Iterator[str]:
        for case, verdict in self._heard:
            yield from why_verdict(case, verdict, self._configuration.texts)
        if not self._heard:
            yield from why_nothing_started(Story(self._trigger, events, self._zone()))

    def _zone(self) -> ZoneInfo:
        profile = self._example["customer"]
        person = Customer(str(profile["id"]), profile)
        return zone_of(person, self._configuration.policy).zones[0]

    def _events(self) -> Sequence[Event]:
        written = enumerate(self._example["events"], start=1)
        return sorted(
            (self._event(one, number) for number, one in written), key=lambda one: one.received
        )

    def _event(self, written: Mapping[str, Any], number: int) -> Event:
        envelope = told(written, number, str(self._example["customer"]["id"]))
        received = instant(written.get("received", written["at"]))
        if is_ours(envelope.type):
            return retold(envelope, received)
        configuration = self._configuration
        return admit(
            envelope, configuration.catalog, configuration.policy, now=received, door="example"
        )
