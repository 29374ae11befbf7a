"""Which few figures does the README show? Those of docs/performance.md, in a reader's order."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bench.recording import Record
from bench.results import Result
from bench.table import between, number, spread

DOCUMENT = Path("README.md")
SHOWN = (
    "accept → decided, from the stream, PostgreSQL",
    "accept → decided, HTTP batches of 100, `outreach run` on SQLite",
    "accept, single events, one HTTP door",
    "HTTP batches of 100 → provider accepted → recorded",
)


def told(rows: Mapping[str, Result]) -> str:
    lines = ["| what | measured: median (least–most) | beside others |", "|---|---|---|"]
    for one in (rows[name] for name in SHOWN):
        beside = ", ".join(f"{number(each.median)} × {each.to}" for each in one.ratios)
        measured = f"{number(one.median)}{spread(one.samples)} {one.unit}"
        lines.append(f"| {one.figure} | {measured} | {beside} |")
    return "\n".join(lines) + "\n"


def write(record: Record, document: Path) -> None:
    """Nothing, until all of them are measured."""
    rows = {one.result.figure: one.result for one in record.rows()}
    if all(name in rows for name in SHOWN):
        between(document, told(rows))
