"""Is more refused before the database is in danger, said once, and taken again afterwards?"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import Engine, select, update
from sqlalchemy.exc import OperationalError

from tests.worker.small_world import event, told
from worker.pressure import Bounds, Cause, Pressure
from worker.store.alerts import standing_alerts
from worker.store.engine import in_transaction, make_engine, reading
from worker.store.tables import alerts, events

AT_ONCE = timedelta(0)
EVERYTHING = Bounds(free=10**18, share=1)


def unread(engine: Engine, numbers: range) -> None:
    told(engine, *(event("cart.left", f"e{number}", cart="k") for number in numbers))


def read(engine: Engine, *ids: str) -> None:
    done = update(events).where(events.c.id.in_(ids)).values(state="read")
    in_transaction(engine, lambda c: c.execute(done))


def subjects(engine: Engine) -> list[str]:
    return [one.subject for one in reading(engine, standing_alerts)]


def shown(cause: Cause) -> float | None:
    return REGISTRY.get_sample_value("outreach_back_pressure", {"cause": cause.value})


def test_no_more_is_taken_while_more_than_the_bound_are_unread(engine: Engine) -> None:
    pressure = Pressure(engine, Bounds(unread=3), gap=AT_ONCE)
    unread(engine, range(3))
    assert pressure.look() is None

    unread(engine, range(3, 4))
    assert pressure.look() is Cause.UNREAD
    assert pressure.last is Cause.UNREAD
    assert (subjects(engine), shown(Cause.UNREAD)) == (["unread"], 1)

    read(engine, "e0")
    assert pressure.look() is None
    assert (subjects(engine), shown(Cause.UNREAD)) == ([], 0)


def test_one_old_event_that_stays_unread_is_no_backlog(engine: Engine) -> None:
    pressure = Pressure(engine, Bounds(unread=3), gap=AT_ONCE)
    unread(engine, range(10))
    read(engine, *(f"e{number}" for number in range(1, 10)))

    assert pressure.look() is None


def test_no_more_is_taken_while_the_disk_is_nearly_full(engine: Engine, tmp_path: Path) -> None:
    full = Pressure(engine, EVERYTHING._replace(folder=tmp_path), gap=AT_ONCE)
    assert full.look() is Cause.DISK
    assert subjects(engine) == ["disk"]

    roomy = Pressure(engine, Bounds(folder=tmp_path, free=0), gap=AT_ONCE)
    assert roomy.look() is None
    assert subjects(engine) == []


def test_many_processes_say_it_once_and_each_may_say_that_it_is_over(engine: Engine) -> None:
    first, second = (Pressure(engine, Bounds(unread=0), gap=AT_ONCE) for _ in range(2))
    unread(engine, range(1))
    for one in (first, second, first):
        assert one.look() is Cause.UNREAD
    [alert] = reading(engine, lambda c: c.execute(select(alerts)).all())
    assert alert.times == 1

    read(engine, "e0")
    assert second.look() is None
    assert subjects(engine) == []
    assert first.look() is None


def test_it_is_looked_at_once_in_a_while(engine: Engine) -> None:
    pressure = Pressure(engine, Bounds(unread=0), gap=timedelta(hours=1))
    assert pressure.stale
    assert pressure.look() is None
    unread(engine, range(1))

    assert not pressure.stale
    assert pressure.look() is None


def test_a_database_that_is_away_is_told_to_who_looks() -> None:
    away = make_engine("postgresql+psycopg://nobody@127.0.0.1:1/nothing")

    with pytest.raises(OperationalError):
        Pressure(away, Bounds(), gap=AT_ONCE).look()


def test_an_alarm_that_could_not_be_kept_is_tried_again(engine: Engine) -> None:
    pressure = Pressure(engine, Bounds(unread=0), gap=AT_ONCE)
    unread(engine, range(1))
    in_transaction(engine, lambda c: c.exec_driver_sql("ALTER TABLE alerts RENAME TO elsewhere"))
    try:
        assert pressure.look() is Cause.UNREAD
    finally:
        in_transaction(
            engine, lambda c: c.exec_driver_sql("ALTER TABLE elsewhere RENAME TO alerts")
        )

    assert pressure.look() is Cause.UNREAD
    assert subjects(engine) == ["unread"]
