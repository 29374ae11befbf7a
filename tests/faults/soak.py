"""How long does it hold? `python -m tests.faults.soak`: one long run, then a table of figures."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

from tests.faults.run import Outcome, Plan, play


def table(outcome: Outcome) -> str:
    """Markdown, to be kept beside the promises."""
    rows = ["| figure | measured |", "|---|---|"]
    for name, figure in outcome.figures.items():
        if isinstance(figure, dict):
            rows += [f"| {name}: {one} | {count:,} |" for one, count in figure.items()]
        else:
            rows.append(f"| {name} | {figure:,} |")
    return "\n".join([*rows, f"| violations | {len(outcome.broken)} |"])


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--kills", type=int, default=2000)
    options.add_argument("--events", type=int, default=500_000)
    options.add_argument("--seconds", type=float, default=6 * 3600)
    options.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    given = options.parse_args()
    plan = Plan(
        seed=given.seed, kills=given.kills, events=given.events,
        stream_events=given.events // 50, people=5000, quiet=0.8, per_batch=200,
        seconds=given.seconds, drain_seconds=900, disk="8g",
    )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="outreach-soak-") as folder:
        sys.stdout.write(f"seed {plan.seed}\n")
        sys.stdout.flush()
        outcome = play(Path(folder), plan)
    sys.stdout.write(f"{table(outcome)}\n")
    if outcome.broken:
        sys.stdout.write(f"{outcome.told()}\n")
    return len(outcome.broken) > 0


if __name__ == "__main__":
    sys.exit(main())
