"""What counts as a trigger's having spoken, when, and to how many?"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Engine

from tests.worker.drawing import drawn
from tests.worker.sending import HOUR
from tests.worker.small_world import NOON
from worker.steps.book import Ruling
from worker.store.engine import reading
from worker.store.speaking import Span, Spoken, read_spoken

INSTANT = timedelta(microseconds=1)
HI = Span("hi", NOON, NOON + HOUR)
SPOKE = {"claimed", "handed_over", "held_out", "shadowed", "parked"}


def heard(engine: Engine, *spans: Span) -> list[Spoken]:
    found = reading(engine, lambda connection: read_spoken(connection, spans))
    return [found[one] for one in spans]


def test_what_ends_at_the_gates_with_something_to_say_is_speech(engine: Engine) -> None:
    verdicts = sorted({"started", "moved", *Ruling})
    for one in verdicts:
        drawn(engine, "c1", name=one, verdict=one)

    found = heard(engine, *(HI._replace(trigger=one) for one in verdicts))

    assert {one for one, said in zip(verdicts, found, strict=True) if said.number} == SPOKE


def test_an_hour_is_from_its_beginning_to_before_its_end(engine: Engine) -> None:
    for number, after in enumerate((-INSTANT, timedelta(), HOUR - INSTANT, HOUR)):
        drawn(engine, f"c{number}", after)
    drawn(engine, "c2", name="other")

    assert heard(engine, HI, HI._replace(trigger="silent")) == [Spoken(2, 2), Spoken(0, 0)]


def test_whoever_hears_it_twice_is_one_of_the_people(engine: Engine) -> None:
    for after in (timedelta(), INSTANT):
        drawn(engine, "c1", after)

    assert heard(engine, HI) == [Spoken(2, 1)]
