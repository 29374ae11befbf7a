"""Which triggers may an event concern, found without asking each of them?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from triggers.conditions import Env
from triggers.definitions import Trigger
from triggers.events import Event
from triggers.facts import CUSTOMER_PATH, TriggerKey
from triggers.matching import roles_of
from triggers.paths import Path
from triggers.remembering import Person, latest

_EVENT = "event."


@dataclass(frozen=True, slots=True)
class Part:
    """What an event of one type is to a trigger, under the key that stands at `place`.

    `start_place` is where the starts of the same key are kept.
    """

    trigger: Trigger
    place: int
    starts: bool
    start_place: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Plan:
    """All that triggers want of one event type.

    `places`: the paths under which they look for a key, with their names. `sifted`: those whom the
    event can start only where a certain text stands, found by that text. `by_trigger` has the
    same by the trigger's name.
    """

    places: tuple[tuple[str, Path | None], ...]
    always: tuple[Part, ...]
    sifted: tuple[tuple[Path, Mapping[str, tuple[Part, ...]]], ...]
    by_trigger: Mapping[str, Part]

    def keys(self, event: Event) -> list[str | None]:
        """The event's key at each place."""
        return [path.key(event) if path else event.customer for _, path in self.places]

    def all_parts(self) -> Iterator[Part]:
        yield from self.always
        yield from self.by_trigger.values()

    def parts(self, event: Event) -> Iterator[Part]:
        """All but those it cannot start: to them it matters only if something of that key waits,
        or if a newer start is known."""
        yield from self.always
        for path, by_text in self.sifted:
            text = path.read(event)
            if isinstance(text, str):
                yield from by_text.get(text, ())


def plans_of(triggers: Iterable[Trigger]) -> dict[str, Plan]:
    """By event type."""
    by_type: dict[str, list[tuple[Trigger, Path | None]]] = defaultdict(list)
    for trigger in triggers:
        for role in roles_of(trigger):
            by_type[role.type].append((trigger, role.path))
    return {type_: _plan(type_, listeners) for type_, listeners in by_type.items()}


def _plan(type_: str, listeners: Iterable[tuple[Trigger, Path | None]]) -> Plan:
    places: dict[str, Path | None] = {}
    always: list[Part] = []
    sifted: dict[str, dict[str, list[Part]]] = defaultdict(lambda: defaultdict(list))
    for trigger, path in listeners:
        name = path.text if path else CUSTOMER_PATH
        places.setdefault(name, path)
        starts = path == trigger.key and type_ == trigger.on
        part = Part(trigger, list(places).index(name), starts, (trigger.on, _own_path(trigger)))
        need = _need(part)
        if need is None:
            always.append(part)
        else:
            sifted[need[0]][need[1]].append(part)
    found = [
        (Path.parse(path), {text: tuple(parts) for text, parts in by_text.items()})
        for path, by_text in sifted.items()
    ]
    by_trigger = {
        part.trigger.name: part for _, texts in found for parts in texts.values() for part in parts
    }
    return Plan(tuple(places.items()), tuple(always), tuple(found), by_trigger)


def _need(part: Part) -> tuple[str, str] | None:
    """The path and the text without which the event cannot be a start that qualifies."""
    when = part.trigger.when
    needs = when.needs if when and part.starts else ()
    return next(((path, text) for path, text in needs if path.startswith(_EVENT)), None)


def stirs(part: Part, event: Event, value: str, person: Person, *, newest: bool) -> bool:
    """Whether an event, already among the facts, may start anything where nothing waits.

    No is certain, yes is not: the timeline then says. `newest`: nobody has a newer one.
    """
    if part.starts and _may_start(part, event, value, person):
        return True
    if newest:
        return False
    starts = person.facts((*part.start_place, value))
    # it ends nothing, for nothing waits; but before a newer start it may break off, or begin
    # anew, what that start was taken to carry on
    return bool(starts) and person.order(starts[-1]) > event.order


def _may_start(part: Part, event: Event, value: str, person: Person) -> bool:
    when, count = part.trigger.when, part.trigger.count
    if count is not None and count.sum is None and not _enough(part, value, person, count.reach):
        return False
    if when is None or (count is not None and "count" in when.roots):
        return True
    # without a clock a date is open: then the timeline says
    return when.may_hold(Env(event=event))


def _enough(part: Part, value: str, person: Person, reach: float) -> bool:
    """Whether so many starts are there that nothing has used up."""
    place = (*part.start_place, value)
    if len(person.facts(place)) < reach:
        return False
    spent = person.spent.get(TriggerKey(part.trigger.name, person.id, value), ())
    return person.count(place, latest(spent)) >= reach


def _own_path(trigger: Trigger) -> str:
    return trigger.key.text if trigger.key else CUSTOMER_PATH
