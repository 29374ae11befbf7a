"""Which of the forecast's messages does a record of what we said ourselves speak of?

What we said of our triggers, the forecast says anew: that is left out. What came of it (a click, an
answer, a receipt) is a fact, but its message had an id that only the installation could give.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from triggers.catalog import OWN_TYPES
from triggers.clerk import House
from triggers.configuration import Configuration
from triggers.events import OWN_SOURCE, Event
from triggers.facts import TriggerKey
from triggers.lines import Line
from triggers.own_events import ANNOUNCED
from triggers.verdicts import Outcome

SAID_ANEW = frozenset(ANNOUNCED.values())


class Retelling:
    """The nth message recorded of a key is the nth that the forecast sends; where no sending was
    recorded, the last one before."""

    def __init__(self, configuration: Configuration, house: House) -> None:
        """`house`: the forecast's own, which gives the messages their ids."""
        self.said_anew = 0
        self._triggers = configuration.triggers
        self._house = house
        self._listens = any(map(configuration.matcher.listens, {*OWN_TYPES} - SAID_ANEW))
        self._sent: dict[TriggerKey, list[str]] = defaultdict(list)
        self._places: dict[str, int] = {}
        self._recorded: Counter[TriggerKey] = Counter()

    def heard(self, lines: Iterable[Line]) -> Iterator[Line]:
        """The same lines; what is sent is kept where some trigger may ask what came of it."""
        for line in lines:
            if self._listens and line.outcome is Outcome.SENT:
                self._sent[line.key].append(line.epoch)
            yield line

    def fact(self, event: Event) -> Event | None:
        """The event as the forecast is to read it; None where it says that itself."""
        if event.source != OWN_SOURCE:
            return event
        name = event.data.get("trigger")
        if name not in self._triggers:
            return event
        key = TriggerKey(str(name), event.customer, str(event.data.get("key")))
        message = str(event.data.get("message_id"))
        if event.type in SAID_ANEW:
            self._leave_out(event, key, message)
            return None
        sent = self._sent.get(key, [])
        place = self._places.get(message, len(sent) - 1)
        if not 0 <= place < len(sent):
            return event
        told = self._house.message_id(self._house.occurrence_id(key, sent[place]))
        return replace(event, data={**event.data, "message_id": told})

    def _leave_out(self, event: Event, key: TriggerKey, message: str) -> None:
        self.said_anew += 1
        if event.type == ANNOUNCED[Outcome.SENT]:
            self._places.setdefault(message, self._recorded[key])
            self._recorded[key] += 1
