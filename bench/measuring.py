"""What do processes cost while something is measured: CPU by kind, and memory they hold alone?

Read from /proc, so on Linux. A tree's CPU is that of its root, of all below it, and of those of
them that have ended.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from bench.results import Goal, Ratio

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")
LOOK_SECONDS = 1.0
GONE = (FileNotFoundError, ProcessLookupError)

Trees = Mapping[str, Sequence[int]]
"""Kind of process ("worker", "PostgreSQL", "Redis", "load", "provider") -> roots of its trees."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One run: its figure; CPU-seconds by kind a thousand; megabytes at most, by kind."""

    figure: float
    cpu: Mapping[str, float] = field(default_factory=dict)
    memory: Mapping[str, float] = field(default_factory=dict)


class Watch:
    """`with Watch({"worker": [pid]}) as watch: …`, and then `watch.sample(figure, per=events)`."""

    def __init__(self, trees: Trees, *, seconds: float = LOOK_SECONDS) -> None:
        self._trees = trees
        self._seconds = seconds
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._before: dict[str, float] = {}
        self.cpu: dict[str, float] = {}
        """CPU-seconds, once it is over."""
        self.peak: dict[str, float] = {}
        """Megabytes of all processes of a kind together."""

    def __enter__(self) -> Watch:
        self._before = self._spent()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.cpu = {kind: after - self._before[kind] for kind, after in self._spent().items()}
        self._ended.set()
        self._thread.join()

    def sample(self, figure: float, *, per: int) -> Sample:
        """`per`: so many events were worked on."""
        return Sample(figure, {kind: 1000 * one / per for kind, one in self.cpu.items()}, self.peak)

    def _spent(self) -> dict[str, float]:
        return {kind: sum(map(cpu_seconds, roots)) for kind, roots in self._trees.items()}

    def _look(self) -> None:
        while True:
            for kind, roots in self._trees.items():
                now = sum(megabytes(one) for root in roots for one in tree(root))
                self.peak[kind] = max(now, self.peak.get(kind, 0.0))
            if self._ended.wait(self._seconds):
                return


def tree(root: int) -> list[int]:
    """This process and all that came from it, and still run."""
    below: dict[int, list[int]] = {}
    for name in os.listdir(PROC):
        if name.isdigit():
            with suppress(*GONE):
                below.setdefault(int(_stat(int(name))[1]), []).append(int(name))
    found = [root]
    for one in found:
        found += below.get(one, [])
    return found


def cpu_seconds(root: int) -> float:
    """Of the tree, those that have ended included."""
    spent = 0
    for one in tree(root):
        with suppress(*GONE):
            spent += sum(map(int, _stat(one)[11:15]))
    return spent / TICKS


def megabytes(process: int) -> float:
    """Its proportional share: what it has alone, and its part of what it shares; 0 once gone."""
    with suppress(*GONE):
        for line in (PROC / str(process) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


def _stat(process: int) -> list[str]:
    """From the state on: its name, which comes before, may hold anything."""
    return (PROC / str(process) / "stat").read_text().rpartition(")")[2].split()


def interleaved(rounds: int, runs: Mapping[str, Callable[[], Sample]]) -> dict[str, list[Sample]]:
    """Each so often, by turns: what disturbs the machine for a while disturbs all alike."""
    found: dict[str, list[Sample]] = {name: [] for name in runs}
    names = list(runs)
    for number in range(rounds):
        # who comes first differs, for whoever comes first warms the disk up for the others
        for name in (*names[number % len(names) :], *names[: number % len(names)]):
            found[name].append(runs[name]())
    return found


def ratio(
    ours: Sequence[Sample], to: str, theirs: Sequence[Sample], goal: Goal | None = None
) -> Ratio:
    """Pair by pair, as they were measured."""
    pairs = zip(ours, theirs, strict=True)
    return Ratio(to, [one.figure / other.figure for one, other in pairs], goal)


def figures(samples: Sequence[Sample]) -> list[float]:
    return [one.figure for one in samples]


def middle_cpu(samples: Sequence[Sample]) -> dict[str, float]:
    return {kind: median(one.cpu[kind] for one in samples) for kind in samples[0].cpu}


def most_memory(samples: Sequence[Sample]) -> dict[str, float]:
    return {kind: max(one.memory.get(kind, 0.0) for one in samples) for kind in samples[0].cpu}


def steps(seconds: float, every: float = 0.02) -> Iterator[None]:
    """So often at most, until that long has passed; then TimeoutError."""
    pause = threading.Event()
    for _ in range(int(seconds / every)):
        yield
        pause.wait(every)
    raise TimeoutError(f"what was waited for did not come within {seconds:g} s")
