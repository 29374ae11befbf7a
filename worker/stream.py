"""What lies in the Redis stream of events, who holds it, and how is it let go?"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import timedelta
from threading import Lock
from typing import Any, NamedTuple, TypeVar

from redis import Redis
from redis.exceptions import ResponseError

T = TypeVar("T")

STREAM = "outreach:events"
GROUP = "outreach"
FIELD = b"event"

# One command, so that whoever wakes just then and reads keeps what it read.
_REMOVE_GONE = """
for _, pairs in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
    local one = {}
    for at = 1, #pairs, 2 do one[pairs[at]] = pairs[at + 1] end
    if one['pending'] == 0 and one['idle'] > tonumber(ARGV[2]) then
        redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], one['name'])
    end
end
"""


# Only what the group waits for: once Redis was wiped, an entry of the same id is another one.
_LET_GO = """
for at = 2, #ARGV do
    if redis.call('XACK', KEYS[1], ARGV[1], ARGV[at]) == 1 then
        redis.call('XDEL', KEYS[1], ARGV[at])
    end
end
"""


class Entry(NamedTuple):
    """One entry; where it has several fields and none is called so, they are its `event`."""

    id: bytes
    event: bytes


class Stream:
    """The stream at this URL, read as one consumer of the group that all our workers are.

    Every call may raise RedisError; a stream or group that is not there is made.
    """

    def __init__(self, url: str, *, consumer: str) -> None:
        self._redis = Redis.from_url(
            url, socket_timeout=5, socket_connect_timeout=2, health_check_interval=10
        )
        self._consumer = consumer
        self.turn = Lock()
        """Who holds it reads; one reader a process leaves the other threads their own work."""

    def new(self, most: int, *, wait: timedelta = timedelta()) -> list[Entry]:
        """Entries that nobody was given yet; they are this consumer's now.

        Where there are none, it waits so long for the first.
        """
        # to Redis, nothing is for ever
        block = int(wait / timedelta(milliseconds=1)) or None

        def read() -> Any:
            return self._redis.xreadgroup(
                GROUP, self._consumer, {STREAM: ">"}, count=most, block=block
            )

        found = self._in_group(read)
        # A list of pairs in the older protocol, a mapping in the newer.
        streams = list(found.values()) if isinstance(found, dict) else [one for _, one in found]
        return _entries(pair for one in streams for pair in one)

    def abandoned(self, most: int, *, idle: timedelta) -> list[Entry]:
        """Entries that somebody was given so long ago and did not let go; now they are ours."""
        start: bytes | str = "0-0"
        while True:
            start, entries = self._claimed(most, idle, start)
            if entries or start == b"0-0":
                return entries

    def let_go(self, entries: Iterable[Entry]) -> None:
        """What is committed: nobody gets it again, and it takes no room."""
        ids = [one.id for one in entries]
        if ids:
            self._redis.eval(_LET_GO, 1, STREAM, GROUP, *ids)

    def forget_gone(self, *, idle: timedelta) -> None:
        """Remove the consumers that hold nothing and asked for nothing so long."""
        milliseconds = int(idle / timedelta(milliseconds=1))
        self._in_group(lambda: self._redis.eval(_REMOVE_GONE, 1, STREAM, GROUP, milliseconds))

    def length(self) -> int:
        """How many entries wait, or are being taken in."""
        return self._redis.xlen(STREAM)

    def close(self) -> None:
        self._redis.close()

    def _claimed(
        self, most: int, idle: timedelta, start: bytes | str
    ) -> tuple[bytes | str, list[Entry]]:
        def claim() -> Any:
            milliseconds = int(idle / timedelta(milliseconds=1))
            return self._redis.xautoclaim(
                STREAM, GROUP, self._consumer, milliseconds, start_id=start, count=most
            )

        following, pairs, *_ = self._in_group(claim)
        return following, _entries(pairs)

    def _in_group(self, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except ResponseError as error:
            # Nobody published yet, or Redis was wiped.
            if not str(error).startswith(("NOGROUP", "ERR no such key")):
                raise
        with suppress(ResponseError):
            self._redis.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
        return ask()


def _entries(pairs: Iterable[Sequence[Any]]) -> list[Entry]:
    # An entry that was deleted while somebody held it has no fields.
    return [Entry(id_, _event(fields or {})) for id_, fields in pairs]


def _event(fields: dict[bytes, bytes]) -> bytes:
    """By any name, where it is the only one."""
    if len(fields) == 1:
        return next(iter(fields.values()))
    if FIELD in fields:
        return fields[FIELD]
    # It will be refused, and shall be seen as it came.
    texts = {name.decode(errors="replace"): _text(value) for name, value in fields.items()}
    return json.dumps(texts).encode()


def _text(value: bytes) -> str:
    return value.decode(errors="backslashreplace")
