"""Do many requests share a commit, each heard only after it, none harmed by another?"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from threading import Event as ThreadsEvent
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine
from sqlalchemy import event as sqlalchemy_event

from tests.worker.http.conftest import Open, Street
from tests.worker.http.house import ALL, NOW, House, bearer, event
from triggers.events import Event
from worker.http.envelopes import STRUCTURED
from worker.http.gathering import MOST_BYTES, MOST_WAITING, Gatherer
from worker.http.problems import Denied
from worker.steps.accept import Conflict, Incoming, Stored
from worker.store.engine import make_engine, reading
from worker.store.tables import events
from worker.store.tallies import read_tallies


def incoming(id_: str = "e1", digest: str = "d", **changes: Any) -> Incoming:
    made = {"source": "s", "id": id_, "type": "t", "time": NOW, "customer": "c", "data": {},
            "received": NOW}  # fmt: skip
    return Incoming(Event(**(made | changes)), digest, False, "http")


def together(street: Street, values: Sequence[Any]) -> list[httpx.Response]:
    """The answers to requests that are all under way at once."""

    async def ask() -> list[httpx.Response]:
        limits = httpx.Limits(max_connections=len(values))
        headers = {**bearer(ALL), "content-type": STRUCTURED}
        async with httpx.AsyncClient(
            base_url=street.url, headers=headers, limits=limits, timeout=60
        ) as client:
            return await asyncio.gather(
                *(client.post("/v1/events", json=value) for value in values)
            )

    return asyncio.run(ask())


def commits(engine: Engine) -> float:
    found = reading(engine, read_tallies)
    return sum(one.value for one in found if one.name == "outreach_accept_commit_events_bucket")


def test_of_requests_under_way_together_nothing_is_lost(
    house: House, open_doors: Open, street: Street
) -> None:
    open_doors(house)

    answers = together(street, [event(id=f"e{n}") for n in range(200)])

    assert {answer.status_code for answer in answers} == {202}
    assert {row.id for row in house.rows(events)} == {f"e{n}" for n in range(200)}
    assert 0 < commits(house.engine) <= 200


def test_what_comes_while_one_is_committed_is_the_next_commit(engine: Engine) -> None:
    committed, go_on = ThreadsEvent(), ThreadsEvent()

    def stored() -> None:
        committed.set()
        assert go_on.wait(30)

    async def publish() -> list[Any]:
        gatherer = Gatherer(engine, stored=stored)
        first = asyncio.create_task(gatherer.store([incoming("e0")], bundle=None))
        assert await asyncio.to_thread(committed.wait, 30)
        others = [
            asyncio.create_task(gatherer.store([incoming(f"e{n}")], bundle=None))
            for n in range(1, 200)
        ]
        # each has begun, and waits for its answer
        await asyncio.sleep(0)
        go_on.set()
        found = await asyncio.gather(first, *others)
        gatherer.close()
        return found

    assert asyncio.run(publish()) == [Stored(1, 0)] * 200
    assert commits(engine) == 2


def test_the_same_event_many_times_at_once_is_accepted_once(
    house: House, open_doors: Open, street: Street
) -> None:
    open_doors(house)

    answers = together(street, [event()] * 50)

    assert sorted(answer.status_code for answer in answers) == [200] * 49 + [202]
    assert sum(answer.json()["accepted"] for answer in answers) == 1
    assert house.stored == 1


def test_bad_ones_among_many_harm_nobody(house: House, open_doors: Open, street: Street) -> None:
    open_doors(house)
    together(street, [event()])
    good = [event(id=f"g{n}") for n in range(40)]
    conflicts = [event(data={"plan_id": "other"})] * 5
    refused = [event(id="x", type="unknown")] * 5

    answers = together(street, good[:20] + conflicts + refused + good[20:])

    statuses = [answer.status_code for answer in answers]
    assert statuses == [202] * 20 + [409] * 5 + [422] * 5 + [202] * 20
    assert house.stored == 41


def test_an_answer_is_given_only_when_others_can_read_it(engine: Engine) -> None:
    """Whoever is answered finds its event through another connection, at that moment."""

    async def publish_and_look() -> None:
        gatherer = Gatherer(engine, stored=lambda: None)
        for number in range(20):
            await gatherer.store([incoming(f"e{number}")], bundle=None)
            with engine.connect() as connection:
                seen = connection.exec_driver_sql("SELECT count(*) FROM events").scalar_one()
            assert seen == number + 1
        gatherer.close()

    asyncio.run(publish_and_look())


def test_a_commit_that_fails_is_no_acceptance(engine: Engine) -> None:
    def fail(_connection: Any) -> None:
        raise OSError("no space left on device")

    async def publish() -> None:
        gatherer = Gatherer(engine, stored=lambda: None)
        sqlalchemy_event.listen(engine, "commit", fail)
        with pytest.raises(Denied) as denied:
            await gatherer.store([incoming()], bundle=None)
        sqlalchemy_event.remove(engine, "commit", fail)
        assert denied.value.status == 503
        assert await gatherer.store([incoming()], bundle=None) == Stored(1, 0)
        gatherer.close()

    asyncio.run(publish())


def stored_beside(engine: Engine, bad: Incoming) -> Denied:
    """What becomes of a bad one; five others, gathered with it, are stored."""

    async def publish() -> list[Any]:
        gatherer = Gatherer(engine, stored=lambda: None)
        groups = [[incoming(f"e{n}")] for n in range(5)] + [[bad]]
        found = await asyncio.gather(
            *(gatherer.store(group, bundle=None) for group in groups), return_exceptions=True
        )
        gatherer.close()
        return found

    *good, denied = asyncio.run(publish())
    assert good == [Stored(1, 0)] * 5
    assert isinstance(denied, Denied)
    return denied


def test_what_our_own_code_cannot_store_fails_alone(engine: Engine) -> None:
    assert stored_beside(engine, incoming("bad", data={"a": object()})).status == 503


@pytest.mark.parametrize(
    "bad", [incoming("bad", hops=10**6), incoming("".join(chr(n) for n in range(2_000, 9_000)))]
)
def test_what_the_database_cannot_hold_fails_alone(
    postgres_database_url: str, bad: Incoming
) -> None:
    engine = make_engine(postgres_database_url)

    assert stored_beside(engine, bad).status == 422

    engine.dispose()


def test_groups_of_several_configurations_keep_theirs(engine: Engine) -> None:
    async def publish() -> list[Any]:
        gatherer = Gatherer(engine, stored=lambda: None)
        found = await asyncio.gather(
            gatherer.store([incoming("e1")], bundle="a" * 32),
            gatherer.store([incoming("e2")], bundle="b" * 32),
            gatherer.store([incoming("e1", "other")], bundle="a" * 32),
        )
        gatherer.close()
        return found

    assert asyncio.run(publish()) == [Stored(1, 0), Stored(1, 0), Conflict(0)]
    with engine.connect() as connection:
        rows = connection.execute(events.select().order_by(events.c.id)).all()
    assert [(row.id, row.bundle) for row in rows] == [("e1", "a" * 32), ("e2", "b" * 32)]


def test_the_bell_is_rung_for_new_events_only(engine: Engine) -> None:
    rung: list[str] = []

    async def publish() -> None:
        gatherer = Gatherer(engine, stored=lambda: rung.append("bell"))
        await gatherer.store([incoming()], bundle=None)
        await gatherer.store([incoming()], bundle=None)
        await gatherer.store([incoming(digest="other")], bundle=None)
        gatherer.close()

    asyncio.run(publish())
    assert rung == ["bell"]


def test_more_than_can_wait_is_asked_to_come_back(engine: Engine) -> None:
    async def publish() -> None:
        gatherer = Gatherer(engine, stored=lambda: None)
        with pytest.raises(Denied) as denied:
            await gatherer.store([incoming()] * (MOST_WAITING + 1), bundle=None)
        assert denied.value.status == 503
        assert denied.value.headers["Retry-After"]
        gatherer.close()

    asyncio.run(publish())


def test_a_door_that_closes_commits_what_waits_and_takes_no_more(engine: Engine) -> None:
    async def publish() -> None:
        gatherer = Gatherer(engine, stored=lambda: None)
        waiting = asyncio.create_task(gatherer.store([incoming()], bundle=None))
        await asyncio.sleep(0)
        await asyncio.to_thread(gatherer.close)
        assert await waiting == Stored(1, 0)
        with pytest.raises(Denied):
            await gatherer.store([incoming("e2")], bundle=None)

    asyncio.run(publish())


def test_received_is_the_databases_moment(client: httpx.Client, house: House) -> None:
    client.post("/v1/events", json=event(), headers={"content-type": STRUCTURED})

    [row] = house.rows(events)
    assert abs(row.received_at - NOW) > timedelta(days=1)


def test_what_waits_for_a_commit_takes_so_much_memory_and_no_more(engine: Engine) -> None:
    async def publish() -> None:
        gatherer = Gatherer(engine, stored=lambda: None)
        with pytest.raises(Denied) as denied:
            await gatherer.store([incoming()], bundle=None, size=MOST_BYTES + 1)
        assert denied.value.status == 503
        assert denied.value.headers["Retry-After"]
        assert await gatherer.store([incoming()], bundle=None, size=MOST_BYTES) == Stored(1, 0)
        assert await gatherer.store([incoming("e2")], bundle=None, size=1) == Stored(1, 0)
        gatherer.close()

    asyncio.run(publish())
