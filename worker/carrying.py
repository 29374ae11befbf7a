"""How does what only this process has counted come to be known: bells lost, repeated work?

What happens in no transaction is counted in the process's memory, and carried into the tallies by
its heartbeat, or by whoever asks it for its metrics. A process that is killed takes the last few
seconds with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from threading import Lock

from prometheus_client import REGISTRY, CollectorRegistry, Metric
from sqlalchemy import Connection, Engine

from worker.store.engine import in_transaction
from worker.store.tallies import add

OURS = "outreach_"
Series = tuple[str, tuple[tuple[str, str], ...]]


class Carrier:
    """Of one process: what it has counted, and how much of that is in the tallies."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        self._registry = registry
        self._carried: dict[Series, float] = {}
        self._lock = Lock()

    def carry(self, engine: Engine) -> None:
        """What has come since the last time; nothing is written where nothing has."""
        with self._lock:
            counted = dict(self._counted())
            news = {one: n - self._carried.get(one, 0) for one, n in counted.items()}
            if not any(news.values()):
                return
            in_transaction(engine, lambda connection: _write(connection, news))
            self._carried = counted

    def _counted(self) -> Iterator[tuple[Series, float]]:
        for metric in filter(is_carried, self._registry.collect()):
            for sample in metric.samples:
                if sample.name.endswith("_total"):
                    yield (metric.name, tuple(sorted(sample.labels.items()))), sample.value


def is_carried(metric: Metric) -> bool:
    return metric.type == "counter" and metric.name.startswith(OURS)


def _write(connection: Connection, news: Mapping[Series, float]) -> None:
    for (name, labels), amount in news.items():
        if amount:
            add(connection, name, dict(labels), amount)


CARRIER = Carrier()
"""This process's; a child that was forked has a copy of its own."""
