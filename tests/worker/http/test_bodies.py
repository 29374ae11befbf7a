"""Are bodies held only as far as this process can bear, and for as long as they are read?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from starlette.requests import ClientDisconnect

from worker.http.bodies import MAX_BODY, MOST_HELD, Bodies
from worker.http.problems import Denied


async def pieces(*sizes: int, then: asyncio.Event | None = None) -> AsyncIterator[bytes]:
    for size in sizes:
        yield bytes(size)
    if then is not None:
        await then.wait()


def test_more_than_this_process_can_hold_at_once_is_asked_to_come_back() -> None:
    async def read() -> None:
        bodies, end = Bodies(timedelta(minutes=1)), asyncio.Event()
        many = MOST_HELD // MAX_BODY
        held = [asyncio.create_task(bodies.read(pieces(MAX_BODY, then=end))) for _ in range(many)]
        await asyncio.sleep(0)

        with pytest.raises(Denied) as denied:
            await bodies.read(pieces(1))
        assert denied.value.status == 503
        assert denied.value.headers["Retry-After"]

        end.set()
        assert {len(one) for one in await asyncio.gather(*held)} == {MAX_BODY}
        assert await bodies.read(pieces(2, 3)) == bytes(5)

    asyncio.run(read())


def test_what_failed_is_held_no_longer() -> None:
    async def read() -> None:
        bodies = Bodies(timedelta(minutes=1))
        for _ in range(2 * MOST_HELD // MAX_BODY):
            with pytest.raises(Denied) as denied:
                await bodies.read(pieces(MAX_BODY, 1))
            assert denied.value.status == 413

    asyncio.run(read())


def test_the_rest_of_a_body_is_waited_for_so_long() -> None:
    async def read() -> None:
        with pytest.raises(Denied) as denied:
            await Bodies(timedelta(0)).read(pieces(1, then=asyncio.Event()))
        assert denied.value.status == 408

    asyncio.run(read())


def test_a_caller_who_leaves_in_the_middle_is_no_error_of_ours() -> None:
    async def cut() -> AsyncIterator[bytes]:
        yield b"half"
        raise ClientDisconnect

    async def read() -> None:
        with pytest.raises(Denied) as denied:
            await Bodies(timedelta(minutes=1)).read(cut())
        assert denied.value.status == 400

    asyncio.run(read())
