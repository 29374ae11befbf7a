"""Does the stream lose nothing when everything that reads it is killed again and again?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import redis
from sqlalchemy import select

from tests.processes.household import Household, household
from tests.worker.ringing import order
from worker.store.engine import make_engine, reading
from worker.store.tables import events, refused_events
from worker.stream import STREAM

KILLS, EACH = 3, 3_000


@pytest.fixture
def house(tmp_path: Path, bare_sqlite_url: str, broker_url: str) -> Iterator[Household]:
    with household(
        tmp_path, OUTREACH_DATABASE_URL=bare_sqlite_url, OUTREACH_STREAM_URL=broker_url
    ) as made:
        yield made


def stored(house: Household, column: Any = events.c.id) -> set[str]:
    engine = make_engine(house.environment["OUTREACH_DATABASE_URL"])
    found = reading(engine, lambda c: set(c.scalars(select(column))))
    engine.dispose()
    return found


def publish(client: redis.Redis, numbers: range) -> set[str]:
    with client.pipeline(transaction=False) as together:
        for number in numbers:
            together.xadd(STREAM, {"event": orjson.dumps(order(number))})
        together.execute()
    return {f"o{number}" for number in numbers}


# nearly a minute, for what a dead reader held is taken over after thirty seconds
@pytest.mark.full
def test_everything_in_one_process_reads_the_stream_and_loses_nothing_when_it_is_killed(
    house: Household, broker_url: str
) -> None:
    published: set[str] = set()
    with redis.Redis.from_url(broker_url) as client:
        for kill in range(KILLS):
            process = house.run()
            published |= publish(client, range(kill * EACH, (kill + 1) * EACH))
            # in the midst of it
            house.until(lambda: len(stored(house)) > kill * EACH or None, "the first")  # noqa: B023
            house.kill(process)

        house.run()
        alone = publish(client, range(KILLS * EACH, KILLS * EACH + 1))
        house.until(lambda: alone <= stored(house), "one more", seconds=10)
        house.until(lambda: client.xlen(STREAM) == 0, "what the dead held")

    assert stored(house) == published | alone
    assert stored(house, refused_events.c.id) == set()
