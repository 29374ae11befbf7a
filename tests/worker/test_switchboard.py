"""Do many calls share one thread, and does none of them disturb another?"""

from __future__ import annotations

import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from functools import partial
from selectors import EVENT_WRITE
from threading import Event, current_thread
from time import monotonic
from typing import Any

import pytest

from tests.standins.web import Call, Server, as_json
from tests.worker.test_channels_smtp import CERTIFICATE
from tests.worker.texting import SOON, Together, channel, letter, through
from worker.channels.switchboard import Closed, Switchboard
from worker.channels.waiting import Aside, Ready, alone
from worker.channels.wire import exchange

FEW = 4
LATER = 60.0
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n%02d"


@pytest.fixture
def board() -> Iterator[Switchboard]:
    made = Switchboard(FEW)
    yield made
    made.close()


@pytest.fixture
def pairs() -> Iterator[list[tuple[socket.socket, socket.socket]]]:
    """Lines to others: our end and theirs."""
    with ExitStack() as stack:
        made = [socket.socketpair() for _ in range(3 * FEW)]
        for ours, theirs in made:
            ours.setblocking(False)
            stack.enter_context(ours)
            stack.enter_context(theirs)
        yield made


Pairs = list[tuple[socket.socket, socket.socket]]


async def ask(sock: socket.socket, seconds: float = LATER) -> tuple[str, str]:
    """What is answered, and in whose thread it was heard."""
    reply = await exchange(sock, b"POST / HTTP/1.1\r\n\r\n", head=seconds, body=seconds)
    return reply.body.decode(), current_thread().name


async def nap(sock: socket.socket, seconds: float) -> None:
    await Ready(sock, monotonic() + seconds)


def asked(theirs: socket.socket) -> bool:
    theirs.settimeout(SOON)
    return theirs.recv(100) == b"POST / HTTP/1.1\r\n\r\n"


def test_calls_share_a_thread_and_end_in_any_order(board: Switchboard, pairs: Pairs) -> None:
    calls = [through(board, partial(ask, ours)) for ours, _ in pairs[:FEW]]
    assert all(asked(theirs) for _, theirs in pairs[:FEW])

    for number in (2, 0, 3, 1):
        pairs[number][1].sendall(OK % number)
        assert calls[number].result(SOON) == (f"{number:02d}", "switchboard")


def test_what_is_too_many_waits_until_one_is_over(board: Switchboard, pairs: Pairs) -> None:
    calls = [through(board, partial(ask, ours)) for ours, _ in pairs]
    assert all(asked(theirs) for _, theirs in pairs[:FEW])
    # whoever could begin without room would have begun before this call is over
    pairs[0][1].sendall(OK % 0)
    calls[0].result(SOON)
    assert asked(pairs[FEW][1])
    pairs[FEW + 1][1].setblocking(False)
    with pytest.raises(BlockingIOError):
        pairs[FEW + 1][1].recv(1)

    for number, (_, theirs) in enumerate(pairs[1:], 1):
        theirs.sendall(OK % number)

    assert [one.result(SOON)[0] for one in calls] == [f"{n:02d}" for n in range(len(pairs))]


def test_whose_time_is_over_is_told_so_and_the_others_wait_on(
    board: Switchboard, pairs: Pairs
) -> None:
    (patient, theirs), (hasty, _), (hastier, _), *_ = pairs
    waits = through(board, partial(ask, patient))
    times = [through(board, partial(nap, one, n)) for one, n in ((hasty, 0.05), (hastier, 0.0))]

    assert [type(one.exception(SOON)) for one in times] == [TimeoutError] * 2
    theirs.sendall(OK % 7)
    assert waits.result(SOON)[0] == "07"


def test_what_blocks_is_done_aside(board: Switchboard, pairs: Pairs) -> None:
    (ours, theirs), *_ = pairs
    going_on = Event()

    def blocks() -> str:
        assert going_on.wait(SOON)
        return current_thread().name

    def breaks() -> str:
        raise ConnectionRefusedError

    async def both(work: Any) -> tuple[str, str]:
        return await Aside(work), current_thread().name

    blocked, broken = through(board, partial(both, blocks)), through(board, partial(both, breaks))
    other = through(board, partial(ask, ours))
    theirs.sendall(OK % 1)
    assert other.result(SOON)[0] == "01"
    assert type(broken.exception(SOON)) is ConnectionRefusedError
    going_on.set()

    aside, then = blocked.result(SOON)
    assert (aside.startswith("aside"), then) == (True, "switchboard")


def test_a_call_that_breaks_holds_up_nobody(
    board: Switchboard, pairs: Pairs, caplog: pytest.LogCaptureFixture
) -> None:
    async def breaks() -> None:
        raise LookupError("ours")

    async def hangs_up(sock: socket.socket) -> None:
        sock.close()
        await Ready(sock, monotonic() + LATER)

    for _ in range(2 * FEW):
        board.begin(breaks)
    closed = [through(board, partial(hangs_up, ours)) for ours, _ in pairs[FEW:]]
    (ours, theirs), *_ = pairs
    theirs.sendall(OK % 3)

    assert through(board, partial(ask, ours)).result(SOON)[0] == "03"
    assert all(isinstance(one.exception(SOON), (ValueError, OSError)) for one in closed)


def test_closing_waits_for_what_was_begun_and_takes_no_more(pairs: Pairs) -> None:
    board, (ours, theirs) = Switchboard(1), pairs[0]
    last = [through(board, partial(ask, one)) for one in (ours, pairs[1][0])]
    with ThreadPoolExecutor(1) as others:
        closing = others.submit(board.close)
        while not board.is_closing:
            assert not closing.done()
        with pytest.raises(Closed):
            board.begin(partial(nap, ours, 0.0))
        theirs.sendall(OK % 1)
        assert last[0].result(SOON)[0] == "01"
        assert not closing.done()
        pairs[1][1].sendall(OK % 2)

        assert closing.result(SOON) is None
    assert last[1].result(SOON)[0] == "02"
    assert "switchboard" not in {one.name for one in threading.enumerate()}


def test_whoever_never_called_has_nothing_to_close() -> None:
    Switchboard(FEW).close()


def test_a_process_that_ends_still_ends_its_calls(board: Switchboard) -> None:
    async def ended() -> str:
        return await Aside(lambda: current_thread().name)

    assert through(board, ended).result(SOON).startswith("aside")
    # as the interpreter does when it goes: no thread takes work any more
    board.aside.shutdown()

    assert through(board, ended).result(SOON) == "switchboard"


def test_many_threads_begin_calls_at_any_moment(board: Switchboard) -> None:
    async def none() -> str:
        return current_thread().name

    async def aside() -> str:
        return await Aside(str)

    def begin(number: int) -> Any:
        return through(board, none if number % 2 else aside)

    with ThreadPoolExecutor(8) as threads:
        calls = list(threads.map(begin, range(2_000)))

    done, _ = wait(calls, SOON)
    assert len(done) == len(calls)
    assert {one.result() for one in calls[1::2]} == {"switchboard"}


def test_a_request_longer_than_the_line_takes_at_once_arrives_whole(
    board: Switchboard, pairs: Pairs
) -> None:
    request, (ours, theirs) = b"x" * 5_000_000, pairs[0]

    async def tell() -> bytes:
        return (await exchange(ours, request, head=LATER, body=LATER)).body

    said, heard = through(board, tell), b""
    theirs.settimeout(SOON)
    while len(heard) < len(request):
        heard += theirs.recv(1 << 20)
    theirs.sendall(OK % 9)

    assert (heard == request, said.result(SOON)) == (True, b"09")


def test_one_alone_waits_as_those_do_who_share(pairs: Pairs) -> None:
    (ours, theirs), *_ = pairs

    async def write_and_read() -> bytes:
        await Ready(ours, monotonic() + LATER, EVENT_WRITE)
        await Ready(ours, monotonic() + LATER)
        return ours.recv(10)

    theirs.sendall(b"ours")
    assert alone(write_and_read()) == b"ours"
    with pytest.raises(TimeoutError):
        alone(nap(ours, 0.0))


def test_letters_that_share_a_thread_are_encrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(CERTIFICATE)
    padding = "x" * 300_000

    def answer(call: Call) -> Any:
        return as_json(201, {"body": padding, "sid": f"SM{len(call.body)}"})

    server = Server(0, answer)
    server.socket = ours.wrap_socket(server.socket, server_side=True)
    server.start()
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    sms = channel(server.url.replace("http:", "https:"), kind=Together)

    refs = {sms.send(letter()).ref for _ in range(3)}

    assert (len(refs), server.connections) == (1, 1)
    sms.close()
    server.close()


BREAKS = """
from threading import Event
from worker.channels.switchboard import Switchboard

class Nothing:
    def __await__(self):
        yield self

async def call():
    await Nothing()

Switchboard(1).begin(call)
Event().wait(60)
"""


def test_a_process_ends_whose_calls_nobody_waits_for_any_more() -> None:
    done = subprocess.run(
        [sys.executable, "-c", BREAKS], capture_output=True, check=False, timeout=50
    )

    assert done.returncode == 1
    assert b"switchboard_broken" in done.stdout + done.stderr
