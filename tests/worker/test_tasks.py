"""What is done when each bell rings, and which bell does it ring next?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from celery.exceptions import Reject
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import select, update

from tests.processes.household import FILES
from tests.worker.ringing import House, order, ringing
from tests.worker.sending import AtOnce, Line
from worker.channels.base import Accepted, Letter
from worker.pressure import Bounds, Pressure
from worker.skew import Skew
from worker.slots import Slots
from worker.steps.apply import apply
from worker.store.engine import in_transaction, make_engine, reading
from worker.store.tables import (
    activations,
    events,
    messages,
    occurrences,
    outbox,
    refused_events,
    workers,
)


@pytest.fixture
def bare(database_url: str) -> Iterator[House]:
    """Nothing is in force yet."""
    with ringing(database_url) as made:
        yield made


@pytest.fixture
def house(bare: House) -> House:
    apply(bare.parts.engine, FILES, by="test")
    bare.parts.following.look_again(mistake=None)
    return bare


def test_the_way_of_an_event_bell_by_bell(house: House) -> None:
    house.meet(1)
    assert house.hear("publish", [order(1)]) == ["outreach.evaluate"]
    assert house.hear("evaluate") == ["outreach.claim"]
    assert house.count(occurrences) == 1
    house.hear("claim")
    assert house.count(messages) == 1
    assert house.count(outbox) == 1
    assert house.hear("claim") == []
    assert house.count(outbox) == 1


def test_a_batch_that_is_not_all_rings_for_the_rest(house: House) -> None:
    house.hear("publish", [order(number) for number in range(550)])
    assert house.hear("evaluate") == ["outreach.claim", "outreach.evaluate"]


@pytest.mark.parametrize(("asks", "bells"), [(False, 2), (True, 1)])
def test_what_a_claim_left_is_rung_for_again_unless_this_process_has_claimed_since(
    house: House, asks: bool, bells: int
) -> None:
    for number in range(3):
        house.meet(number)
    house.hear("publish", [order(number) for number in range(3)])
    house.hear("evaluate")
    slots = Slots(2, claims=3)

    def answer(_letter: Letter) -> Accepted:
        if asks and len(line.calls) == 2:
            assert slots.take() == 1
        return Accepted(None)

    line = Line(answer=answer)
    mine = replace(house.parts, slots=slots, channels={line.sender: line}, pool=AtOnce())
    house.parts.app.parts = mine

    assert house.hear("claim") == ["outreach.claim"] * bells
    assert len(line.calls) == 2


def test_what_makes_nothing_due_wakes_no_sender_and_what_held_up_something_due_does(
    house: House,
) -> None:
    house.meet(1)
    assert house.hear("evaluate") == []

    house.hear("publish", [order(1)])
    house.hear("evaluate")
    house.hear("publish", [order(1, id="again")])
    house.hear("claim")
    assert house.count(messages) == 0
    assert house.hear("evaluate") == ["outreach.claim"]


def test_with_nothing_to_do_nothing_is_rung(house: House) -> None:
    followed = update(activations).values(recomputed_at=datetime.now(UTC))
    in_transaction(house.parts.engine, lambda c: c.execute(followed))
    for bell in ("evaluate", "claim", "receive", "sweep", "heartbeat"):
        assert house.hear(bell) == []
        assert house.bells.later == {}


def test_what_a_lost_bell_left_is_rung_for_again(house: House) -> None:
    house.meet(1)
    house.hear("publish", [order(1)])
    assert "outreach.evaluate" in house.hear("sweep")
    house.hear("evaluate")
    assert "outreach.claim" in house.hear("sweep")


def test_what_cannot_be_taken_is_kept_as_refused(house: House) -> None:
    house.hear("publish", [order(1, data={}), "no event", order(2)])
    assert house.count(refused_events) == 2
    assert house.count(events) == 1


def test_a_publisher_s_list_waits_until_there_is_a_configuration(
    bare: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.tasks.PAUSE_SECONDS", 0)
    answer = bare.do("publish", [order(1)])
    assert isinstance(answer, Reject)
    assert answer.requeue


def test_a_publisher_s_list_waits_while_the_database_is_away_reads_only_or_is_in_danger(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.tasks.PAUSE_SECONDS", 0)
    parts = house.parts
    configuration = parts.configuration()
    away = make_engine("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    reads = make_engine(parts.engine.url)
    sqlite = reads.dialect.name == "sqlite"
    only = "PRAGMA query_only = ON" if sqlite else "SET TRANSACTION READ ONLY"
    sqlalchemy_event.listen(reads, "begin", lambda connection: connection.exec_driver_sql(only))
    pressed = Pressure(parts.engine, Bounds(unread=0), gap=timedelta(0))
    calm = Pressure(parts.engine, Bounds(), gap=timedelta(0))
    house.hear("publish", [order(1)])

    for worse in (
        replace(parts, engine=away, pressure=calm),
        replace(parts, engine=reads, pressure=calm),
        replace(parts, pressure=pressed),
    ):
        parts.app.parts = worse
        assert worse.configuration() is configuration
        answer = house.do("publish", [order(2)])
        assert isinstance(answer, Reject)
        assert answer.requeue

    parts.app.parts = parts
    house.hear("publish", [order(2)])
    assert house.count(events) == 2
    reads.dispose()


def test_an_event_our_own_code_stumbles_over_is_kept_and_the_rest_of_its_list_is_taken(
    house: House,
) -> None:
    sqlite = house.parts.engine.dialect.name == "sqlite"
    guard, unguard = (
        (
            "CREATE TRIGGER poison BEFORE INSERT ON events WHEN NEW.id = 'o2'"
            " BEGIN SELECT RAISE(ABORT, 'poison'); END",
            "DROP TRIGGER poison",
        )
        if sqlite
        else (
            "ALTER TABLE events ADD CONSTRAINT poison CHECK (id <> 'o2')",
            "ALTER TABLE events DROP CONSTRAINT poison",
        )
    )
    in_transaction(house.parts.engine, lambda c: c.exec_driver_sql(guard))
    try:
        house.hear("publish", [order(1), order(2), order(3)])
    finally:
        in_transaction(house.parts.engine, lambda c: c.exec_driver_sql(unguard))

    assert (house.count(events), house.count(refused_events)) == (2, 1)


@pytest.mark.parametrize("bell", ["evaluate", "claim", "recompute", "receive", "sweep"])
def test_without_a_configuration_nothing_is_done(bare: House, bell: str) -> None:
    assert bare.hear(bell) == []


def test_a_process_whose_clock_is_off_decides_nothing(house: House) -> None:
    house.meet(1)
    house.hear("publish", [order(1)])
    off = Skew(house.parts.engine, now=lambda: datetime.now(UTC) + timedelta(hours=1))
    right, house.parts.app.parts = house.parts.app.parts, replace(house.parts, skew=off)

    assert house.hear("evaluate") == []
    assert house.count(occurrences) == 0

    house.parts.app.parts = right
    house.hear("evaluate")
    house.parts.app.parts = replace(house.parts, skew=off)
    house.hear("claim")
    assert house.count(messages) == 0


def test_a_new_configuration_is_recomputed_until_all_follow(house: House) -> None:
    while "outreach.recompute" in house.hear("recompute"):
        pass
    assert house.hear("recompute") == []


def test_a_heartbeat_says_who_is_at_work_and_by_which_configuration(house: House) -> None:
    house.hear("heartbeat")
    house.hear("heartbeat")
    [row] = reading(house.parts.engine, lambda c: c.execute(select(workers)).all())
    configuration = house.parts.configuration()
    assert configuration is not None
    assert (row.id, row.role, row.bundle) == (
        f"{house.parts.owner} outreach.inbox",
        "outreach.inbox",
        configuration.hash,
    )
