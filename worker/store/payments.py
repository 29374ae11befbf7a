"""What has been paid so far, kept by the hour and the minute, so that nobody adds up a day?

Written by the transaction that pays, or learns that it need not have, as one of its last
statements: who waits for such a row holds nothing that anybody wants, but tallies after it.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import Connection

from worker.store.bulk import Insertion
from worker.store.tables import payments

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SPANS = {HOUR: 3600, MINUTE: 60}
MINUTES_KEPT = timedelta(days=62)
"""A window that reaches further back begins within an hour whose payments are read one by one."""

_WAITING = "payments"
_ADD = Insertion(
    payments,
    conflict='(span, start, "trigger") DO UPDATE SET amount = payments.amount + excluded.amount',
)


def pay(connection: Connection, trigger: str, at: datetime, amount: float) -> None:
    """To be added to the sums of then; less than nothing: it was not paid after all."""
    waiting: Counter[tuple[int, datetime, str]] = connection.info.setdefault(_WAITING, Counter())
    for length, span in SPANS.items():
        waiting[span, begin_of(at, length), trigger] += millionths(amount)


def begin(connection: Connection) -> None:
    """A connection may have served a transaction before that failed."""
    connection.info.pop(_WAITING, None)


def write(connection: Connection) -> None:
    """In one order: of two who add to the same ones, neither has what the other waits for."""
    waiting: Counter[tuple[int, datetime, str]] = connection.info.pop(_WAITING, Counter())
    _ADD.run(
        connection,
        [
            {"span": span, "start": start, "trigger": trigger, "amount": amount}
            for (span, start, trigger), amount in waiting.items()
            if amount
        ],
    )


def forget_minutes(connection: Connection, now: datetime) -> None:
    """The hours stay: how long a window is may change."""
    of, before = payments.c, now - MINUTES_KEPT - HOUR
    connection.execute(payments.delete().where(of.span == SPANS[MINUTE], of.start < before))


def begin_of(moment: datetime, span: timedelta) -> datetime:
    """Of the hour or the minute that this moment belongs to."""
    whole = moment.replace(second=0, microsecond=0)
    return whole.replace(minute=0) if span == HOUR else whole


def millionths(amount: float) -> int:
    """A price has six decimals at most, and whole numbers add up without a rest."""
    return round(amount * 1_000_000)


def money(amount: int) -> Decimal:
    return Decimal(str(round(amount / 1_000_000, 6)))
