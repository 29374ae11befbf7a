"""Does a publisher hear "later" before anything is in danger, and is what was accepted there?"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import Connection, Engine, make_url, update
from sqlalchemy import event as sqlalchemy_event

from tests import servers
from tests.worker.http.conftest import Open, Street
from tests.worker.http.house import ALL, House, build, event
from worker.http.envelopes import BATCHED, STRUCTURED
from worker.pressure import Bounds
from worker.store.engine import in_transaction, make_engine
from worker.store.tables import events

ONE = {"content-type": STRUCTURED}


def post(client: httpx.Client, id_: str = "e1", **query: str) -> httpx.Response:
    return client.post("/v1/events", json=event(id=id_), headers=ONE, params=query)


def test_a_publisher_is_asked_to_come_more_slowly_until_some_are_read(
    house: House, open_doors: Open
) -> None:
    house.bounds = Bounds(unread=1)
    client = open_doors(house)
    assert [post(client, id_).status_code for id_ in ("e1", "e2", "e3")] == [202, 202, 429]

    answer = post(client, "e3")
    assert answer.headers["retry-after"] == "5"
    assert answer.headers["content-type"] == "application/problem+json"
    assert client.put("/v1/customers/c1", json={"language": "en"}).status_code == 429
    assert post(client, "e3", dry_run="true").status_code == 200
    assert house.stored == 2

    in_transaction(house.engine, lambda c: c.execute(update(events).values(state="read")))
    assert post(client, "e3").status_code == 202
    assert house.stored == 3


def test_without_room_on_the_disk_nothing_is_taken(
    house: House, open_doors: Open, tmp_path: Any
) -> None:
    house.bounds = Bounds(folder=tmp_path, free=10**18, share=1)
    client = open_doors(house)

    answer = post(client)

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert house.stored == 0


@contextmanager
def no_page_left(engine: Engine) -> Iterator[None]:
    """The file of the database cannot grow."""

    def limit(connection: Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    sqlalchemy_event.listen(engine, "begin", limit)
    yield
    sqlalchemy_event.remove(engine, "begin", limit)
    # a connection keeps its limit
    engine.dispose()


def test_a_full_database_takes_nothing_half_and_loses_nothing(
    sqlite_database_url: str, open_doors: Open
) -> None:
    house = build(make_engine(sqlite_database_url))
    client = open_doors(house)
    batches = [
        [event(id=f"e{batch}-{n}", data={"plan_id": "p" * 900}) for n in range(50)]
        for batch in range(8)
    ]

    def publish(batch: list[dict[str, Any]]) -> int:
        answer = client.post("/v1/events", json=batch, headers={"content-type": BATCHED})
        assert "retry-after" in answer.headers or answer.is_success
        return answer.status_code

    assert publish(batches[0]) == 202
    with no_page_left(house.engine):
        refused = [publish(batch) for batch in batches[1:]]
        assert set(refused) == {503}
        assert house.stored == 50
    assert [publish(batch) for batch in batches] == [200] + [202] * 7
    assert house.stored == 400
    house.engine.dispose()


@contextmanager
def nobody_let_in(server: str, url: str) -> Iterator[None]:
    """Whoever is connected is thrown out, and nobody gets in: as when the server is gone."""
    name = make_url(url).database
    with servers.administrator(server) as connection:
        connection.exec_driver_sql(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        connection.exec_driver_sql(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        )
        try:
            yield
        finally:
            connection.exec_driver_sql(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


def test_a_lost_database_is_told_and_everything_accepted_is_there_afterwards(
    postgres_server: str, postgres_database_url: str, open_doors: Open
) -> None:
    house = build(make_engine(postgres_database_url))
    client = open_doors(house)
    assert post(client, "e1").status_code == 202

    with nobody_let_in(postgres_server, postgres_database_url):
        for _ in range(3):
            answer = post(client, "e2")
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")

    assert [post(client, id_).status_code for id_ in ("e1", "e2")] == [200, 202]
    assert house.stored == 2
    house.engine.dispose()


@contextmanager
def every_insert_fails(engine: Engine, state: str) -> Iterator[None]:
    """As PostgreSQL itself says it."""

    def run(*statements: str) -> None:
        for statement in statements:
            in_transaction(engine, lambda c: c.exec_driver_sql(statement))  # noqa: B023

    run(
        "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{state}'; END$$",
        "CREATE TRIGGER fail BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION fail()",
    )
    try:
        yield
    finally:
        run("DROP TRIGGER fail ON events", "DROP FUNCTION fail")


# A full disk, no memory, too many connections, a standby, a shutdown, a broken file.
OUTAGES = ["53100", "53200", "53300", "25006", "57P01", "58030"]


@pytest.mark.parametrize("state", OUTAGES)
def test_whatever_the_database_lacks_is_told_as_later_and_nothing_is_half(
    postgres_database_url: str, open_doors: Open, state: str
) -> None:
    house = build(make_engine(postgres_database_url))
    client = open_doors(house)

    with every_insert_fails(house.engine, state):
        answer = post(client)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        profile = client.put("/v1/customers/c1", json={"language": "en"})
        assert (profile.status_code, profile.headers["retry-after"]) == (503, "5")
        assert house.stored == 0

    assert post(client).status_code == 202
    assert house.stored == 1
    house.engine.dispose()


def read_only_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("PRAGMA query_only = ON")


def read_only_postgres(connection: Connection) -> None:
    connection.exec_driver_sql("SET TRANSACTION READ ONLY")


def test_a_database_that_only_reads_is_told_as_one_that_is_away(
    house: House, open_doors: Open
) -> None:
    client = open_doors(house)
    assert post(client, "e1").status_code == 202
    make: Callable[[Connection], None] = (
        read_only_sqlite if house.engine.dialect.name == "sqlite" else read_only_postgres
    )
    sqlalchemy_event.listen(house.engine, "begin", make)

    answer = post(client, "e2")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    sqlalchemy_event.remove(house.engine, "begin", make)
    house.engine.dispose()
    assert house.stored == 1


def test_what_only_a_later_version_s_catalog_may_take_is_asked_for_again(
    house: House, open_doors: Open
) -> None:
    client = open_doors(house)
    strange = event(id="e2", type="of.the.future")
    assert client.post("/v1/events", json=strange, headers=ONE).status_code == 422

    house.configuration_outdated = True

    answer = client.post("/v1/events", json=strange, headers=ONE)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert client.put("/v1/customers/c1", json={"age": "old"}).status_code == 503
    assert client.get("/readyz").status_code == 503
    assert post(client, "e1").status_code == 202, "what it knows is ours"


def test_a_body_that_does_not_come_is_not_waited_for(
    house: House, open_doors: Open, street: Street
) -> None:
    open_doors(house, patience=timedelta(milliseconds=200))
    there = urlsplit(street.url)
    head = (
        f"POST /v1/events HTTP/1.1\r\nhost: door\r\nauthorization: Bearer {ALL}\r\n"
        f"content-type: {STRUCTURED}\r\ncontent-length: 500\r\n\r\n"
    )

    with socket.create_connection((there.hostname, there.port), timeout=30) as slow:
        slow.sendall(head.encode() + b'{"specversion": ')
        answer = b""
        while piece := slow.recv(4096):
            answer += piece

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"connection: close" in answer.lower()
    assert house.stored == 0
