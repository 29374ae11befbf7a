"""What did the database refuse meanwhile, of what was then done once more?

A listener of SQLAlchemy's would not do: of what goes by the shortest way it hears nothing.
"""

from __future__ import annotations

from collections import Counter

from worker.store.engine import REPEATED


class Repeats:
    """Deadlocks, failed serializations and a busy SQLite, in all of this process, from now on."""

    def __init__(self) -> None:
        self._before = _counted()

    def by_cause(self) -> dict[str, int]:
        return dict(_counted() - self._before)


def _counted() -> Counter[str]:
    samples = (sample for metric in REPEATED.collect() for sample in metric.samples)
    return Counter(
        {one.labels["cause"]: int(one.value) for one in samples if one.name.endswith("_total")}
    )
