"""How long does an author wait: for `outreach --help`, for `check`, and for a thousand examples?

`python -m bench.checking`: each command in a process of its own, over 225 triggers that share no
text with each other.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.results import Result, Scale, at_most
from bench.simulating import OUTREACH, Run, run

COPIED = (
    "abandoned_checkout", "claim_opened", "low_checkbook", "payment_plan_ending",
    "service_call_survey",
)  # fmt: skip
TRIGGERS = 225
EXAMPLES = 1_000


def bank(folder: Path, triggers: int = TRIGGERS) -> tuple[str, ...]:
    """So many triggers, each with texts of its own; how a command names the two folders."""
    config, templates = folder / "config", folder / "templates"
    shutil.copytree("config", config)
    shutil.copytree("templates", templates)
    for number in range(triggers // len(COPIED) - 1):
        for name in COPIED:
            written = Path(f"config/triggers/{name}.yaml").read_text()
            own = written.replace(name, f"{name}_{number}")
            (config / f"triggers/{name}_{number}.yaml").write_text(own)
            shutil.copytree(Path("templates") / name, templates / f"{name}_{number}")
    return ("--config", str(config), "--templates", str(templates))


def timed(folder: Path, *words: str, times: int) -> list[Run]:
    return [run((*OUTREACH, *words), folder / "told.txt") for _ in range(times)]


def played(folder: Path) -> int:
    """How many examples `outreach test` has just told of."""
    return int((folder / "told.txt").read_text().splitlines()[-1].split()[0])


def workload(scale: Scale) -> Iterator[Result]:
    times = 5 if not scale.quick else scale.rounds
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folders = bank(folder)
        texts = len(list((folder / "templates").glob("*/*")))
        helped = timed(folder, "--help", times=times)
        yield _row("outreach --help", [one.wall for one in helped], 0.5, helped)
        checked = timed(folder, "check", *folders, times=times)
        told = f"outreach check, {TRIGGERS} triggers with {texts:,} texts of their own"
        yield _row(told, [one.wall for one in checked], 1.0, checked)
        tested = timed(folder, "test", *folders, times=scale.rounds)
        share = EXAMPLES / played(folder)
        yield _row("outreach test, a thousand examples", [share * one.wall for one in tested], 10.0,
                   tested, note=f"of {played(folder):,} that were played")  # fmt: skip


def _row(told: str, samples: list[float], most: float, runs: list[Run], note: str = "") -> Result:
    spent = statistics.median(one.cpu for one in runs)
    memory = {"command": max(one.peak for one in runs)}
    said = "; ".join(filter(None, (note, f"{spent:.2f} s of CPU")))
    return Result("commands", told, "s", samples, at_most(most), memory=memory, note=said)


def measure(times: int = 5) -> None:
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for row in workload(Scale(rounds=times)):
        peak = row.memory["command"]
        print(f"{row.median:6.2f} {row.unit}  {row.figure}  ({row.note}, {peak:.0f} MB)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5)
    measure(parser.parse_args().times)


if __name__ == "__main__":
    main()
