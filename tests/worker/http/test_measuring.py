"""Does /metrics tell the truth, in Prometheus's own words, and nothing personal?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
import redis
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine, insert

from tests.promtool import checked
from tests.worker.http.conftest import Open
from tests.worker.http.house import READER, House, bearer, event
from worker.clock import utc_now
from worker.http import measuring
from worker.http.envelopes import STRUCTURED
from worker.http.parts import TURNED_AWAY
from worker.store.engine import in_transaction, make_engine
from worker.store.tables import handoffs, pauses, throttles, workers
from worker.stream import STREAM, Stream

CUSTOMER = "customer-4711"


@pytest.fixture(autouse=True)
def no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database is asked each time."""
    monkeypatch.setattr(measuring, "FRESH", timedelta())


def post(client: httpx.Client, **changes: Any) -> None:
    told = event(subject=CUSTOMER, **changes)
    client.post("/v1/events", json=told, headers={"content-type": STRUCTURED}).raise_for_status()


def samples(client: httpx.Client) -> dict[str, float]:
    """By name and the values of the labels."""
    answer = client.get("/metrics", headers=bearer(READER))
    assert answer.status_code == 200
    return {
        " ".join((one.name.removeprefix("outreach_"), *one.labels.values())): one.value
        for family in text_string_to_metric_families(answer.text)
        for one in family.samples
    }


def store(house: House, table: Any, **row: Any) -> None:
    in_transaction(house.engine, lambda c: c.execute(insert(table).values(**row)))


def test_what_came_in_is_counted_by_its_door(client: httpx.Client) -> None:
    post(client)
    post(client)
    post(client, id="e2")

    found = samples(client)

    assert found["events_accepted_total http"] == 2
    assert found["unread_events"] == 2
    assert found["unread_age_seconds"] >= 0
    assert found["accept_commit_events_count"] >= 2
    assert found["database_up"] == 1


def test_what_waits_for_people_rests_or_is_paused_is_told(
    house: House, client: httpx.Client
) -> None:
    now = utc_now()
    call = {"customer_id": CUSTOMER, "why": "told", "text": "", "updated_at": now}
    late, early = now - timedelta(hours=2), now - timedelta(hours=3)
    store(
        house, handoffs, id="h" * 32, queue="desk", state="open", due=late, created_at=early, **call
    )
    store(house, pauses, scope="trigger:hi", by="fuse", at=now)
    store(house, throttles, name="sender:twilio", broken_until=now + timedelta(hours=1), breaks=1)
    store(house, workers, id="w", role="outreach.send", seen_at=now, bundle="another")

    found = samples(client)

    assert found["calls desk"] == 1
    assert 10_800 <= found["calls_age_seconds desk"] < 11_000
    assert 7_200 <= found["calls_overdue_seconds desk"] < 7_400
    assert found["paused fuse trigger:hi"] == found["sender_resting twilio"] == 1
    assert found["workers other outreach.send"] == 1


def test_while_the_database_is_away_no_counter_begins_anew_and_nothing_is_made_up(
    house: House, open_doors: Open
) -> None:
    client = open_doors(house)
    post(client)
    measures = client_measures(house, client)
    before = measures()
    assert before["events_accepted_total http"] == 1

    away = make_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
    found = measures(away)

    assert found["events_accepted_total http"] == 1
    assert found["database_up"] == 0
    assert "unread_events" not in found


def client_measures(house: House, client: httpx.Client) -> Any:
    """Asks one collector, whose engine may be exchanged."""
    collector = measuring.Measures(house.engine, None)

    def ask(engine: Engine | None = None) -> dict[str, float]:
        collector._engine = engine or house.engine
        return {
            " ".join((one.name.removeprefix("outreach_"), *one.labels.values())): one.value
            for family in collector.collect()
            for one in family.samples
        }

    return ask


def test_what_only_this_process_has_counted_is_told_at_once_and_once(client: httpx.Client) -> None:
    cause = f"of test {uuid4()}"
    TURNED_AWAY.labels(cause).inc(3)

    lines = client.get("/metrics", headers=bearer(READER)).text.splitlines()

    told = [line.rpartition(" ") for line in lines if not line.startswith("#")]
    assert [value for series, _, value in told if cause in series] == ["3.0"]
    assert len({series for series, *_ in told}) == len(told)


def test_how_much_lies_in_the_stream_is_told_or_that_it_is_away(
    house: House, broker_url: str
) -> None:
    with redis.Redis.from_url(broker_url) as publisher:
        publisher.xadd(STREAM, {"event": b"{}"})
    near, away = (
        measuring.Measures(house.engine, Stream(url, consumer="api"))
        for url in (broker_url, "redis://127.0.0.1:1/0")
    )

    here, nowhere = (
        {one.name: one.samples[0].value for one in of.collect() if "_stream_" in one.name}
        for of in (near, away)
    )
    assert here == {"outreach_stream_away": 0, "outreach_stream_length": 1}
    assert nowhere == {"outreach_stream_away": 1}


def test_prometheus_s_own_tool_has_nothing_against_it_and_nobody_is_named(
    client: httpx.Client,
) -> None:
    post(client)

    text = client.get("/metrics", headers=bearer(READER)).text

    assert checked("check", "metrics", given=text) == ""
    assert CUSTOMER not in text


def test_however_often_it_is_asked_the_database_is_left_alone(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "FRESH", timedelta(hours=1))
    post(client)
    assert samples(client)["events_accepted_total http"] == 1

    post(client, id="e2")

    assert samples(client)["events_accepted_total http"] == 1
