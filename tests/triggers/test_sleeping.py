"""Does a customer who was put to sleep wake as he was?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from triggers import sleeping
from triggers.events import Event, Order
from triggers.facts import Spent, TriggerKey
from triggers.remembering import BEGINNING, People, Person
from triggers.sleeping import Names, Place

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | TEXTS | st.just(2.5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=4,
)
MOMENTS = st.integers(0, 10**7).map(lambda one: NOON + timedelta(microseconds=37 * one))
EVENTS = st.builds(
    Event,
    source=st.sampled_from(["shop", "bank\n", 'a"b']),
    id=TEXTS,
    type=st.just("cart.left"),
    time=MOMENTS,
    customer=st.just("dana"),
    data=st.dictionaries(TEXTS, VALUES, max_size=3),
    received=MOMENTS,
    subject=st.none() | st.just("dana") | TEXTS,
    history=st.booleans(),
    hops=st.integers(0, 5),
)
PLACES = st.tuples(st.just("cart.left"), st.sampled_from(["customer", "event.data.k"]), TEXTS)
FACTS = st.lists(st.tuples(PLACES, EVENTS), max_size=12)


def night(people: People, person: Person) -> Person:
    people.rest()
    return people[person.id]


@given(FACTS, st.integers(0, 3))
def test_facts_are_in_event_order_and_what_they_were_after_any_nights(
    facts: Sequence[tuple[Place, Event]], often: int
) -> None:
    people, meant = People(0), dict[Place, dict[Order, Event]]()
    person, latest = people["dana"], BEGINNING.time
    for number, (place, event) in enumerate(facts):
        people.keep(person, place, event, newest=event.time > latest)
        latest = max(latest, event.time)
        meant.setdefault(place, {}).setdefault(event.order, event)
        if number % (often + 1) == 0:
            person = night(people, person)

    for place, events in meant.items():
        ordered = [events[order] for order in sorted(events)]
        assert person.count(place, None) == len(ordered)
        assert person.count(place, ordered[0].order) == len(ordered) - 1
        assert list(person.events(place)) == ordered


def cart(id_: str, **more: Any) -> Event:
    received = more.pop("received", NOON)
    return Event("shop", id_, "cart.left", NOON, "dana", more, received, "dana")


PLACE = ("cart.left", "event.data.k", "1")


def test_a_fact_that_stands_there_already_is_told_from_a_new_one_and_from_a_late_one() -> None:
    people = People(0)
    person = people["dana"]
    answers = []
    for id_ in ("b", "b", "a", "c"):
        answers.append(people.keep(person, PLACE, cart(id_)))
        person = night(people, person)

    assert answers == [0, None, 1, 0]


def test_a_key_that_another_one_begins_with_is_another_place() -> None:
    people = People(0)
    person = people["dana"]
    for key in ("1", "12", '1"', "1,"):
        people.keep(person, (*PLACE[:2], key), cart(key))
    person = night(people, person)

    for key in ("1", "12", '1"', "1,"):
        assert [one.id for one in person.events((*PLACE[:2], key))] == [key]
    assert not list(person.events((*PLACE[:2], "2")))


def test_profile_and_what_was_decided_sleep_as_well() -> None:
    people, key = People(0), TriggerKey("cart", "dana", "k1")
    person = people["dana"]
    person.learn({"language": "he"}, BEGINNING)
    person.spent[key] = [Spent("once", Order(NOON, "shop", "1"))]
    person.called_off[key, "2026-11-02"] = None
    person = night(people, night(people, person))

    assert person.spent == {key: [Spent("once", Order(NOON, "shop", "1"))]}
    assert list(person.called_off) == [(key, "2026-11-02")]
    assert not person.learn({"language": "he"}, BEGINNING)
    assert person.learn({"language": "en"}, Order(NOON, "shop", "2"))
    assert not night(people, person).learn({"language": "he"}, BEGINNING)


def test_beyond_the_most_names_each_is_written_out() -> None:
    names, event = Names(0), replace(cart("1", k="1"), hops=2)
    line = sleeping.line_of(PLACE, [event], names)

    [row], rest = sleeping.facts_at(line, PLACE, names)

    assert (names.number("shop"), rest) == (None, b"")
    assert isinstance(row, list)
    assert sleeping.event_in(row, "dana", "cart.left", names) == event


def test_what_repeats_is_written_once() -> None:
    names = Names()
    first = len(sleeping.line_of(PLACE, [cart("1", k="1")], names))

    assert b"shop" not in sleeping.line_of(PLACE, [cart("1", k="1")], names)
    assert first < 60
