"""How does what lies in the stream become ours? Committed first, and only then let go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from time import monotonic

import structlog
from prometheus_client import Counter, Gauge
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from triggers.configuration import Configuration
from worker.bells import Bell
from worker.steps.accepting import Door
from worker.steps.singling import take_each
from worker.store.engine import out_of_reach
from worker.stream import Entry, Stream
from worker.wiring import Parts

log = structlog.get_logger(__name__)

DOOR = "stream"
MOST = 1_000
"""Entries in one transaction, while they are small."""
FIRST = 50
MOST_BYTES = 8 * 1024 * 1024
"""In one transaction, about: how large entries are is known once they are read."""
TURN_SECONDS = 5.0
IDLE = timedelta(seconds=30)
"""Who held entries so long has died, or will find that they are known."""
GONE = timedelta(hours=1)

TAKEN = Counter("outreach_stream_entries_total", "Entries of the stream that became ours.")
LENGTH = Gauge(
    "outreach_stream_length", "Entries of the stream not yet ours.", multiprocess_mode="mostrecent"
)
AWAY = Gauge(
    "outreach_stream_away", "1 while the stream cannot be read.", multiprocess_mode="livemax"
)


class Taking:
    """One process's reading of the stream: how much it reads at once follows how large it is."""

    def __init__(self, parts: Parts, stream: Stream, configuration: Configuration) -> None:
        self._parts = parts
        self._stream = stream
        self._configuration = configuration
        self._door = Door(DOOR, source=parts.settings.stream_source)
        self._most = FIRST

    def turn(self, *, idle: timedelta = IDLE, wait: timedelta = timedelta()) -> bool:
        """Take in what lies there, for some seconds at most; whether another turn is to follow.

        For so long it waits for what comes, where nothing lies there.
        """
        begun = monotonic()
        while monotonic() < begun + TURN_SECONDS:
            if self._parts.pressure.look():
                return False
            asked = self._most
            left = max(0.0, begun + wait.total_seconds() - monotonic())
            new = partial(self._stream.new, asked, wait=timedelta(seconds=left))
            found = self._stream.abandoned(asked, idle=idle) or new()
            if found:
                self._take(found)
                self._most = _next(asked, sum(len(one.event) for one in found))
            else:
                self._rest()
                return bool(wait)
        return True

    def _take(self, found: Sequence[Entry]) -> None:
        raw = [one.event for one in found]
        ours = take_each(self._parts.engine, self._configuration, raw, self._door)
        # A crash between the commit and this line brings them again: then they are known.
        self._stream.let_go(found[index] for index in ours)
        TAKEN.inc(len(ours))
        self._parts.ring(Bell.EVALUATE)

    def _rest(self) -> None:
        self._stream.forget_gone(idle=GONE)
        LENGTH.set(self._stream.length())


def take_from_stream(parts: Parts, *, wait: timedelta = timedelta()) -> None:
    """One turn, unless this process is in the middle of one; rings for the next."""
    stream = parts.stream
    if stream is None or not stream.turn.acquire(blocking=False):
        return
    try:
        more = _turn(parts, stream, wait)
    except RedisError as error:
        AWAY.set(1)
        log.warning("stream_unreachable", error=type(error).__name__)
        return
    except SQLAlchemyError as error:
        if not out_of_reach(error):
            raise
        # What was read and not committed comes again, to whoever reads then.
        log.warning("stream_waits_for_the_database", error=type(error).__name__)
        return
    finally:
        stream.turn.release()
    AWAY.set(0)
    parts.ring_all({Bell.STREAM: more})


def _turn(parts: Parts, stream: Stream, wait: timedelta) -> bool:
    configuration = parts.configuration()
    return configuration is not None and Taking(parts, stream, configuration).turn(wait=wait)


def _next(asked: int, read: int) -> int:
    """How many to ask for next, after so many bytes."""
    if read > MOST_BYTES:
        return max(1, asked // 2)
    return min(MOST, asked * 2) if read < MOST_BYTES // 4 else asked
