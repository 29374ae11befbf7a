"""What does Prometheus hear? The same from every api: truths of the one database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from threading import Lock
from time import monotonic
from typing import NamedTuple

import structlog
from prometheus_client import REGISTRY, CollectorRegistry, Metric, generate_latest
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample
from redis.exceptions import RedisError
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from worker.carrying import CARRIER, is_carried
from worker.store.clock import read_now
from worker.store.engine import reading
from worker.store.gauges import Gauge, read_gauges
from worker.store.tallies import INFINITE, Counted, Meaning, Tally, read_tallies
from worker.stream import Stream

log = structlog.get_logger(__name__)

FRESH = timedelta(seconds=5)
"""However many ask: the database is asked no more often."""
HEARD_OF = timedelta(minutes=1)
STREAM = ("outreach_stream_length", "outreach_stream_away")
"""Asked of the stream itself: who reads it is another process."""
UNTOLD = "Counted by all processes."


class _Found(NamedTuple):
    tallies: Sequence[Counted] = ()
    gauges: Sequence[Gauge] = ()
    up: bool = False


class Measures(Collector):
    """What one api tells. While the database is away what was counted stays what it was, so that
    no counter seems to begin anew, and what stands now is not known."""

    def __init__(self, engine: Engine, stream: Stream | None) -> None:
        self._engine = engine
        self._stream = stream
        self._found = _Found()
        self._until = 0.0
        self._lock = Lock()

    def text(self) -> bytes:
        registry = CollectorRegistry()
        registry.register(self)
        return generate_latest(registry)

    def collect(self) -> Iterable[Metric]:
        found = self._look()
        yield from _counters(found.tallies)
        yield from _gauges([*found.gauges, *self._database(found), *self._away()])
        for metric in REGISTRY.collect():
            if not is_carried(metric) and metric.name not in STREAM:
                yield metric

    def _look(self) -> _Found:
        with self._lock:
            if monotonic() >= self._until:
                self._found = self._read()
                self._until = monotonic() + FRESH.total_seconds()
            return self._found

    def _read(self) -> _Found:
        try:
            CARRIER.carry(self._engine)
            return reading(self._engine, _found)
        except (SQLAlchemyError, OSError) as error:
            log.warning("metrics_unknown", error=type(error).__name__)
            return _Found(self._found.tallies)

    def _database(self, found: _Found) -> Iterator[Gauge]:
        yield Gauge("outreach_database_up", "1 while the database answers.", {}, float(found.up))

    def _away(self) -> Iterator[Gauge]:
        if self._stream is None:
            return
        length, away = STREAM
        try:
            waits = self._stream.length()
        except RedisError as error:
            log.warning("stream_unreachable", error=type(error).__name__)
            yield Gauge(away, "1 while the stream cannot be read.", {}, 1)
            return
        yield Gauge(away, "1 while the stream cannot be read.", {}, 0)
        yield Gauge(length, "Entries of the stream not yet ours.", {}, waits)


def _found(connection: Connection) -> _Found:
    now: datetime = read_now(connection)
    gauges = tuple(read_gauges(connection, now, now - HEARD_OF))
    return _Found(tuple(read_tallies(connection)), gauges, up=True)


def _gauges(found: Iterable[Gauge]) -> Iterator[Metric]:
    families: dict[str, Metric] = {}
    for one in found:
        family = families.setdefault(one.name, Metric(one.name, one.text, "gauge"))
        family.add_sample(one.name, one.labels, float(one.value))
    yield from families.values()


def _counters(found: Sequence[Counted]) -> Iterator[Metric]:
    """Of what we count also what was not counted yet; of others what there is."""
    known = {meaning.name: meaning for meaning in (one.value for one in Tally)}
    by_name: dict[str, list[Counted]] = {name: [] for name in known}
    for one in found:
        name = one.name.removesuffix("_bucket").removesuffix("_sum")
        by_name.setdefault(name if name in known else one.name, []).append(one)
    for name, some in by_name.items():
        meaning = known.get(name, Meaning(name, UNTOLD, ()))
        yield _histogram(meaning, some) if meaning.buckets else _counter(meaning, some)


def _counter(meaning: Meaning, some: Sequence[Counted]) -> Metric:
    family = Metric(meaning.name, meaning.text, "counter")
    for one in some:
        family.add_sample(f"{meaning.name}_total", dict(one.labels), one.value)
    if not some and not meaning.labels:
        family.add_sample(f"{meaning.name}_total", {}, 0.0)
    return family


def _histogram(meaning: Meaning, some: Sequence[Counted]) -> Metric:
    family = Metric(meaning.name, meaning.text, "histogram")
    series: dict[tuple[tuple[str, str], ...], dict[str, float]] = {}
    for one in some:
        labels = tuple(sorted((k, v) for k, v in one.labels.items() if k != "le"))
        series.setdefault(labels, {})[one.labels.get("le", "")] = one.value
    for labels, values in series.items():
        family.samples.extend(_cumulated(meaning, dict(labels), values))
    return family


def _cumulated(
    meaning: Meaning, labels: Mapping[str, str], values: Mapping[str, float]
) -> Iterator[Sample]:
    total = 0.0
    for bound in (*map(str, meaning.buckets), INFINITE):
        total += values.get(bound, 0.0)
        yield Sample(f"{meaning.name}_bucket", {**labels, "le": bound}, total)
    yield Sample(f"{meaning.name}_count", dict(labels), total)
    yield Sample(f"{meaning.name}_sum", dict(labels), values.get("", 0.0))
