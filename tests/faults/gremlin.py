"""What goes wrong next, and to whom? Thrown by dice whose seed is printed."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import redis

from tests.faults import points
from tests.faults.servers import Postgres, Valkey, filled
from tests.faults.troop import Troop

RIPE = 1.2
"""Seconds that a process has run before it is worth killing."""
FULL_SECONDS = 1.5
LABELLED_SECONDS = 1.5


@dataclass
class Servers:
    """What the processes stand on; None where the run has none of it."""

    postgres: Postgres | None = None
    valkey: Valkey | None = None
    disk: Path | None = None


@dataclass
class Gremlin:
    troop: Troop
    servers: Servers
    seed: int
    calm: tuple[float, float] = (0.1, 0.35)
    done: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)
        self._kinds: list[tuple[int, Callable[[], None]]] = [
            (40, self.kill_anybody),
            (40, self.kill_at_a_point),
            (5, self.freeze_anybody),
            (4, self.freeze_at_a_point),
            (6, self.end_politely),
        ]
        if self.servers.valkey:
            self._kinds += [(3, self.restart_redis), (3, self.wipe_redis), (1, self.freeze_redis)]
        if self.servers.postgres:
            self._kinds += [(3, self.restart_postgres)]
        if self.servers.disk:
            self._kinds += [(2, self.fill_disk)]

    def rage(self, *, kills: int, until: Callable[[], bool], seconds: float) -> None:
        """Until so many kills hit, the rest of the run is done, or the time is over."""
        end = time.monotonic() + seconds
        # every kind at least once, then by the dice
        once = [fault for _, fault in self._kinds]
        self._dice.shuffle(once)
        while time.monotonic() < end:
            if self.troop.kills.total() >= kills and not once and until():
                return
            fault = once.pop() if once else self._throw()
            fault()
            self.done[fault.__name__] += 1
            time.sleep(self._dice.uniform(*self.calm))

    def _throw(self) -> Callable[[], None]:
        weights = [weight for weight, _ in self._kinds]
        return self._dice.choices([fault for _, fault in self._kinds], weights)[0]

    def _somebody(self) -> str | None:
        ripe = [name for name in self.troop.members if self.troop.age(name) > RIPE]
        return self._dice.choice(ripe) if ripe else None

    def kill_anybody(self) -> None:
        name = self._somebody()
        if name:
            self.troop.kill(name)

    def kill_at_a_point(self) -> None:
        self._at_a_point(self._dice.choice(points.POINTS), "SIGKILL")

    def freeze_at_a_point(self) -> None:
        """Not between the last look at the clock and the call: who is stopped there cannot know."""
        found = [one for one in points.POINTS if not one.startswith("before-call")]
        self._at_a_point(self._dice.choice(found), "SIGSTOP")

    def _at_a_point(self, point: str, action: str) -> None:
        armed = points.arm(self.troop.folder, point, action)
        end = time.monotonic() + LABELLED_SECONDS
        while armed.exists() and time.monotonic() < end:
            time.sleep(0.02)
        with suppress(FileNotFoundError):
            armed.unlink()

    def freeze_anybody(self) -> None:
        name = self._somebody()
        if name:
            self.troop.freeze(name)

    def end_politely(self) -> None:
        name = self._somebody()
        if name:
            self.troop.ask_to_end(name)

    def restart_redis(self) -> None:
        assert self.servers.valkey
        self.servers.valkey.restart()

    def wipe_redis(self) -> None:
        assert self.servers.valkey
        with suppress(redis.RedisError):
            self.servers.valkey.wipe()

    def freeze_redis(self) -> None:
        assert self.servers.valkey
        self.servers.valkey.freeze(self._dice.uniform(1, 6))

    def restart_postgres(self) -> None:
        assert self.servers.postgres
        self.servers.postgres.restart("immediate")

    def fill_disk(self) -> None:
        assert self.servers.disk
        with filled(self.servers.disk):
            time.sleep(FULL_SECONDS)
        if self.servers.postgres:
            self.servers.postgres.run()
