"""How is every statement of a transaction planned once, whatever the tables hold by then?

Planning takes longer than finding a few rows, so it is worth keeping a plan; but one that was made
while a table was empty reads it whole when it has grown, and a few rows given are taken for many,
for which whole tables are read and hashed. What is found by indexes alone, row by row, serves at
any size: so nothing else is planned, and such a plan may be kept.

But for one thing: a table of a page or two is still gone through from end to end, along an index,
beside the rows given. That serves until it has grown, when PostgreSQL plans anew: autovacuum has
counted its rows within a minute or two, and without it such a plan stays (0031).

For transactions all of whose statements ask by keys, or by spans that an index knows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import Connection, TextClause, text

from triggers.clock import UTC
from worker.store.clock import read_now
from worker.store.direct import later

SETTINGS = {
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    # of whom nobody knows how many are due, and how few are asked for, all would be sorted
    "enable_bitmapscan": "off",
}
IN_ORDER = {"enable_sort": "off"}
"""Nor is sorted what an index has in its order, be it only of each of several parts."""


def _begin(settings: Mapping[str, str]) -> TextClause:
    set_ = "".join(f", set_config('{name}', '{value}', true)" for name, value in settings.items())
    return text(f"SELECT clock_timestamp(){set_}")


_BEGIN, _BEGIN_IN_ORDER = _begin(SETTINGS), _begin(SETTINGS | IN_ORDER)


def plan_by_index(
    connection: Connection, now: datetime | None = None, *, in_order: bool = False
) -> datetime:
    """Until this transaction ends; and `now`, or the database's time, which comes with it."""
    return ask_by_index(connection, now, in_order=in_order)()


def ask_by_index(
    connection: Connection, now: datetime | None = None, *, in_order: bool = False
) -> Callable[[], datetime]:
    """The same, with what is asked next: that is planned so, too."""
    if connection.dialect.name == "sqlite":
        known = now or read_now(connection)
        return lambda: known
    asked = later(connection, _BEGIN_IN_ORDER if in_order else _BEGIN, {})

    def moment() -> datetime:
        [(clock, *_)] = asked.rows()
        found: datetime = now or clock.astimezone(UTC)
        return found

    return moment
