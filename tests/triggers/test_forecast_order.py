"""Does a forecast send what the smallest machine there can be would send, however it remembers?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.triggers.test_order import KINDS, History, histories, play
from triggers.clerk import House
from triggers.conditions import Condition
from triggers.configuration import Configuration, read_configuration
from triggers.definitions import Exit, Limits, Trigger
from triggers.events import Event
from triggers.forecast import Forecast
from triggers.lines import Line
from triggers.remembering import BEGINNING, KEPT
from triggers.scopes import COUNT, event_shape
from triggers.shapes import Scope, Shape
from triggers.verdicts import Outcome

END = datetime(2027, 6, 1, tzinfo=UTC)
NEVER_TOO_LATE = timedelta(days=600)
FILES = {
    "config/outreach.yaml": """
languages: [en]
country: IL
grace: 0s
fuse: {customer: 1000 per 1h}
categories: {urgent: {quiet: none}}
""",
    "templates/hello/sms.en.txt": "Hello",
}


def house(*triggers: Trigger, zone: str) -> Configuration:
    """Where nothing is ever put off: what is due is said."""
    base = read_configuration(FILES)
    limits = Limits("urgent", expires=NEVER_TOO_LATE)
    chosen = {one.name: replace(one, limits=limits) for one in triggers}
    return replace(base, policy=replace(base.policy, timezone=zone), triggers=chosen)


def told(configuration: Configuration, events: Iterable[Event], *, kept: int = KEPT) -> list[Line]:
    forecast = Forecast(configuration, house=House(kept=kept))
    forecast.know("c1", {"phone": "+972501234567"}, BEGINNING)
    lines = [line for event in events for line in forecast.take(event)]
    return [*lines, *forecast.finish(END)]


def sent(lines: Iterable[Line]) -> list[str]:
    """The machine knows of no date that is past: what comes too late is sent there."""
    return [line.epoch for line in lines if line.outcome in {Outcome.SENT, Outcome.SKIPPED}]


def twice(events: Iterable[Event]) -> list[Event]:
    return [one for event in events for one in (event, event)]


@pytest.mark.parametrize("name", KINDS)
@settings(max_examples=40, deadline=None)
@given(history=histories(), seed=st.integers(0, 2**32))
def test_a_forecast_sends_what_the_smallest_machine_sends(
    name: str, history: History, seed: int
) -> None:
    draw = Random(seed)
    late = [timedelta(hours=draw.choice((0, 0, 0, 30, 100))) for _ in history.events]
    arrivals = [
        (event.time + wait, event) for event, wait in zip(history.events, late, strict=True)
    ]
    arrivals.sort(key=lambda pair: (pair[0], pair[1].order))
    machine = play(KINDS[name], history, arrivals)

    events = [replace(event, received=arrived) for arrived, event in arrivals]
    lines = told(house(KINDS[name], zone=history.zone.key), events)

    assert sent(lines) == [epoch for epoch, _ in machine.sent]
    assert told(house(KINDS[name], zone=history.zone.key), twice(events)) == lines


DATA = {"color": {"type": "string"}, "n": {"type": "integer"}}
EVENT = event_shape(Shape.from_schema({"type": "object", "properties": DATA}))
SCOPE = Scope({"event": EVENT, "count": COUNT})
RED, BLUE = (Condition(f'event.data.color == "{one}"', SCOPE) for one in ("red", "blue"))
CONDITIONS = (
    RED.text,
    '"red" == event.data.color and event.data.n > 3',
    'event.data.color == "red" or event.data.n > 5',
    'event.data.color == "blue" or event.data.n < 8',
    "event.data.n < 7",
    'event.data.color == "red" and count.value >= 3',
)


@dataclass(frozen=True)
class Crowd:
    """Many triggers on the same events, and events of two keys that come in any order."""

    triggers: tuple[Trigger, ...]
    arrivals: tuple[tuple[datetime, Event], ...]
    history: History

    @property
    def house(self) -> Configuration:
        return house(*self.triggers, zone=self.history.zone.key)

    @property
    def events(self) -> list[Event]:
        return [replace(event, received=arrived) for arrived, event in self.arrivals]


@st.composite
def crowds(draw: st.DrawFn) -> Crowd:
    triggers = []
    for number in range(draw(st.integers(1, 5))):
        kind = KINDS[draw(st.sampled_from(sorted(KINDS)))]
        when = Condition(draw(st.sampled_from(CONDITIONS)), SCOPE)
        unless = draw(st.sampled_from([kind.unless, (Exit("start", when=BLUE),)]))
        triggers.append(replace(kind, name=f"t{number}", when=when, unless=unless))
    history, arrivals = draw(histories()), []
    for one in history.events:
        color = draw(st.sampled_from(["red", "red", "blue", None]))
        data = {**one.data, "color": color, "key": draw(st.sampled_from("kkl"))}
        late = timedelta(hours=draw(st.sampled_from((0, 0, 0, 30, 100))))
        arrivals.append((one.time + late, replace(one, data=data)))
    arrivals.sort(key=lambda pair: (pair[0], pair[1].order))
    return Crowd(tuple(triggers), tuple(arrivals), history)


@settings(max_examples=200, deadline=None)
@given(crowd=crowds())
def test_what_an_event_cannot_start_is_passed_over_and_nothing_shows_it(crowd: Crowd) -> None:
    lines = told(crowd.house, crowd.events)

    for one in crowd.triggers:
        said = [line for line in lines if (line.key.trigger, line.key.key) == (one.name, "k")]
        machine = play(one, crowd.history, crowd.arrivals)
        assert sent(said) == [epoch for epoch, _ in machine.sent]


@pytest.mark.parametrize("others", [0, 3])
def test_a_late_event_that_starts_nothing_may_break_off_what_was_called_off(others: int) -> None:
    """Red, then bought, then red again is called off for good; unless blue came before it."""
    begin = datetime(2026, 11, 1, tzinfo=UTC)

    def told_at(hour: int, type_: str, color: str, received: int) -> Event:
        time, data = begin + timedelta(hours=hour), {"key": "k", "color": color}
        moment = begin + timedelta(hours=received)
        return Event("shop", f"e{hour}", type_, time, "c1", data, moment)

    events = [
        told_at(0, "start", "red", 0), told_at(2, "bought", "", 2),
        told_at(3, "start", "red", 3), told_at(1, "start", "blue", 4),
    ]  # fmt: skip
    triggers = [replace(KINDS["once"], name=f"t{n}", when=RED) for n in range(1 + others)]

    assert sent(told(house(*triggers, zone="UTC"), events[:3])) == []
    assert sent(told(house(*triggers, zone="UTC"), events)) == ["once"] * len(triggers)


def test_of_events_at_one_moment_the_one_that_is_read_last_may_be_the_oldest() -> None:
    """By its name: so red was broken off by blue before it was bought, and begins anew."""
    begin = datetime(2026, 11, 1, tzinfo=UTC)

    def told_at(hour: int, id_: str, type_: str, color: str) -> Event:
        time, data = begin + timedelta(hours=hour), {"key": "k", "color": color}
        return Event("shop", id_, type_, time, "c1", data, time)

    red, bought = told_at(0, "a", "start", "red"), told_at(3, "m", "bought", "")
    again, blue = told_at(3, "z", "start", "red"), told_at(3, "b", "start", "blue")
    configuration = house(replace(KINDS["once"], when=RED), zone="UTC")

    assert sent(told(configuration, [red, bought, again])) == []
    assert sent(told(configuration, [red, bought, again, blue])) == ["once"]


@settings(max_examples=100, deadline=None)
@given(crowd=crowds())
def test_who_sleeps_between_events_wakes_as_he_was(crowd: Crowd) -> None:
    assert told(crowd.house, crowd.events, kept=0) == told(crowd.house, crowd.events)
