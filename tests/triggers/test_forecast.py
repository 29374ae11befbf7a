"""What a forecast tells: the contract of `outreach simulate`, line by line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.triggers.worlds import at
from triggers.admission import admit
from triggers.clerk import House
from triggers.configuration import Configuration, read_configuration
from triggers.envelope import Envelope
from triggers.events import Event, Order
from triggers.examples import play_examples
from triggers.facts import TriggerKey
from triggers.forecast import Forecast
from triggers.lines import Line
from triggers.verdicts import Outcome, Reason
from worker.folder import read_folders

ROOT = Path(__file__).parents[2]
BEGINNING = Order(datetime(1970, 1, 1, tzinfo=UTC), "", "")
END = at("2027-06-01 00:00")
DANA = {"phone": "+972501234567", "language": "he"}


@pytest.fixture(scope="module")
def shipped() -> Configuration:
    files, mistakes = read_folders(ROOT / "config", ROOT / "templates")
    assert not mistakes
    return read_configuration(files)


class World:
    """A forecast over the shipped triggers, spoken to in short."""

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self.forecast = Forecast(configuration, arms=False)

    def event(
        self, type_: str, time: str, id_: str, data: dict[str, object], received: str = ""
    ) -> Event:
        envelope = Envelope("test", id_, type_, "c1", at(time), data, {})
        now = at(received or time)
        policy, catalog = self.configuration.policy, self.configuration.catalog
        return admit(envelope, catalog, policy, now=now, door="test")

    def play(self, *events: Event, until: datetime = END) -> list[Line]:
        lines: list[Line] = []
        for event in events:
            lines += self.forecast.take(event)
        return [*lines, *self.forecast.finish(until)]


@pytest.fixture
def world(shipped: Configuration) -> World:
    one = World(shipped)
    one.forecast.know("c1", DANA, BEGINNING)
    return one


def plan(world: World, time: str, end: str, id_: str, received: str = "") -> Event:
    data = {"plan_id": "p1", "status": "active", "auto_renew": False, "end_date": end}
    return world.event("payment_plan.updated", time, id_, data, received)


def outcomes(lines: Iterable[Line]) -> list[tuple[str, Outcome, str | None]]:
    return [(line.epoch, line.outcome, line.reason) for line in lines]


def test_every_shipped_example_holds(shipped: Configuration) -> None:
    played = list(play_examples(shipped))

    assert len(played) >= 15
    assert [one for one in played if not one.holds] == []


def test_a_line_has_the_contracts_keys_and_forms(world: World) -> None:
    (line,) = world.play(plan(world, "2026-11-01 09:00", "2026-12-01", "1"))

    told = line.as_mapping()
    assert list(told) == [
        "at", "trigger", "customer", "key", "epoch", "outcome", "reason", "channel", "to", "text",
        "segments",
    ]  # fmt: skip
    assert told | {"text": ""} == {
        "at": "2026-11-24T08:00:00Z",
        "trigger": "payment_plan_ending",
        "customer": "c1",
        "key": "p1",
        "epoch": "2026-12-01",
        "outcome": "sent",
        "reason": None,
        "channel": "sms",
        "to": "+972501234567",
        "text": "",
        "segments": 3,
    }
    assert "1.12.2026" in told["text"]


def test_grace_is_left_out_of_the_moment_and_still_lets_an_exit_in(world: World) -> None:
    started = world.event("claim.opened", "2026-11-03 12:00", "1", {"claim_id": "m", "kind": "car"})
    filed = world.event("claim.filed", "2026-11-03 12:01:20", "2", {"claim_id": "m"})

    assert outcomes(world.play(started, filed)) == [("once", Outcome.CALLED_OFF, "claim.filed")]


def test_after_the_grace_an_exit_comes_too_late(world: World) -> None:
    started = world.event("claim.opened", "2026-11-03 12:00", "1", {"claim_id": "m", "kind": "car"})
    filed = world.event("claim.filed", "2026-11-03 12:01:31", "2", {"claim_id": "m"})

    (line,) = world.play(started, filed)

    assert (line.outcome, line.at) == (Outcome.SENT, at("2026-11-03 12:01"))


def test_what_is_learnt_late_is_told_when_it_was_learnt(world: World) -> None:
    late = plan(world, "2026-11-20 09:00", "2026-12-01", "1", received="2026-11-25 12:00")

    (line,) = world.play(late)

    assert line.at == at("2026-11-25 12:00")


def test_a_moved_date_is_told_as_called_off_and_sent(world: World) -> None:
    first = plan(world, "2026-11-01 09:00", "2026-12-01", "1")
    second = plan(world, "2026-11-10 09:00", "2026-12-15", "2")

    assert outcomes(world.play(first, second)) == [
        ("2026-12-01", Outcome.CALLED_OFF, "moved"),
        ("2026-12-15", Outcome.SENT, None),
    ]


def test_the_same_event_twice_is_one(world: World) -> None:
    one = plan(world, "2026-11-01 09:00", "2026-12-01", "1")

    assert len(world.play(one, one)) == 1


def test_what_still_waits_when_the_clock_stops_is_pending(world: World) -> None:
    one = plan(world, "2026-11-01 09:00", "2026-12-01", "1")

    (line,) = world.play(one, until=at("2026-11-20 00:00"))

    assert (line.outcome, line.at) == (Outcome.PENDING, at("2026-11-24 10:00"))


def test_who_has_no_address_is_asked_until_it_expires(shipped: Configuration) -> None:
    world = World(shipped)

    lines = world.play(plan(world, "2026-11-01 09:00", "2026-12-01", "1"))

    assert outcomes(lines) == [("2026-12-01", Outcome.SKIPPED, "expired")]


def test_an_address_that_comes_in_time_is_used(shipped: Configuration) -> None:
    world = World(shipped)
    known = world.event("customer.updated", "2026-11-25 10:00", "2", dict(DANA))

    lines = world.play(plan(world, "2026-11-01 09:00", "2026-12-01", "1"), known)

    assert [(line.outcome, line.to) for line in lines] == [(Outcome.SENT, "+972501234567")]


def test_a_customer_who_moves_is_written_to_on_the_new_clock(world: World) -> None:
    moved = world.event("customer.updated", "2026-11-02 10:00", "2", {"timezone": "Asia/Tokyo"})

    (line,) = world.play(plan(world, "2026-11-01 09:00", "2026-12-01", "1"), moved)

    assert line.at == datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def test_a_year_of_history_published_late_sends_nothing(world: World) -> None:
    late = plan(world, "2026-11-01 09:00", "2026-11-20", "1", received="2026-11-22 10:00")

    assert outcomes(world.play(late)) == [("2026-11-20", Outcome.SKIPPED, "expired")]


def test_claims_of_one_moment_are_counted_each(world: World) -> None:
    opened = [
        world.event(
            "claim.opened", "2026-11-03 12:00", f"e{number}",
            {"claim_id": f"m{number}", "kind": "car"},
        )
        for number in range(12)
    ]  # fmt: skip
    later = opened[0].time + timedelta(minutes=5)

    lines = world.play(*opened, until=later)

    assert Counter((line.outcome, line.reason) for line in lines) == {
        (Outcome.SENT, None): 6,
        (Outcome.PENDING, Reason.FUSE): 6,
    }


def test_what_joins_an_occurrences_names_may_stand_in_them() -> None:
    names = House().occurrence_id

    told = [("a", "x|1"), ("a|x", "1"), ("a\\", "x|1"), ("a\\|x", "1")]

    assert len({names(TriggerKey("first", "c1", key), epoch) for key, epoch in told}) == 4
