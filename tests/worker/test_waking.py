"""At which second is a claim rung for that is not due yet?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, update

from tests.processes.household import FILES
from tests.worker.ringing import House, order, ringing
from tests.worker.sending import Post, dana, left, rules
from tests.worker.small_world import NOON
from triggers.definitions import Priority
from worker.steps.apply import apply
from worker.store.engine import in_transaction, reading
from worker.store.tables import occurrences
from worker.store.waiting import next_due
from worker.waking import until_second

TENTH = timedelta(milliseconds=100)
SECOND = timedelta(seconds=1)


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    with ringing(database_url) as made:
        apply(made.parts.engine, FILES, by="test")
        made.parts.following.look_again(mistake=None)
        yield made


@pytest.mark.parametrize(
    ("due", "now", "seconds"),
    [
        (NOON + SECOND, NOON, 1.0),
        (NOON + SECOND, NOON + TENTH, 0.9),
        (NOON + SECOND + TENTH, NOON, 2.0),
        (NOON + 3 * SECOND - TENTH, NOON + TENTH, 2.9),
        # what is due by now waits for something: the next second, not at once
        (NOON, NOON, 1.0),
        (NOON - SECOND, NOON + TENTH, 0.9),
    ],
)
def test_a_moment_is_waited_for_until_the_first_whole_second(
    due: datetime, now: datetime, seconds: float
) -> None:
    assert until_second(due, now) == pytest.approx(seconds)


def test_the_soonest_of_all_that_waits_is_found_whatever_its_priority(engine: Engine) -> None:
    post = Post(engine, rules())
    for number, priority in enumerate(Priority):
        who = f"c{number}"
        post.told(dana(who), left(who))
        due = NOON + (3 - number) * SECOND
        theirs = occurrences.c.customer_id == who
        change = update(occurrences).where(theirs).values(priority=priority.value, due=due)
        in_transaction(engine, lambda c, change=change: c.execute(change))

    assert soonest(engine, NOON) is None
    assert soonest(engine, NOON + 10 * SECOND) == NOON + SECOND


def soonest(engine: Engine, until: datetime) -> datetime | None:
    return reading(engine, lambda connection: next_due(connection, until))


def waits(house: House, seconds: float) -> None:
    """An order is to be told of in so long, and something else is to be read."""
    house.meet(1)
    house.hear("publish", [order(1)])
    house.hear("evaluate")
    due = update(occurrences).values(due=datetime.now(UTC) + timedelta(seconds=seconds))
    in_transaction(house.parts.engine, lambda c: c.execute(due))
    house.meet(2)


@pytest.mark.parametrize("bell", ["evaluate", "claim"])
def test_what_is_due_in_a_moment_is_rung_for_then_by_whoever_sees_it(
    house: House, bell: str
) -> None:
    waits(house, 4)

    assert house.hear(bell) == []
    [(rung, seconds)] = house.bells.later.items()
    assert rung == "outreach.claim"
    assert 0 < seconds <= 5


@pytest.mark.parametrize("bell", ["evaluate", "claim"])
def test_for_what_is_due_after_the_sweep_after_the_next_no_clock_is_set(
    house: House, bell: str
) -> None:
    waits(house, 60)

    assert house.hear(bell) == []
    assert house.bells.later == {}


def test_what_is_due_and_waits_for_something_to_be_read_is_asked_again_within_a_second(
    house: House,
) -> None:
    house.meet(1)
    house.hear("publish", [order(1)])
    house.hear("evaluate")
    house.hear("publish", [order(1, id="again")])

    assert house.hear("claim") == []
    assert 0 < house.bells.later["outreach.claim"] <= 1


def test_after_letters_the_next_second_is_looked_at_for_what_is_to_be_tried_again(
    house: House,
) -> None:
    house.meet(1)
    house.hear("publish", [order(1)])
    house.hear("evaluate")

    house.hear("claim")

    assert house.bells.later == {"outreach.claim": 1}
