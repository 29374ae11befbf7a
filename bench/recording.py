"""Where are results kept, and on which machine were they measured?"""

from __future__ import annotations

import json
import os
import platform
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from bench.results import Result, from_json, to_json

KEPT = Path("docs/performance.jsonl")
LOOKED = Path("var/bench-quick.jsonl")
MACHINE = "machine"


class Kept(NamedTuple):
    """A row, when it was measured, and how busy the machine was before its workload began."""

    result: Result
    at: str
    load: float


class Record:
    """A file of JSON lines; what a workload gave before is replaced by its first new row."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def machine(self) -> Mapping[str, Any]:
        return next((one[MACHINE] for one in self._lines() if MACHINE in one), {})

    def rows(self) -> Iterator[Kept]:
        for line in self._lines():
            if MACHINE not in line:
                yield Kept(from_json(line), line["at"], line["load"])

    def describe(self, machine: Mapping[str, Any]) -> None:
        rest = [one for one in self._lines() if MACHINE not in one]
        self._write([{MACHINE: machine}, *rest])

    def forget(self, workload: str) -> None:
        self._write([one for one in self._lines() if one.get("workload") != workload])

    def add(self, result: Result, *, load: float) -> None:
        now = f"{datetime.now(UTC):%Y-%m-%dT%H:%MZ}"
        line = to_json(result) | {"at": now, "load": round(load, 2)}
        self._write([*self._lines(), line])

    def _lines(self) -> list[dict[str, Any]]:
        if not self.path.exists():
            return []
        return [json.loads(line) for line in self.path.read_text("utf-8").splitlines()]

    def _write(self, lines: list[dict[str, Any]]) -> None:
        """At once or not at all: an interrupted run keeps what it had."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        new = self.path.with_suffix(".new")
        new.write_text(
            "".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in lines), "utf-8"
        )
        new.replace(self.path)


def this_machine(*, postgres: str, redis: str) -> dict[str, Any]:
    """What a figure depends on, without a name or a path of the machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    return {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "memory": f"{memory:.0f} GiB",
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "Python": platform.python_version(),
        "PostgreSQL": postgres,
        "Redis": redis,
        "SQLite": sqlite3.sqlite_version,
        **{name: version(name) for name in ("Celery", "SQLAlchemy", "psycopg", "uvicorn")},
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
