"""How do many requests share one commit, each answered only after it?"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import groupby
from queue import Empty, SimpleQueue
from threading import Lock, Thread

import structlog
from sqlalchemy import Connection, Engine

from worker.http.problems import UNREACHABLE, Denied, unavailable
from worker.steps.accept import Group, Outcome, Stored, accept
from worker.store.by_index import ask_by_index
from worker.store.engine import in_transaction, out_of_reach, sqlstate
from worker.store.tallies import Tally, observe

MOST_EVENTS = 2_000
"""In one transaction."""
MOST_WAITING = 20_000
MOST_BYTES = 16 * 1024 * 1024
"""Events that may wait for a commit, and what they came in; read, they take some times as much.
Whoever comes after is asked to come back."""
_UNHOLDABLE = frozenset({"22", "54"})
"""Data that cannot be, and a limit of the database's own."""

log = structlog.get_logger(__name__)


@dataclass(eq=False, slots=True)
class Waiting:
    """One request's events, and where its answer goes."""

    group: Group
    bundle: str | None
    answer: asyncio.Future[Outcome]
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)


class Gatherer:
    """One thread that commits; what arrives while it does becomes the next transaction."""

    def __init__(self, engine: Engine, *, stored: Callable[[], None]) -> None:
        self._engine = engine
        self._stored = stored
        self._queue: SimpleQueue[Waiting | None] = SimpleQueue()
        self._lock = Lock()
        self._thread: Thread | None = None
        self._closed = False
        self._waiting = 0
        self._bytes = 0

    async def store(self, group: Group, *, bundle: str | None, size: int = 0) -> Outcome:
        """What became of the group, once that is committed; Denied (503) where it is not.

        `size`: the bytes it came in.
        """
        if self._waiting + len(group) > MOST_WAITING or self._bytes + size > MOST_BYTES:
            raise unavailable("Too many events wait to be stored; send them again later.")
        waiting = Waiting(group, bundle, asyncio.get_running_loop().create_future())
        self._waiting += len(group)
        self._bytes += size
        try:
            self._put(waiting)
            return await waiting.answer
        finally:
            self._waiting -= len(group)
            self._bytes -= size

    def close(self) -> None:
        """Commit what waits, and end."""
        with self._lock:
            self._closed = True
            self._queue.put(None)
        if self._thread is not None:
            self._thread.join()

    def _put(self, waiting: Waiting) -> None:
        with self._lock:
            if self._closed:
                raise unavailable("This process is stopping; send the events again.")
            if self._thread is None:
                self._thread = Thread(target=self._run, name="gatherer", daemon=True)
                self._thread.start()
            self._queue.put(waiting)

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            gathered = [first, *self._more(len(first.group))]
            self._commit(gathered)

    def _more(self, events: int) -> Iterable[Waiting]:
        while events < MOST_EVENTS:
            try:
                one = self._queue.get_nowait()
            except Empty:
                return
            if one is None:
                # the end is for the next turn
                self._queue.put(None)
                return
            events += len(one.group)
            yield one

    def _commit(self, gathered: list[Waiting]) -> None:
        try:
            outcomes = in_transaction(self._engine, lambda c: _store(c, gathered))
        except Exception as error:
            # whatever it is, its requests have to hear of it and all others to be served
            if out_of_reach(error):
                log.error("database_unavailable", error=type(error).__name__)
                _answer(gathered, [unavailable(UNREACHABLE)] * len(gathered))
            else:
                self._apart(gathered, error)
        else:
            if any(isinstance(one, Stored) and one.accepted for one in outcomes):
                self._stored()
            _answer(gathered, outcomes)

    def _apart(self, gathered: list[Waiting], error: Exception) -> None:
        """Something that one of them holds failed: let it harm nobody else."""
        if len(gathered) > 1:
            for one in gathered:
                self._commit([one])
            return
        # the error's own text may hold what is personal
        where = traceback.format_tb(error.__traceback__)
        log.error("accept_failed", error=type(error).__name__, where="".join(where[-3:]))
        _answer(gathered, [_trouble(error)])


def _store(connection: Connection, gathered: list[Waiting]) -> list[Outcome]:
    ask_by_index(connection)
    observe(connection, Tally.COMMIT, sum(len(one.group) for one in gathered))
    outcomes: list[Outcome] = []
    for bundle, some in groupby(gathered, lambda one: one.bundle):
        outcomes += accept(connection, [one.group for one in some], now=None, bundle=bundle)
    return outcomes


def _trouble(error: Exception) -> Denied:
    if sqlstate(error)[:2] in _UNHOLDABLE:
        return Denied(HTTPStatus.UNPROCESSABLE_ENTITY, "The database cannot hold this event.")
    return unavailable("The events could not be stored.")


def _answer(gathered: list[Waiting], outcomes: Iterable[Outcome | Denied]) -> None:
    answers = list(zip(gathered, outcomes, strict=True))
    for loop in {one.loop for one in gathered}:
        mine = [pair for pair in answers if pair[0].loop is loop]
        try:
            loop.call_soon_threadsafe(_deliver, mine)
        except RuntimeError:
            # the loop is closed: nobody is left to hear it
            continue


def _deliver(answers: list[tuple[Waiting, Outcome | Denied]]) -> None:
    for waiting, outcome in answers:
        if waiting.answer.done():
            continue
        if isinstance(outcome, Denied):
            waiting.answer.set_exception(outcome)
        else:
            waiting.answer.set_result(outcome)
