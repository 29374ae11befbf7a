"""Who holds what lies in the stream, and is a reader forgotten only with empty hands?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import redis

from worker.stream import GROUP, STREAM, Stream


@pytest.fixture
def publisher(broker_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(broker_url) as client:
        yield client


def test_consumers_that_died_are_forgotten_but_never_with_what_they_hold(
    broker_url: str, publisher: redis.Redis
) -> None:
    publisher.xadd(STREAM, {"event": b"{}"})
    Stream(broker_url, consumer="dead, and holds one").new(10)
    Stream(broker_url, consumer="dead").new(10)
    # nobody was ever idle for less than nothing
    watcher = Stream(broker_url, consumer="alive")

    watcher.forget_gone(idle=timedelta(milliseconds=-1))

    names = {one["name"] for one in publisher.xinfo_consumers(STREAM, GROUP)}
    assert names == {b"dead, and holds one"}
    watcher.forget_gone(idle=timedelta(hours=1))
    assert len(publisher.xinfo_consumers(STREAM, GROUP)) == 1


def test_entries_are_given_to_one_reader_and_to_another_only_once_they_lay_too_long(
    broker_url: str, publisher: redis.Redis
) -> None:
    first, second = Stream(broker_url, consumer="first"), Stream(broker_url, consumer="second")
    ids = [publisher.xadd(STREAM, {"event": str(number)}) for number in range(25)]

    assert [one.id for one in first.new(20)] == ids[:20]
    assert [one.id for one in second.new(20)] == ids[20:]
    assert second.abandoned(20, idle=timedelta(hours=1)) == []
    taken = second.abandoned(20, idle=timedelta(0))
    second.let_go(taken)

    assert len(taken) == 20
    assert publisher.xlen(STREAM) == 5


@pytest.mark.parametrize("read_by_others", [False, True])
def test_what_was_published_after_redis_was_wiped_is_not_let_go_with_what_was_read_before(
    broker_url: str, publisher: redis.Redis, read_by_others: bool
) -> None:
    stream = Stream(broker_url, consumer="reader")
    publisher.xadd(STREAM, {"event": "before"}, id="7-1")
    read = stream.new(10)
    publisher.flushdb()
    publisher.xadd(STREAM, {"event": "after"}, id="7-1")
    if read_by_others:
        publisher.xgroup_create(STREAM, GROUP, id="0")

    stream.let_go(read)

    assert [one.event for one in stream.new(10)] == [b"after"]
