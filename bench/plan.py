"""How much of everything does a day's events take? Calculated from what was measured.

`python -m bench.plan` writes the table of docs/scaling.md again, from docs/performance.jsonl.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path

from bench.recording import Record
from bench.results import Result
from bench.table import between, main, number

DOCUMENT = Path("docs/scaling.md")
DAYS = (1_000_000, 10_000_000, 100_000_000, 1_000_000_000)
"""Events a day."""
DAY_SECONDS = 86_400
PEAK = 3.0
"""The busiest hour beside the average."""
BUSY = 0.6
"""How much of a core may be used at the peak, so that what waited is caught up with."""
SENDING = 0.05
"""Events that send a message."""
STREAM = "accept → decided, from the stream, PostgreSQL"
SINGLE = "accept, single events, one HTTP door"
BATCHES = "accept, batches of 100, one HTTP door"
WHOLE = "HTTP batches of 100 → provider accepted → recorded"
STORED = "stored, indexes included: a million events, decided"
NEEDED = (STREAM, SINGLE, BATCHES, WHOLE, STORED)
NOTHING = "Not enough is measured yet: `make bench ONLY=stream,doors,pipeline`.\n"


def told(rows: Mapping[str, Result]) -> str:
    if any(name not in rows for name in NEEDED):
        return NOTHING
    return "\n".join([*_costs(rows), "", *_plan(rows)]) + "\n"


def _costs(rows: Mapping[str, Result]) -> Iterator[str]:
    yield "| measured: all that two cores can do, and what it costs | |"
    yield "|---|---|"
    for words, figure in (
        ("events a second, from the stream to decided", STREAM),
        ("events a second, from HTTP to the provider, each of which sends", WHOLE),
    ):
        yield f"| {words} | {number(rows[figure].median)} |"
    for words, figure, kind in (
        ("events: worker-inbox and worker-events, from the stream to decided", STREAM, "worker"),
        ("events: PostgreSQL, of the same", STREAM, "PostgreSQL"),
        ("events: Redis, of the same", STREAM, "Redis"),
        ("events: api, batches of 100", BATCHES, "api"),
        ("events: api, single", SINGLE, "api"),
        ("messages: worker-send", WHOLE, "sender"),
        ("messages: PostgreSQL, their events included", WHOLE, "PostgreSQL"),
    ):
        yield f"| CPU-seconds for a thousand {words} | {rows[figure].cpu[kind]:.3f} |"
    yield f"| gigabytes on disk, a million events | {number(rows[STORED].median)} |"


def _plan(rows: Mapping[str, Result]) -> Iterator[str]:
    yield (
        "| events a day | a second at the peak | cores that evaluate | cores of api: batches,"
        " single | cores that send | cores of PostgreSQL | terabytes a month |"
    )
    yield "|---|---|---|---|---|---|---|"
    for day in DAYS:
        peak = PEAK * day / DAY_SECONDS
        evaluate = _cores(_spent(rows[STREAM], "worker", peak))
        batches, single = (_cores(_spent(rows[one], "api", peak)) for one in (BATCHES, SINGLE))
        send = _cores(_spent(rows[WHOLE], "sender", SENDING * peak))
        of_events = _spent(rows[STREAM], "PostgreSQL", peak)
        database = _cores(of_events + _spent(rows[WHOLE], "PostgreSQL", SENDING * peak))
        size = rows[STORED].median * day * 30 / 1e6 / 1000
        yield (
            f"| {day / 1e6:,.0f} million | {peak:,.0f} | {evaluate:,} | {batches:,}, {single:,}"
            f" | {send:,} | {database:,} | {number(size)} |"
        )


def _spent(row: Result, kind: str, rate: float) -> float:
    """CPU-seconds a second."""
    return rate * row.cpu[kind] / 1000


def _cores(spent: float) -> int:
    return math.ceil(spent / BUSY)


def write(record: Record, document: Path) -> None:
    rows = {one.result.figure: one.result for one in record.rows()}
    between(document, told(rows))


if __name__ == "__main__":
    main(__doc__, DOCUMENT, write)
