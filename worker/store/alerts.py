"""Which alarms stand, since when, and how often was each raised?

An alarm is a row: it outlives the process that raised it, and any process may tell of it or
close it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, exists, func, or_, select, text

from worker.store.bulk import Insertion
from worker.store.direct import ask
from worker.store.tables import alerts, events


class Alarm(StrEnum):
    """What a person has to know of; docs/operations.md says what to do for each."""

    SENDER_BROKEN = "sender_broken"
    SENDER_FAILING = "sender_failing"
    FUSE_BLOWN = "fuse_blown"
    SPEND_NEAR = "spend_near"
    SPEND_REACHED = "spend_reached"
    UNKNOWN_PARKED = "unknown_parked"
    SENT_TWICE = "sent_twice"
    EVENT_SET_ASIDE = "event_set_aside"
    LEDGER_DIFFERS = "ledger_differs"
    CLAIM_FAILED = "claim_failed"
    REPLY_FAILED = "reply_failed"
    BACK_PRESSURE = "back_pressure"
    WEBHOOK_FAILING = "webhook_failing"
    SILENCE = "silence"
    RUNAWAY = "runaway"


class Raised(NamedTuple):
    """`subject` names whom it concerns, such as a sender or a trigger; nothing personal."""

    kind: Alarm
    subject: str
    detail: str | None = None
    times: int = 1


# One that was closed and comes again is a new one.
_RAISE = Insertion(
    alerts,
    conflict="(kind, subject) DO UPDATE SET"
    " first_at = CASE WHEN alerts.closed_at IS NULL THEN alerts.first_at"
    " ELSE excluded.first_at END,"
    " times = CASE WHEN alerts.closed_at IS NULL THEN alerts.times ELSE 0 END + excluded.times,"
    " last_at = excluded.last_at, detail = excluded.detail, closed_at = NULL",
)

_STANDING = text("SELECT 1 AS one FROM alerts WHERE closed_at IS NULL LIMIT 1")


def raise_alerts(connection: Connection, raised: Iterable[Raised], *, now: datetime) -> None:
    """Make them stand, or count them once more; one row a kind and subject."""
    together: dict[tuple[str, str], Raised] = {}
    for one in raised:
        key = (one.kind.value, one.subject)
        before = together[key].times if key in together else 0
        together[key] = one._replace(times=before + one.times)
    rows = [
        {
            "kind": one.kind.value,
            "subject": one.subject,
            "first_at": now,
            "last_at": now,
            "times": one.times,
            "detail": one.detail,
            "closed_at": None,
        }
        for _, one in sorted(together.items())
    ]
    if rows:
        _RAISE.run(connection, rows)


def close_alert(
    connection: Connection,
    kind: Alarm,
    subject: str,
    *,
    now: datetime,
    last_at: datetime | None = None,
) -> bool:
    """Whether it stood until now; with `last_at`, only if nobody has raised it since then."""
    closing = (
        alerts.update()
        .where(alerts.c.kind == kind.value, alerts.c.subject == subject)
        .where(alerts.c.closed_at.is_(None))
        .values(closed_at=now)
    )
    if last_at is not None:
        closing = closing.where(alerts.c.last_at == last_at)
    return connection.execute(closing).rowcount > 0


def close_again(
    connection: Connection, kind: Alarm, subjects: Iterable[str], *, now: datetime
) -> None:
    """As of now, whether they stood until now or not: a person has seen to these."""
    connection.execute(
        alerts.update()
        .where(alerts.c.kind == kind.value, alerts.c.subject.in_(list(subjects)))
        .values(closed_at=now)
    )


def closed_since(connection: Connection, kind: Alarm, since: datetime) -> frozenset[str]:
    """The subjects whose alarm ended after that, and does not stand."""
    wanted = (alerts.c.kind == kind.value, alerts.c.closed_at > since)
    return frozenset(connection.scalars(select(alerts.c.subject).where(*wanted)))


def standing_alerts(connection: Connection) -> Sequence[Row[Any]]:
    """Those that nobody has closed, the oldest first."""
    wanted = alerts.c.closed_at.is_(None)
    return connection.execute(select(alerts).where(wanted).order_by(alerts.c.first_at)).all()


def is_any_standing(connection: Connection) -> bool:
    return bool(ask(connection, _STANDING, {}))


def read_alerts(connection: Connection, kinds: Iterable[Alarm]) -> Sequence[Row[Any]]:
    """Of these kinds, those that have ended too."""
    wanted = alerts.c.kind.in_([kind.value for kind in kinds])
    return connection.execute(select(alerts).where(wanted)).all()


def close_old_alerts(
    connection: Connection, kinds: Iterable[Alarm], *, before: datetime, now: datetime
) -> None:
    """Those of these kinds that nobody has raised since then."""
    connection.execute(
        alerts.update()
        .where(alerts.c.kind.in_([kind.value for kind in kinds]), alerts.c.last_at < before)
        .where(alerts.c.closed_at.is_(None))
        .values(closed_at=now)
    )


def close_settled_alerts(connection: Connection, *, now: datetime) -> None:
    """Of events set aside: those of whose type none is left."""
    # by the index of what is unread
    unread = or_(events.c.state == "new", events.c.state == "set_aside")
    left = select(1).where(unread, events.c.state == "set_aside", events.c.type == alerts.c.subject)
    connection.execute(
        alerts.update()
        .where(alerts.c.kind == Alarm.EVENT_SET_ASIDE.value, alerts.c.closed_at.is_(None))
        .where(~exists(left))
        .values(closed_at=now)
    )


def count_standing(connection: Connection) -> dict[str, int]:
    """By kind; none of a kind is 0."""
    query = select(alerts.c.kind, func.count()).where(alerts.c.closed_at.is_(None))
    rows = connection.execute(query.group_by(alerts.c.kind))
    found = {str(kind): int(count) for kind, count in rows}
    return {kind.value: found.get(kind.value, 0) for kind in Alarm}
