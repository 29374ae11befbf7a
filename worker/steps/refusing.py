"""Who has said that we are not to write to an address, and who is told of it?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row

from triggers.answering import Objection
from triggers.clock import stamp
from worker.steps.announcing import Announcement, Hearing, News, announce
from worker.store.addresses import Address
from worker.store.replies import read_written
from worker.store.suppressions import OptOut, suppress

EVER = datetime(2000, 1, 1, tzinfo=UTC)


def refuse(
    connection: Connection,
    told: Iterable[OptOut],
    hearing: Hearing,
    *,
    now: datetime,
    holders: Mapping[Address, Sequence[str]] | None = None,
) -> bool:
    """Write refusals down, wherever they came from; whether a trigger has something to read.

    Each customer to whom we wrote there, and each of the `holders`, has `outreach.opted_out` told
    of him, by his last message there. A doubt is no opt-out: it is not told.
    """
    new = [one for one in suppress(connection, told) if one.source != Objection.UNCLEAR]
    written = read_written(connection, [one.address.hash for one in new], since=EVER)
    news = [
        one
        for refused in new
        for one in _news(refused, written.get(refused.address.hash, ()), holders or {})
    ]
    return announce(connection, news, hearing, now=now)


def _news(
    one: OptOut, written: Sequence[Row[Any]], holders: Mapping[Address, Sequence[str]]
) -> Iterator[Announcement]:
    said = {"channel": one.address.channel, "source": one.source, "category": one.category}
    which = f"{one.category}:{stamp(one.at)}"
    last: dict[str, Row[Any]] = {}
    for row in written:
        last.setdefault(row.customer_id, row)
    for row in (last[customer] for customer in sorted(last)):
        yield of_message(row, News.OPTED_OUT, {**said, "message": row.message}, which=which)
    for customer in holders.get(one.address, ()):
        if customer not in last:
            yield of_nobody(customer, News.OPTED_OUT, said, which=f"{one.address.hash}:{which}")


def of_message(row: Row[Any], news: News, said: Mapping[str, Any], *, which: str) -> Announcement:
    """About a message: `row` has its id, customer, trigger, key, start and hops."""
    return Announcement(
        news=news,
        message_id=row.id,
        customer=row.customer_id,
        trigger=row.trigger,
        key=row.key,
        start=(row.start_source, row.start_id),
        hops=row.hops,
        said=said,
        which=which,
    )


def of_nobody(customer: str, news: News, said: Mapping[str, Any], *, which: str) -> Announcement:
    """About a customer to whom no message of ours is known."""
    return Announcement(
        news=news,
        message_id="",
        customer=customer,
        trigger="",
        key="",
        start=("", ""),
        hops=0,
        said=said,
        cause={},
        which=f"{customer}:{which}",
    )
