"""Is a transaction kept for us, too, whose COMMIT was answered by a server that then hung up?"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from select import select
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, make_url, text

from tests.servers import ON_POSTGRES
from worker.store.bulk import Insertion
from worker.store.direct import ask
from worker.store.engine import in_transaction, make_engine, reading
from worker.store.tables import house

pytestmark = ON_POSTGRES

PUT = Insertion(house)
NAMES = text("SELECT name FROM house WHERE value = 'v' ORDER BY name")
COMMITTED = b"C\x00\x00\x00\x0bCOMMIT\x00"
"""How PostgreSQL answers a COMMIT; what comes behind it says that it is ready for more."""


class Relay(ThreadingTCPServer):
    """Between us and PostgreSQL; once `hangs_up` is set, nothing passes behind such an answer."""

    daemon_threads = True
    hangs_up = False

    def __init__(self, server: str) -> None:
        super().__init__(("127.0.0.1", 0), _Relayed)
        self.server = server


class _Relayed(BaseRequestHandler):
    server: Any

    def handle(self) -> None:
        with socket.socket(socket.AF_UNIX) as theirs, suppress(OSError):
            theirs.connect(self.server.server)
            while self._pass_on(theirs):
                continue

    def _pass_on(self, theirs: socket.socket) -> bool:
        for one in select([self.request, theirs], [], [])[0]:
            data = one.recv(65536)
            if not data:
                return False
            if one is self.request:
                theirs.sendall(data)
                continue
            head, committed, rest = data.partition(COMMITTED)
            hangs_up = committed and self.server.hangs_up
            self.request.sendall(head + committed + (b"" if hangs_up else rest))
            if hangs_up:
                return False
        return True


@pytest.fixture
def relay(engine: Engine) -> Iterator[Relay]:
    with engine.connect() as connection:
        found = connection.execute(
            text("SELECT current_setting('unix_socket_directories'), current_setting('port')")
        ).one()
    with Relay(f"{found[0]}/.s.PGSQL.{found[1]}") as made:
        Thread(target=made.serve_forever, daemon=True).start()
        yield made
        made.shutdown()


@pytest.fixture
def relayed(relay: Relay, engine: Engine) -> Iterator[Engine]:
    url = make_url(str(engine.url)).set(
        host="127.0.0.1", port=relay.server_address[1], query={"sslmode": "disable"}
    )
    made = make_engine(url)
    yield made
    made.dispose()


def put(name: str, connection: Connection) -> None:
    PUT.run(connection, [{"name": name, "value": "v"}])


def kept(connection: Connection) -> list[str]:
    return [row.name for row in ask(connection, NAMES, {})]


def test_what_was_committed_is_done_and_the_next_has_a_connection_that_lives(
    relay: Relay, relayed: Engine
) -> None:
    in_transaction(relayed, partial(put, "a"))

    relay.hangs_up = True
    in_transaction(relayed, partial(put, "b"))
    relay.hangs_up = False

    in_transaction(relayed, partial(put, "c"))
    assert reading(relayed, kept) == ["a", "b", "c"]


def test_what_was_read_is_true_and_the_connection_is_given_back(
    relay: Relay, relayed: Engine
) -> None:
    in_transaction(relayed, partial(put, "a"))

    relay.hangs_up = True
    found = [reading(relayed, kept) for _ in range(3)]
    relay.hangs_up = False

    assert found == [["a"]] * 3
    assert relayed.pool.checkedout() == 0  # type: ignore[attr-defined]
    assert reading(relayed, kept) == ["a"]


def test_what_was_not_committed_is_told_as_such(relay: Relay, relayed: Engine) -> None:
    def work(connection: Connection) -> list[str]:
        put("a", connection)
        found = kept(connection)
        if not asked:
            asked.append(1)
            with relayed.connect() as other:
                other.exec_driver_sql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE pid <> pg_backend_pid() AND datname = current_database()"
                )
        return found

    asked: list[int] = []
    with pytest.raises(Exception, match=r"terminat|closed|EOF|lost"):
        in_transaction(relayed, work)

    assert reading(relayed, kept) == []
