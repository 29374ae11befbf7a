"""How does PostgreSQL plan what is run, whatever it may be given?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

GROW = {
    "attempts", "customers", "decisions", "events", "facts", "handoffs", "inbound", "messages",
    "occurrences", "receipts", "spent", "suppressions",
}  # fmt: skip
QUEUE = re.compile("_(new|due|trigger)$|(?<!customer_id)_seq_idx$")
"""Indexes of what waits: hardly anything, until there is much at once."""
SELDOM = re.compile("_merged_into$|_received_at_idx1?$|^events_default_")
"""Of customers who became one, of events that were set aside, and of those that belong to no month:
there are always few."""
SPOKEN = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b")
PARAMETER = re.compile(r"%\((\w+)\)s")


@dataclass
class Kept:
    """Of each statement that is run: its plan for whatever it may be given."""

    asked: dict[str, Any] = field(default_factory=dict)

    def look(
        self, connection: Connection, _cursor: Any, statement: str, given: Any, *_rest: Any
    ) -> None:
        if not SPOKEN.match(statement):
            return
        names = {name: f"${place}" for place, name in enumerate(given or (), 1)}
        numbered = PARAMETER.sub(lambda one: names[one[1]], statement).replace("%%", "%")
        driver: Any = connection.connection
        with driver.cursor() as cursor:
            cursor.execute(
                f"EXPLAIN (GENERIC_PLAN, FORMAT JSON) {numbered}".encode(), prepare=False
            )
            [[[plan]]] = cursor.fetchall()
        self.asked[statement] = plan["Plan"]

    def faults(self) -> list[str]:
        return [
            f"{fault}: {statement[:100]}"
            for statement, plan in self.asked.items()
            for fault in sorted(set(faults(plan)))
        ]


def faults(plan: dict[str, Any], limited: bool = False) -> Iterator[str]:
    kind, table = plan["Node Type"], plan.get("Relation Name", "")
    index = plan.get("Index Name", "")
    grows = any(table == name or table.startswith(f"{name}_") for name in GROW)
    if grows and kind in {"Seq Scan", "Bitmap Heap Scan"}:
        yield f"{kind} of {table}"
    if "Join" in kind:
        yield f"{kind} for a few rows"
    whole = "Index Cond" not in plan and not SELDOM.search(index)
    first = limited and not (whole and "Filter" in plan)
    if grows and index and not first and (whole or QUEUE.search(index)):
        yield f"all of {index}, which was short when this was planned"
    limited = kind == "Limit" or (limited and kind in {"Append", "Merge Append", "LockRows"})
    for one in plan.get("Plans", []):
        yield from faults(one, limited)


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for one in plan.get("Plans", []):
        yield from nodes(one)


def indexes(plan: dict[str, Any]) -> set[str]:
    return {one["Index Name"] for one in nodes(plan) if "Index Name" in one}
