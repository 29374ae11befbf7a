"""Does every entry of the stream become ours, whoever dies while reading it?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import orjson
import pytest
import redis
from sqlalchemy import func, select

from tests.processes.household import FILES
from tests.worker.ringing import Bells, customer, order
from worker.bells import Bell
from worker.pressure import Bounds, Pressure
from worker.settings import Settings
from worker.steps.apply import apply
from worker.store.engine import in_transaction, make_engine, reading
from worker.store.tables import events, refused_events
from worker.stream import GROUP, STREAM, Entry, Stream
from worker.streaming import Taking, take_from_stream
from worker.wiring import Parts, make_parts

AT_ONCE = timedelta(0)


class Cut(Stream):
    """Its process ends between the commit and the acknowledgement, as seen from everywhere else."""

    def let_go(self, entries: Iterable[Entry]) -> None:
        raise redis.ConnectionError


@pytest.fixture
def publisher(broker_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(broker_url) as client:
        yield client


@pytest.fixture
def join(database_url: str, broker_url: str) -> Iterator[Callable[..., Parts]]:
    """Another process at the same stream and the same database."""
    made: list[Parts] = []

    def one(**changed: Any) -> Parts:
        given = {"database_url": database_url, "secret_key": "tests", "stream_url": broker_url}
        parts = make_parts(Settings.model_validate(given | changed))
        if not made:
            apply(parts.engine, FILES, by="test")
        made.append(parts)
        return replace(parts, ringer=Bells())  # type: ignore[arg-type]

    yield one
    for parts in made:
        parts.close()


@pytest.fixture
def parts(join: Callable[..., Parts]) -> Parts:
    return join()


def publish(publisher: redis.Redis, *published: dict[str, Any] | bytes) -> None:
    for one in published:
        text = one if isinstance(one, bytes) else orjson.dumps(one)
        publisher.xadd(STREAM, {"event": text})


def take(parts: Parts, stream: Stream | None = None, idle: timedelta = AT_ONCE) -> bool:
    configuration, stream = parts.configuration(), stream or parts.stream
    assert configuration is not None
    assert stream is not None
    return Taking(parts, stream, configuration).turn(idle=idle)


def stored(parts: Parts) -> list[str]:
    query = select(events.c.id).order_by(events.c.seq)
    return list(reading(parts.engine, lambda c: c.scalars(query)))


def refused(parts: Parts) -> Sequence[Any]:
    query = select(refused_events).order_by(refused_events.c.seq)
    return reading(parts.engine, lambda c: c.execute(query).all())


def held(publisher: redis.Redis) -> int:
    return int(publisher.xpending(STREAM, GROUP)["pending"])


def test_what_lies_there_becomes_ours_and_takes_no_room_any_more(
    parts: Parts, publisher: redis.Redis
) -> None:
    publish(publisher, *(order(number) for number in range(120)))

    take_from_stream(parts)

    assert stored(parts) == [f"o{number}" for number in range(120)]
    assert (publisher.xlen(STREAM), held(publisher)) == (0, 0)
    assert parts.ringer.rung == [Bell.EVALUATE, Bell.EVALUATE]  # type: ignore[attr-defined]


def test_an_event_may_be_in_a_field_of_another_name(parts: Parts, publisher: redis.Redis) -> None:
    publisher.xadd(STREAM, {"cloudevent": orjson.dumps(order(1))})
    publisher.xadd(STREAM, {"event": orjson.dumps(order(2)), "trace": "t"})

    take_from_stream(parts)

    assert stored(parts) == ["o1", "o2"]


def test_what_cannot_be_taken_is_kept_with_its_reasons_and_holds_up_nobody(
    parts: Parts, publisher: redis.Redis
) -> None:
    publish(publisher, b"no event", order(1), order(2, data={}), b"\xff\x00\n", customer(3))
    publisher.xadd(STREAM, {"one": "1", "two": "2"})
    publish(publisher, order(4))

    take_from_stream(parts)

    assert stored(parts) == ["o1", "o4"]
    assert [one.door for one in refused(parts)] == ["stream"] * 5
    assert all(one.reasons for one in refused(parts))
    assert '{"one": "1", "two": "2"}' in {one.raw for one in refused(parts)}
    assert publisher.xlen(STREAM) == 0


def test_only_the_one_source_comes_in_where_one_is_named(
    join: Callable[..., Parts], publisher: redis.Redis
) -> None:
    parts = join(stream_source="shop")
    publish(publisher, order(1), order(2, source="bank"))

    take_from_stream(parts)

    assert stored(parts) == ["o1"]
    [one] = refused(parts)
    assert one.reasons == [{"pointer": "/source", "detail": "is not the one source of this door"}]


def test_who_dies_between_commit_and_acknowledgement_makes_harmless_duplicates(
    parts: Parts, broker_url: str, publisher: redis.Redis
) -> None:
    publish(publisher, order(1), order(2))
    with pytest.raises(redis.ConnectionError):
        take(parts, Cut(broker_url, consumer="dies"))
    assert stored(parts) == ["o1", "o2"]
    assert held(publisher) == 2

    take(parts)

    assert stored(parts) == ["o1", "o2"]
    assert (publisher.xlen(STREAM), held(publisher)) == (0, 0)


def test_who_dies_between_reading_and_commit_leaves_the_entries_to_another(
    parts: Parts, broker_url: str, publisher: redis.Redis
) -> None:
    publish(publisher, order(1), order(2))
    assert len(Stream(broker_url, consumer="dies").new(10)) == 2

    take_from_stream(parts)
    assert stored(parts) == [], "who is only slow keeps them"

    take(parts)
    assert stored(parts) == ["o1", "o2"]
    assert held(publisher) == 0


def test_without_a_database_nothing_is_let_go(
    join: Callable[..., Parts], publisher: redis.Redis
) -> None:
    parts = join()
    publish(publisher, order(1))
    take_from_stream(replace(parts, engine=make_engine("sqlite:////proc/nowhere.db")))

    assert held(publisher) == 1
    take(parts)
    assert stored(parts) == ["o1"]


def test_while_the_database_is_in_danger_entries_stay_where_they_are(
    parts: Parts, publisher: redis.Redis
) -> None:
    publish(publisher, order(1), order(2))
    take_from_stream(parts)
    pressed = Pressure(parts.engine, Bounds(unread=1), gap=AT_ONCE)
    publish(publisher, order(3))

    take_from_stream(replace(parts, pressure=pressed))

    assert stored(parts) == ["o1", "o2"]
    assert (publisher.xlen(STREAM), held(publisher)) == (1, 0)
    take_from_stream(parts)
    assert stored(parts) == ["o1", "o2", "o3"]


def test_an_entry_that_no_batch_survives_is_found_and_put_aside_alone(
    parts: Parts, publisher: redis.Redis
) -> None:
    def guard(connection: Any) -> None:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(
                "CREATE TRIGGER poison BEFORE INSERT ON events WHEN NEW.id = 'o7'"
                " BEGIN SELECT RAISE(ABORT, 'poison'); END"
            )
        else:
            connection.exec_driver_sql(
                "ALTER TABLE events ADD CONSTRAINT poison CHECK (id <> 'o7')"
            )

    def unguard(connection: Any) -> None:
        sqlite = connection.dialect.name == "sqlite"
        connection.exec_driver_sql(
            "DROP TRIGGER poison" if sqlite else "ALTER TABLE events DROP CONSTRAINT poison"
        )

    in_transaction(parts.engine, guard)
    try:
        publish(publisher, *(order(number) for number in range(20)))
        take_from_stream(parts)
    finally:
        in_transaction(parts.engine, unguard)

    assert sorted(stored(parts)) == sorted(f"o{number}" for number in range(20) if number != 7)
    [one] = refused(parts)
    assert orjson.loads(one.raw)["id"] == "o7"
    assert one.reasons[0]["detail"].startswith("could not be stored: ")
    assert publisher.xlen(STREAM) == 0


def test_a_redis_that_was_wiped_is_read_again_as_soon_as_somebody_publishes(
    parts: Parts, publisher: redis.Redis
) -> None:
    take_from_stream(parts)
    publish(publisher, order(1))
    take_from_stream(parts)
    publisher.flushall()
    take_from_stream(parts)

    publish(publisher, order(2))
    publisher.flushall()
    publish(publisher, order(3))
    take_from_stream(parts)

    assert stored(parts) == ["o1", "o3"]


def test_a_redis_that_is_away_ends_the_turn_and_nothing_else(join: Callable[..., Parts]) -> None:
    away = join(stream_url="redis://127.0.0.1:1/0")

    take_from_stream(away)
    take_from_stream(away)

    assert away.ringer.rung == []  # type: ignore[attr-defined]


def test_many_readers_share_the_stream_and_each_event_is_stored_once(
    join: Callable[..., Parts], publisher: redis.Redis
) -> None:
    readers = [join() for _ in range(3)]
    publish(publisher, *(order(number % 400) for number in range(800)))
    begin = Barrier(len(readers))

    def read(one: Parts) -> None:
        begin.wait()
        take_from_stream(one)

    threads = [Thread(target=read, args=[one]) for one in readers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    take(readers[0])

    count = select(func.count()).select_from(events)
    known = len(stored(readers[0])) + len(refused(readers[0]))
    # the same id with another time is refused as known with other content
    assert reading(readers[0].engine, lambda c: c.scalar(count)) == 400
    assert known == 800
    assert publisher.xlen(STREAM) == 0


def test_large_entries_are_read_in_smaller_batches(parts: Parts, publisher: redis.Redis) -> None:
    publish(publisher, *(b" " * 600_000 + orjson.dumps(order(number)) for number in range(60)))

    # a turn ends after some seconds, so that a slow machine needs another
    while take(parts):
        """More may be left."""

    assert len(stored(parts)) == 60


def test_without_a_stream_nothing_is_asked(join: Callable[..., Parts]) -> None:
    take_from_stream(join(stream_url=None))
