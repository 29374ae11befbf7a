"""How does the doctor say how the database fares, and what of it needs a person?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

Facts = Mapping[str, Any]

MANY = 100_000
"""Dead rows: of fewer a share says nothing."""

MOST_DEAD = 0.3
OLDEST = 1_000_000_000
"""Transactions: at twice as many PostgreSQL takes no more, and vacuums long before."""

LONGEST_SECONDS = 3_600
LATEST_SECONDS = 300
MOST_KEPT = 1 << 30
"""Bytes of a log that somebody keeps from being thrown away."""

_UNITS = (("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10))


def stored(storage: Facts) -> Iterator[str]:
    """One fact a line."""
    if storage["kind"] == "sqlite":
        free, log = _size(storage["free_bytes"]), _size(storage["log_bytes"])
        yield f"database: {_size(storage['bytes'])}, {free} of it free; log {log}"
        return
    yield f"database: {_size(storage['bytes'])}"
    for one in storage["tables"]:
        yield f"  {_table(one)}"
    for one in storage["replicas"]:
        yield f"replica {one['name']}: {one['seconds']} seconds behind"


def ailing(storage: Facts) -> list[str]:
    """What of this does not pass by itself."""
    missing = [f"index {name} is missing" for name in storage["indexes_missing"]]
    if storage["kind"] == "sqlite":
        return missing + list(_of_sqlite(storage))
    return [
        *missing,
        *(
            f"index {name} is broken: drop it and make it anew"
            for name in storage["indexes_invalid"]
        ),
        *_parts(storage),
        *_dead(storage),
        *_held(storage),
    ]


def _of_sqlite(storage: Facts) -> Iterator[str]:
    if storage["log_bytes"] > MOST_KEPT:
        yield f"the log is {_size(storage['log_bytes'])}: somebody reads and never ends"


def _parts(storage: Facts) -> Iterator[str]:
    lacking, outside = storage["months_without_part"], storage["outside_their_months"]
    if lacking:
        which = ", ".join(lacking)
        yield f"no part for {which}: does `beat` run? `outreach db upgrade` makes them"
    for table in outside:
        yield f"rows of {table} stand in {table}_default: `outreach db upgrade` moves them"


def _dead(storage: Facts) -> Iterator[str]:
    for one in storage["tables"]:
        if one["dead"] > MANY and _share(one) > MOST_DEAD:
            yield f"{_share(one):.0%} of {one['table']} is dead: does autovacuum keep up?"
    if storage["transaction_age"] > OLDEST:
        millions = storage["transaction_age"] // 1_000_000
        yield f"{millions} million transactions since the oldest was frozen: does autovacuum run?"


def _held(storage: Facts) -> Iterator[str]:
    """Who keeps the database from throwing away what is past."""
    if storage["longest_transaction_seconds"] > LONGEST_SECONDS:
        yield f"a transaction is open for {storage['longest_transaction_seconds']} seconds"
    for one in storage["replicas"]:
        if one["seconds"] > LATEST_SECONDS:
            yield f"replica {one['name']} is {one['seconds']} seconds behind"
    for one in storage["idle_slots"]:
        if one["bytes"] > MOST_KEPT:
            yield f"slot {one['name']} keeps {_size(one['bytes'])} of log, and nobody reads it"


def _table(one: Facts) -> str:
    when = one["vacuumed"]
    vacuumed = f", vacuumed {datetime.fromisoformat(when):%Y-%m-%d %H:%M} UTC" if when else ""
    dead = f", {_share(one):.0%} dead" if one["dead"] else ""
    whole = (
        f", read whole {one['read_whole']} times"
        if one["read_whole"] and one["rows"] > MANY
        else ""
    )
    return f"{one['table']}: {_size(one['bytes'])}, {one['rows']:,} rows{dead}{vacuumed}{whole}"


def _share(one: Facts) -> float:
    share: float = one["dead"] / max(one["rows"] + one["dead"], 1)
    return share


def _size(count: int) -> str:
    """In the largest unit that it fills."""
    for name, size in _UNITS:
        if count >= size:
            return f"{count / size:.1f} {name}"
    return f"{count} bytes"
