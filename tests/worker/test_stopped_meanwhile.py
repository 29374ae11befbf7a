"""Does a process that was stopped for a while hear what was answered to it meanwhile?"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress

import pytest

PATIENCE = 1.0
WAITS = f"""
import socket, sys
from time import monotonic
from concurrent.futures import Future
from worker.channels.switchboard import Switchboard
from worker.channels.waiting import Ready, alone

line = socket.socket(fileno=int(sys.argv[2]))
told = Future()

async def call():
    line.sendall(b"?")
    try:
        await Ready(line, monotonic() + {PATIENCE})
        told.set_result(line.recv(16).decode())
    except TimeoutError:
        told.set_result("nothing")

if sys.argv[1] == "alone":
    alone(call())
else:
    board = Switchboard(4)
    board.begin(call)
print(told.result(30), end="")
"""


@pytest.fixture
def ours() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@pytest.mark.parametrize("way", ["alone", "together"])
@pytest.mark.parametrize(("answer", "heard"), [(b"taken", "taken"), (b"", "nothing")])
def test_what_came_is_heard_though_its_time_is_over_and_what_did_not_is_not(
    ours: tuple[socket.socket, socket.socket], way: str, answer: bytes, heard: str
) -> None:
    here, there = ours
    process = subprocess.Popen(
        [sys.executable, "-c", WAITS, way, str(there.fileno())],
        pass_fds=[there.fileno()],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert here.recv(1) == b"?"
    os.kill(process.pid, signal.SIGSTOP)
    os.waitid(os.P_PID, process.pid, os.WSTOPPED)
    here.sendall(answer)
    # its patience ends by its own clock, which nobody but time moves
    with suppress(subprocess.TimeoutExpired):
        process.wait(2 * PATIENCE)
    os.kill(process.pid, signal.SIGCONT)

    told, _ = process.communicate(timeout=30)

    assert told == heard
