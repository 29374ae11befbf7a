"""Who publishes over HTTP? Connections that each send one request, hear its answer, send the next.

A process of its own, so that its cost is seen apart: `load(address, requests, connections=16)`.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from multiprocessing.connection import Connection
from typing import NamedTuple

from bench.http_wire import Whole


class Heard(NamedTuple):
    """By status; seconds from request to answer, of each; by the clock, of all."""

    statuses: dict[int, int]
    seconds: list[float]
    wall: float


class Publisher(NamedTuple):
    """`begin()` sends everything, `end()` waits for the last answer."""

    pid: int
    begin: Callable[[], None]
    end: Callable[[], Heard]


class _Asking(Whole):
    def __init__(self, rest: Iterator[bytes], heard: Heard, ended: asyncio.Event) -> None:
        self._todo, self._heard, self._ended, self._begun = rest, heard, ended, 0.0

    def begin(self) -> None:
        following = next(self._todo, None)
        if following is None:
            self.transport.close()
            return
        self._begun = time.perf_counter()
        self.transport.write(following)

    def got(self, head: bytes, body: bytes) -> None:  # noqa: ARG002 - the status is enough
        self._heard.seconds.append(time.perf_counter() - self._begun)
        status = int(head[9:12])
        self._heard.statuses[status] = self._heard.statuses.get(status, 0) + 1
        self.begin()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's own
        self._ended.set()


async def _send(host: str, port: int, requests: Sequence[bytes], connections: int) -> Heard:
    loop, rest = asyncio.get_running_loop(), iter(requests)
    heard = Heard({}, [], 0.0)
    ended = [asyncio.Event() for _ in range(connections)]
    asking = [_Asking(rest, heard, one) for one in ended]
    for one in asking:
        await loop.create_connection(partial(_same, one), host, port)
    begun = time.perf_counter()
    for one in asking:
        one.begin()
    await asyncio.gather(*(one.wait() for one in ended))
    return Heard(heard.statuses, heard.seconds, time.perf_counter() - begun)


def _same(one: _Asking) -> _Asking:
    return one


def _run(port: int, requests: Sequence[bytes], connections: int, line: Connection) -> None:
    line.recv()
    line.send(asyncio.run(_send("127.0.0.1", port, requests, connections)))
    line.recv()


@contextmanager
def publisher(
    port: int, requests: Sequence[bytes], *, connections: int = 16
) -> Iterator[Publisher]:
    """Ready to send to this machine's port; it lives until its cost has been read."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_run, args=(port, requests, connections, theirs))
    process.start()
    assert process.pid is not None
    yield Publisher(process.pid, lambda: ours.send("begin"), ours.recv)
    ours.send("end")
    process.join()
