"""Does a process say truly whether it can do its work?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Event

import httpx
import pytest

from tests.worker.http.conftest import HERE, Open
from tests.worker.http.house import READER, House, bearer, event
from worker.clock import utc_now
from worker.http.envelopes import STRUCTURED
from worker.skew import MOST
from worker.store.alerts import Alarm, Raised, raise_alerts
from worker.store.engine import in_transaction, make_engine


def test_it_is_alive_and_ready(house: House, open_doors: Open) -> None:
    client = open_doors(house, key=None)

    assert client.get("/healthz").json() == {"status": "ok"}
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json() == {"ready": True, "checks": {"database": "ok", "configuration": "ok"}}
    heads = [client.head(path) for path in ("/healthz", "/readyz")]
    assert [(one.status_code, one.content) for one in heads] == [(200, b"")] * 2


def test_it_is_alive_though_every_thread_waits(house: House, open_doors: Open) -> None:
    go_on = Event()

    def waits() -> datetime:
        go_on.wait(30)
        return utc_now()

    house.clock = waits
    client = open_doors(house, key=None)
    with ThreadPoolExecutor(60) as threads:
        asked = [threads.submit(client.get, "/readyz", timeout=60) for _ in range(60)]
        try:
            assert client.get("/healthz", timeout=10).status_code == 200
        finally:
            go_on.set()
    assert {one.result().status_code for one in asked} == {200}


@pytest.mark.parametrize("sign", [1, -1])
def test_a_clock_that_is_off_is_not_ready(house: House, open_doors: Open, sign: int) -> None:
    def off() -> datetime:
        return utc_now() + sign * (MOST + timedelta(seconds=5))

    house.clock = off
    answer = open_doors(house, key=None).get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"]["database"].startswith("its clock and ours are 3")


def test_without_a_configuration_it_is_not_ready(house: House, open_doors: Open) -> None:
    house.current = None

    answer = open_doors(house, key=None).get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"]["configuration"] == "none is active"


def test_a_refused_configuration_is_shown_while_the_last_good_one_goes_on(
    house: House, open_doors: Open
) -> None:
    house.configuration_mistake = "config/outreach.yaml:1:1: unknown word"

    answer = open_doors(house, key=None).get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["configuration_mistake"] == "config/outreach.yaml:1:1: unknown word"


def test_without_its_database_it_lives_and_is_not_ready(house: House, open_doors: Open) -> None:
    client = open_doors(house)
    house.engine = make_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")

    assert client.get("/healthz").status_code == 200
    ready = client.get("/readyz")
    assert ready.status_code == 503
    assert ready.json()["checks"] == {"database": "cannot be reached"}


def test_without_its_database_every_door_says_503(house: House, open_doors: Open) -> None:
    house.engine = make_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
    client = open_doors(house)

    answers = [
        client.post("/v1/events", json=event(), headers={"content-type": STRUCTURED}),
        client.put("/v1/customers/c1", json={}),
        client.get("/v1/customers/c1"),
    ]

    assert {answer.status_code for answer in answers} == {503}
    assert {answer.headers["retry-after"] for answer in answers} == {"5"}
    assert not any("127.0.0.1:1" in answer.text for answer in answers)


def test_metrics_count_what_was_stored(client: httpx.Client) -> None:
    client.post("/v1/events", json=event(), headers={"content-type": STRUCTURED})

    answer = client.get("/metrics", headers=bearer(READER))

    assert "outreach_accept_commit_events_count" in answer.text


def test_the_api_describes_itself(house: House, open_doors: Open) -> None:
    client = open_doors(house, key=None, caller=HERE)

    paths = client.get("/openapi.json").json()["paths"]

    assert {"/v1/events", "/v1/customers/{customer}", "/u/{token}"} <= paths.keys()
    assert client.get("/docs").status_code == 200


def test_metrics_tell_how_many_alarms_stand_by_kind(house: House, open_doors: Open) -> None:
    raised = [Raised(Alarm.FUSE_BLOWN, "one"), Raised(Alarm.FUSE_BLOWN, "two")]
    in_transaction(house.engine, lambda c: raise_alerts(c, raised, now=utc_now()))

    text = open_doors(house).get("/metrics").text

    found = [line for line in text.splitlines() if line.startswith("outreach_alarms{")]
    assert 'outreach_alarms{kind="fuse_blown"} 2.0' in found
    assert 'outreach_alarms{kind="sender_broken"} 0.0' in found
    assert len(found) == len(Alarm)
