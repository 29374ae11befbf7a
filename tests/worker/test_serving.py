"""Does an answer leave at once, and does nobody hold us up who never says what they want?"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import pytest

from worker.serving import LARGEST_HEAD, HttpServer, Visit, listening

START = b"GET / HTTP/1.1\r\nHost: bank.example\r\n"


class Hasty(Visit):
    patience = 0.2


async def answer(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})


@contextmanager
def visiting(visit: type[Visit]) -> Iterator[socket.socket]:
    """A connection to a server that hears its visits so."""
    server = HttpServer(answer)
    server.config.http = visit
    with listening("127.0.0.1", 0) as heard_on:
        running = Thread(target=server.run, args=([heard_on],))
        running.start()
        try:
            with socket.create_connection(heard_on.getsockname(), timeout=30) as connection:
                yield connection
        finally:
            server.stop()
            running.join()


def test_an_answer_does_not_wait_for_its_headers_to_be_acknowledged() -> None:
    with listening("127.0.0.1", 0) as heard_on, socket.create_connection(heard_on.getsockname()):
        accepted, _ = heard_on.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_head_of_the_usual_length_is_answered_again_and_again() -> None:
    with visiting(Visit) as connection:
        for _ in range(3):
            connection.sendall(START + b"X-Long: " + b"x" * 8_000 + b"\r\n\r\n")
            assert connection.recv(65_536).startswith(b"HTTP/1.1 204 ")


def test_a_head_that_never_ends_is_refused_before_it_fills_our_memory() -> None:
    with visiting(Visit) as connection, pytest.raises(ConnectionError):
        connection.sendall(START + (b"X-More: " + b"x" * 4_000 + b"\r\n") * (LARGEST_HEAD // 10))


@pytest.mark.parametrize("said", [b"", b"GET", START])
def test_who_does_not_say_what_they_want_is_left_after_a_while(said: bytes) -> None:
    with visiting(Hasty) as connection:
        connection.sendall(said)

        assert connection.recv(65_536) == b""


def test_told_to_stop_it_stops_at_once_and_is_not_woken_ten_times_a_second() -> None:
    looks: list[int] = []

    class Counted(HttpServer):
        async def on_tick(self, counter: int) -> bool:
            looks.append(counter)
            return await super().on_tick(counter)

    server = Counted(answer)
    with listening("127.0.0.1", 0) as heard_on:
        running = Thread(target=server.run, args=([heard_on],))
        running.start()
        with socket.create_connection(heard_on.getsockname(), timeout=30) as connection:
            connection.sendall(START + b"\r\n")
            assert connection.recv(65_536).startswith(b"HTTP/1.1 204 ")
        server.stop()
        running.join()
    server.stop()
    # once when it began, once when it was told, and each second between
    assert looks == list(range(0, 10 * len(looks), 10))
