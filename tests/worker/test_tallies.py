"""Is what is counted true, whatever becomes of the transaction that counts it?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from prometheus_client import CollectorRegistry, Counter
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from tests.worker.sending import (
    HOUR,
    MINUTE,
    Post,
    counted,
    dana,
    left,
    ready,
    rules,
    saying,
    trigger,
)
from tests.worker.small_world import NOON
from worker.carrying import Carrier
from worker.channels.base import Refused
from worker.store.engine import in_transaction, make_engine, reading
from worker.store.tallies import PARTS, Tally, count, observe, read_tallies


class Wrong(Exception):
    """What a transaction may run into."""


def told(engine: Engine) -> dict[str, float]:
    """By name and the values of the labels."""
    return {
        " ".join((one.name.removeprefix("outreach_"), *one.labels.values())): one.value
        for one in reading(engine, read_tallies)
    }


def accept(connection: Connection) -> None:
    count(connection, Tally.ACCEPTED, door="http")


def test_what_is_counted_in_a_transaction_is_told_once_it_is_committed(engine: Engine) -> None:
    for _ in range(3):
        in_transaction(engine, accept)

    assert told(engine) == {"events_accepted http": 3}


def test_a_transaction_that_fails_counts_nothing_and_leaves_nothing_to_the_next(
    engine: Engine,
) -> None:
    def fail(connection: Connection) -> None:
        accept(connection)
        raise Wrong

    with pytest.raises(Wrong):
        in_transaction(engine, fail)
    in_transaction(engine, lambda _: None)

    assert told(engine) == {}


def test_work_that_is_done_once_more_is_counted_once(engine: Engine) -> None:
    class Deadlock(Exception):
        sqlstate = "40P01"

    tried = []

    def work(connection: Connection) -> None:
        accept(connection)
        tried.append(1)
        if len(tried) < 3:
            raise OperationalError("", {}, Deadlock())

    in_transaction(engine, work)

    assert (len(tried), told(engine)) == (3, {"events_accepted http": 1})


def test_many_who_count_the_same_at_once_lose_nothing(engine: Engine) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: in_transaction(engine, accept), range(100)))

    assert told(engine) == {"events_accepted http": 100}
    assert PARTS > 1


def test_a_histogram_holds_what_was_observed(engine: Engine) -> None:
    def work(connection: Connection) -> None:
        for seconds in (0.1, 0.2, 7.0, 9_000.0):
            observe(connection, Tally.DELAY, seconds, waited="no")

    in_transaction(engine, work)

    name = "publish_to_provider_seconds"
    assert told(engine) == {
        f"{name}_bucket 0.1 no": 1,
        f"{name}_bucket 0.25 no": 1,
        f"{name}_bucket 10.0 no": 1,
        f"{name}_bucket +Inf no": 1,
        f"{name}_sum no": 9007.3,
    }


def test_a_message_on_its_way_is_counted_at_each_station(engine: Engine) -> None:
    post = ready(engine)

    post.send(NOON + 90 * MINUTE)

    found = told(engine)
    assert found["decisions  hi started"] == 1
    assert found["decisions  hi claimed"] == 1
    assert found["attempts sms accepted outbox:sms"] == 1
    assert sum(n for name, n in found.items() if "provider_seconds_bucket" in name) == 1


def test_how_long_it_took_is_counted_from_when_it_might_have_left(engine: Engine) -> None:
    waits = Post(engine, rules(trigger(wait="1h")))
    waits.told(dana(), left())

    waits.send(NOON + HOUR + 3 * MINUTE)

    assert told(engine)["publish_to_provider_seconds_sum yes"] == 180


def test_what_a_provider_refused_is_counted_as_that_and_took_no_time(engine: Engine) -> None:
    post = ready(engine, email=None)
    post.sms.answer = saying(Refused("21610"))

    post.send()

    found = told(engine)
    assert found["attempts sms refused outbox:sms"] == 1
    assert not [name for name in found if "provider_seconds" in name]


def test_what_only_a_process_has_counted_is_carried_once(engine: Engine) -> None:
    registry = CollectorRegistry()
    lost = Counter("outreach_bells_lost_total", "Lost.", ["bell"], registry=registry)
    Counter("python_things_total", "Not ours.", registry=registry).inc()
    carrier = Carrier(registry)
    lost.labels("claim").inc(2)

    carrier.carry(engine)
    carrier.carry(engine)
    assert told(engine) == {"bells_lost claim": 2}

    lost.labels("claim").inc()
    Carrier(registry)  # another process's has its own registry; ours goes on
    carrier.carry(engine)
    assert told(engine) == {"bells_lost claim": 3}


def test_what_could_not_be_carried_is_carried_later_and_where_nothing_came_nothing_is_written(
    engine: Engine,
) -> None:
    registry = CollectorRegistry()
    Counter("outreach_bells_lost_total", "Lost.", ["bell"], registry=registry).labels("x").inc()
    carrier = Carrier(registry)
    away = make_engine("sqlite://")

    with pytest.raises(OperationalError):
        carrier.carry(away)
    away.dispose()
    carrier.carry(engine)

    assert told(engine) == {"bells_lost x": 1}
    assert counted(engine, lambda: carrier.carry(engine)) == 0
