"""What has been kept long enough, and is forgotten tonight?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import Engine

from triggers.keeping import Retention
from worker.store.clock import read_now
from worker.store.engine import in_transaction, reading
from worker.store.partitions import count_in, drop, in_peace, look_over, make_ahead, needed, past
from worker.store.payments import forget_minutes
from worker.store.retention import CLASSES, Kept, finish, forget_page, take_turn

log = structlog.get_logger(__name__)

PAGE = 1_000
AGAIN = timedelta(hours=24)
LEASE = timedelta(hours=1)
"""Whoever is killed over it leaves it to another after this; it begins anew."""


def forget(
    engine: Engine, retention: Retention, *, now: datetime | None = None, page: int = PAGE
) -> Mapping[str, int] | None:
    """By table, so many rows were forgotten; None where it is not time, or another does it."""
    moment = now or in_transaction(engine, read_now)
    if not in_transaction(engine, lambda c: take_turn(c, moment, moment + LEASE)):
        return None
    if not in_peace(engine, lambda c: make_ahead(c, moment)):
        log.warning("parts_not_made")
    done: Counter[str] = Counter()
    for name, tables in CLASSES.items():
        age: timedelta | None = getattr(retention, name)
        if age is None:
            continue
        for kept in tables:
            done[kept.table.name] += _whole_parts(engine, kept, moment - age)
            done[kept.table.name] += _all_of(engine, kept, moment - age, page)
    in_transaction(engine, look_over)
    in_transaction(engine, lambda c: forget_minutes(c, moment))
    in_transaction(engine, lambda c: finish(c, moment + AGAIN))
    told = {table: count for table, count in done.items() if count}
    log.info("forgotten", **told)
    return told


def _whole_parts(engine: Engine, kept: Kept, before: datetime) -> int:
    """So many rows went with the parts of PostgreSQL that held nothing else."""
    total = 0
    for part in reading(engine, lambda c: past(c, kept.table, before)):
        if reading(engine, partial(needed, table=kept.table, part=part, unless=kept.unless)):
            continue
        count = reading(engine, partial(count_in, part=part))
        gone = partial(drop, table=kept.table, part=part, unless=kept.unless)
        if in_peace(engine, gone):
            total += count
            log.info("part_dropped", part=part.name, rows=count)
    return total


def _all_of(engine: Engine, kept: Kept, before: datetime, page: int) -> int:
    total, after = 0, None
    while True:
        turn = partial(forget_page, kept=kept, after=after, before=before, most=page)
        done, after = in_transaction(engine, turn)
        total += done
        if after is None:
            return total
