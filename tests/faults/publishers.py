"""Who publishes, and of which events did he hear that they are ours?"""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import redis

from tests.faults.laws import EventKey
from tests.faults.points import noted
from tests.faults.world import Happenings, key_of
from tests.journeys.stage import KEY

BATCHED = "application/cloudevents-batch+json"
STREAM = "outreach:events"
HEADERS = {"content-type": BATCHED, "authorization": f"Bearer {KEY}"}
LATE_SHARE, TWICE_SHARE = 0.1, 0.15
AHEAD = 0.05


class Publisher(threading.Thread):
    """Publishes batches until told to stop, each until it hears a 2xx; some again, some late.

    `part` says how much of the run is over: what is published keeps step with what is hurt.
    """

    def __init__(
        self,
        url: str,
        happenings: Happenings,
        *,
        seed: int,
        enough: int,
        per_batch: int,
        part: Callable[[], float],
    ) -> None:
        super().__init__(daemon=True)
        self.promised: dict[tuple[str, str], Mapping[str, Any]] = {}
        self.heard: dict[tuple[str, str], float] = {}
        self.answers: Counter[str] = Counter()
        self._url = f"{url}/v1/events"
        self._happenings = happenings
        self._dice = random.Random(seed)
        self._enough = enough
        self._per_batch = per_batch
        self._lately: deque[Mapping[str, Any]] = deque(maxlen=200)
        self._late: list[dict[str, Any]] = []
        self._part = part
        self._ending = threading.Event()

    def end(self) -> None:
        """Publish what was kept back, and stop."""
        self._ending.set()
        self.join()

    @property
    def done(self) -> bool:
        return len(self.promised) >= self._enough

    def run(self) -> None:
        with httpx.Client(timeout=3, headers=HEADERS) as client:
            while not self._ending.is_set() and not self.done:
                if len(self.promised) > self._enough * (self._part() + AHEAD):
                    self._ending.wait(0.05)
                    continue
                self._publish(client, self._batch())
                if self._dice.random() < TWICE_SHARE:
                    self._again(client)
            self._publish(client, self._late)

    def _batch(self) -> list[dict[str, Any]]:
        batch: list[dict[str, Any]] = []
        while len(batch) < self._per_batch:
            for event in self._happenings.some(datetime.now(UTC)):
                late = self._dice.random() < LATE_SHARE
                (self._late if late else batch).append(event)
        if len(self._late) > 3 * self._per_batch:
            batch, self._late = batch + self._late, []
            self._dice.shuffle(batch)
        return batch

    def _again(self, client: httpx.Client) -> None:
        self._publish(client, self._dice.sample(self._lately, min(5, len(self._lately))))

    def _publish(self, client: httpx.Client, batch: Sequence[Mapping[str, Any]]) -> None:
        while batch:
            try:
                answer = client.post(self._url, json=batch)
            except httpx.TransportError as error:
                self.answers[type(error).__name__] += 1
                time.sleep(0.05)
                continue
            self.answers[str(answer.status_code)] += 1
            if answer.is_success:
                now = time.time()
                for one in batch:
                    self.heard.setdefault(key_of(one), now)
                self.promised |= {key_of(one): one for one in batch}
                self._lately.extend(batch)
                return
            assert answer.status_code in {429, 502, 503, 504}, answer.text
            time.sleep(min(1.0, float(answer.headers.get("retry-after", "0.1"))))


class StreamPublisher(threading.Thread):
    """Appends to the Redis stream; what became of an entry only its acknowledgement says."""

    def __init__(
        self, url: str, happenings: Happenings, *, enough: int, part: Callable[[], float]
    ) -> None:
        super().__init__(daemon=True)
        self.entries: dict[str, Mapping[str, Any]] = {}
        self._redis = redis.Redis.from_url(url, socket_timeout=3, decode_responses=True)
        self._happenings = happenings
        self._enough = enough
        self._part = part
        self._ending = threading.Event()

    def end(self) -> None:
        self._ending.set()
        self.join()
        self._redis.close()

    @property
    def done(self) -> bool:
        return len(self.entries) >= self._enough

    def run(self) -> None:
        while not self._ending.wait(0.01) and not self.done:
            if len(self.entries) > self._enough * (self._part() + AHEAD):
                continue
            for event in self._happenings.some(datetime.now(UTC)):
                with suppress(redis.RedisError):
                    entry = self._redis.xadd(STREAM, {"event": json.dumps(event)})
                    self.entries[str(entry)] = event


@dataclass
class Publishing:
    """All who publish in a run."""

    http: list[Publisher]
    streams: list[StreamPublisher]

    def done(self) -> bool:
        return all(one.done for one in self.http) and all(one.done for one in self.streams)

    def end(self) -> None:
        for publisher in self.http:
            publisher.end()
        for stream in self.streams:
            stream.end()

    def promised(self, folder: Path) -> dict[EventKey, Mapping[str, Any]]:
        """What somebody heard was ours: by a 2xx, or by the acknowledgement of an entry."""
        found = {key: event for one in self.http for key, event in one.promised.items()}
        return found | self.acknowledged(folder)

    def heard(self) -> dict[EventKey, float]:
        """When a publisher was first told that it is ours; the stream tells nobody when."""
        return {key: at for one in self.http for key, at in one.heard.items()}

    def acknowledged(self, folder: Path) -> dict[EventKey, Mapping[str, Any]]:
        """Those of the stream that a worker let go."""
        entries = {entry for entries in noted(folder, "acks") for entry in entries}
        return {
            key_of(event): event
            for stream in self.streams
            for entry, event in stream.entries.items()
            if entry in entries
        }
