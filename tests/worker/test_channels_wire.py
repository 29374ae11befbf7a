"""Is every answer heard to its end, and nothing taken for one that is none?"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import pairwise

import pytest

from worker.channels.base import TryLater
from worker.channels.twilio_http import Patience, PooledHttp
from worker.channels.waiting import Aside, alone
from worker.channels.wire import LARGEST_BODY, NoAnswer, Reply, exchange

ENDLESS = b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000


@contextmanager
def answering(*pieces: bytes) -> Iterator[socket.socket]:
    """One who says this, piece by piece, and hangs up."""
    ours, theirs = socket.socketpair()

    def speak() -> None:
        with theirs:
            theirs.recv(65_536)
            with suppress(OSError):
                for piece in pieces:
                    theirs.sendall(piece)

    speaking = threading.Thread(target=speak)
    speaking.start()
    with ours:
        ours.setblocking(False)
        yield ours
    speaking.join()


def heard(*pieces: bytes) -> Reply:
    with answering(*pieces) as sock:
        return alone(exchange(sock, b"POST / HTTP/1.1\r\n\r\n", head=5, body=5))


WHOLE = [
    (b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok", 201, b"ok", True),
    (b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", 204, b"", True),
    (b"HTTP/1.1 200\r\ncontent-length:0\r\n\r\n", 200, b"", True),
    (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, b"ok", False),
    (b"HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 2\r\n\r\nok", 200, b"ok", False),
    (b"HTTP/1.1 200 OK\r\n\r\nuntil it ends", 200, b"until it ends", False),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and more", 200, b"ok", False),
    (
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
        b"HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno",
        200, b"ok", False,
    ),
    (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 400 Bad\r\nContent-Length: 2\r\n\r\nno",
        400, b"no", True,
    ),
    (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nok\r\nA\r\n0123456789\r\n"
        b"0\r\nTrailer: x\r\n\r\n",
        200, b"ok0123456789", True,
    ),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nwhatever", 200, b"whatever", False),
]  # fmt: skip


@pytest.mark.parametrize(("said", "status", "body", "stays"), WHOLE)
def test_an_answer_is_heard_to_its_end(said: bytes, status: int, body: bytes, stays: bool) -> None:
    reply = heard(said)

    assert (reply.status, reply.body, reply.stays) == (status, body, stays)


@pytest.mark.parametrize("every", [1, 7])
def test_an_answer_may_come_in_any_pieces(every: int) -> None:
    said = WHOLE[8][0]
    cuts = [*range(0, len(said), every), len(said)]

    assert heard(*(said[a:b] for a, b in pairwise(cuts))) == heard(said)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok",
        b"220 mail.bank.example ESMTP\r\n\r\n",
        b"HTTP/2 200 OK\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!",
        b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (LARGEST_BODY + 1),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nok\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nokay\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n"
        b"2\r\nok\r\n0\r\n\r\n",
        b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        ENDLESS,
    ],
)
def test_whatever_is_no_whole_answer_is_none(said: bytes) -> None:
    with pytest.raises((NoAnswer, OSError)):
        heard(said)


def test_an_answer_has_its_time_and_no_more() -> None:
    with answering(WHOLE[0][0]) as sock, pytest.raises(NoAnswer):
        alone(exchange(sock, b"POST / HTTP/1.1\r\n\r\n", head=-1, body=5))
    slow = b"HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n"
    with answering(slow, b" " * 3_000_000) as sock, pytest.raises(NoAnswer):
        alone(exchange(sock, b"POST / HTTP/1.1\r\n\r\n", head=5, body=-1))


@pytest.mark.parametrize(
    ("uri", "headers"),
    [
        ("http://127.0.0.1:9/a\x0bb", {}),
        ("http://127.0.0.1:9/a b", {}),
        ("http://127.0.0.1:9/", {"X-One": "one\r\nX-Two: two"}),
    ],
)
def test_nothing_that_is_given_can_begin_a_line_of_its_own(
    uri: str, headers: dict[str, str]
) -> None:
    with pytest.raises(ValueError, match="control character"):
        PooledHttp().request("POST", uri, headers=headers)


def test_whoever_goes_on_too_long_after_connecting_sends_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        http = PooledHttp(base_url=f"http://127.0.0.1:{server.getsockname()[1]}")
        call = http.ask("POST", "https://provider.example/")
        connecting = call.send(None)
        assert isinstance(connecting, Aside)
        connection = connecting.work()
        assert connection.sock.gettimeout() == 0.0, "it would hold up all who share the thread"
        connection.longest = 0.0

        with pytest.raises(TryLater):
            call.send(connection)

        theirs, _ = server.accept()
        with theirs:
            theirs.settimeout(5)
            assert theirs.recv(100) == b""


def test_a_line_that_its_other_end_will_close_is_not_used_again() -> None:
    lines: list[socket.socket] = []

    def serve() -> None:
        for _ in range(2):
            line, _ = server.accept()
            lines.append(line)
            line.recv(65_536)
            line.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}")

    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as threads:
        server.settimeout(5)
        serving = threads.submit(serve)
        at = f"http://127.0.0.1:{server.getsockname()[1]}"
        http = PooledHttp(base_url=at, patience=Patience(read=1.0))

        statuses = [http.request("GET", "https://provider.example/").status_code for _ in range(2)]

        serving.result(10)
        assert (statuses, len(lines)) == ([200, 200], 2)
        for line in lines:
            line.close()
