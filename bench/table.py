"""How are results shown? `python -m bench.table` writes them into docs/performance.md again.

One table of figures, goals and ratios, one of what they cost; between two marks of the document.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from bench.recording import KEPT, Kept, Record
from bench.results import Goal, Ratio, Result
from bench.workloads import WORKLOADS

DOCUMENT = Path("docs/performance.md")
BEGIN, END = "<!-- measured: begin -->\n", "<!-- measured: end -->\n"
ORDER = {name: place for place, name in enumerate(WORKLOADS)}
KINDS = ("worker", "sender", "api", "PostgreSQL", "Redis", "provider", "load")


def number(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def spread(samples: Sequence[float]) -> str:
    if len(samples) == 1:
        return ""
    return f" ({number(min(samples))}–{number(max(samples))})"


def wanted(goal: Goal | None) -> str:
    if goal is None:
        return "–"
    return f"{'≥' if goal.least else '≤'} {number(goal.bound)}"


def verdict(goal: Goal | None, figure: float) -> str:
    if goal is None:
        return ""
    return "met" if goal.met(figure) else "**not met**"


def told(result: Result) -> str:
    """One line of a terminal, and one for each yardstick and cost."""
    head = f"  {result.figure}: {number(result.median)}{spread(result.samples)} {result.unit}"
    lines = [f"{head}  {_judged(result.goal, result.median)}".rstrip()]
    lines += [
        f"      {number(one.median)} x{spread(one.samples)} {one.to}"
        f"  {_judged(one.goal, one.median)}".rstrip()
        for one in result.ratios
    ]
    for title, cost in (("CPU s / 1,000", result.cpu), ("MB", result.memory)):
        if cost:
            parts = ", ".join(f"{kind} {number(cost[kind])}" for kind in ordered(cost))
            lines.append(f"      {title}: {parts}")
    return "\n".join(lines)


def _judged(goal: Goal | None, figure: float) -> str:
    return f"[{wanted(goal)}: {verdict(goal, figure).strip('*')}]" if goal else ""


def ordered(cost: Mapping[str, float]) -> list[str]:
    return sorted(cost, key=lambda one: (KINDS.index(one) if one in KINDS else len(KINDS), one))


def tables(record: Record) -> str:
    # a workload measured anew keeps its place
    rows = sorted(record.rows(), key=lambda row: ORDER.get(row.result.workload, len(ORDER)))
    if not rows:
        return "Nothing is measured yet: `make bench`.\n"
    return "\n".join([*_described(record, rows), "", *_figures(rows), "", *_costs(rows)]) + "\n"


def _described(record: Record, rows: Sequence[Kept]) -> Iterator[str]:
    machine = record.machine()
    if machine:
        parts = dict(machine)
        yield (
            f"{parts.pop('cores')} cores ({parts.pop('processor')}), {parts.pop('memory')};"
            f" {parts.pop('system')}; {', '.join(f'{name} {one}' for name, one in parts.items())}."
        )
    loads = [one.load for one in rows]
    yield (
        f"Measured from {min(one.at for one in rows)} to {max(one.at for one in rows)}; the load of"
        f" the machine before each workload was {min(loads):.1f} to {max(loads):.1f},"
        " that of the workload before included."
    )


def _figures(rows: Iterable[Kept]) -> Iterator[str]:
    yield "| what | goal | measured: median (least–most) | beside the yardsticks | |"
    yield "|---|---|---|---|---|"
    for one in (row.result for row in rows):
        goal = f"{wanted(one.goal)} {one.unit}" if one.goal else "–"
        note = f" {one.note}" if one.note else ""
        measured = f"{number(one.median)}{spread(one.samples)} {one.unit}"
        beside = "; ".join(map(_beside, one.ratios))
        yield (
            f"| {one.figure}.{note} | {goal} | {measured} | {beside}"
            f" | {verdict(one.goal, one.median)} |"
        )


def _beside(one: Ratio) -> str:
    judged = f" (goal {wanted(one.goal)}: {verdict(one.goal, one.median)})" if one.goal else ""
    return f"{number(one.median)} × {one.to}{spread(one.samples)}{judged}"


def _costs(rows: Iterable[Kept]) -> Iterator[str]:
    costly = [one.result for one in rows if one.result.cpu or one.result.memory]
    if not costly:
        return
    found = {kind for one in costly for kind in (*one.cpu, *one.memory)}
    kinds = ordered(dict.fromkeys(found, 0.0))
    yield "CPU-seconds a thousand, and in brackets the megabytes at most, by kind of process:"
    yield ""
    yield f"| what | {' | '.join(kinds)} |"
    yield f"|---|{'---|' * len(kinds)}"
    for one in costly:
        yield f"| {one.figure} | {' | '.join(_cost(one, kind) for kind in kinds)} |"


def _cost(result: Result, kind: str) -> str:
    cpu = number(result.cpu[kind]) if kind in result.cpu else ""
    memory = f"({number(result.memory[kind])})" if kind in result.memory else ""
    return f"{cpu} {memory}".strip()


def write(record: Record, document: Path) -> None:
    between(document, tables(record))


def between(document: Path, text: str) -> None:
    """Only what stands between the marks changes."""
    before, _, rest = document.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    document.write_text(f"{before}{BEGIN}{text}{END}{after}", "utf-8")


def main(
    about: str | None = __doc__,
    into: Path = DOCUMENT,
    write: Callable[[Record, Path], None] = write,
) -> None:
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--from", dest="kept", type=Path, default=KEPT)
    parser.add_argument("--into", type=Path, default=into)
    given = parser.parse_args()
    write(Record(given.kept), given.into)


if __name__ == "__main__":
    main()
