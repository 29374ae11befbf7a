"""Are more events unread than can be read soon, and who is told of it?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, select, text

from worker.store.alerts import Alarm, Raised, close_alert, raise_alerts
from worker.store.tables import alerts

# The span is an upper bound and costs two look-ups; only where it is wide are rows walked over.
_SPAN = text(
    "SELECT (SELECT max(seq) FROM events)"
    " - (SELECT seq FROM events WHERE state = 'new' ORDER BY seq LIMIT 1)"
)
_BEYOND = text("SELECT 1 FROM events WHERE state = 'new' ORDER BY seq LIMIT 1 OFFSET :most")


def more_unread_than(connection: Connection, most: int) -> bool:
    span = connection.scalar(_SPAN)
    if span is None or span < most:
        return False
    return connection.scalar(_BEYOND, {"most": most}) is not None


def tell_pressure(connection: Connection, causes: Mapping[str, str | None], now: datetime) -> None:
    """Let an alarm stand for each cause that has a detail, and for no other; said once each."""
    query = select(alerts.c.subject).where(
        alerts.c.kind == Alarm.BACK_PRESSURE.value, alerts.c.closed_at.is_(None)
    )
    standing = set(connection.scalars(query))
    begun = [
        Raised(Alarm.BACK_PRESSURE, cause, detail)
        for cause, detail in causes.items()
        if detail is not None and cause not in standing
    ]
    raise_alerts(connection, begun, now=now)
    for cause, detail in causes.items():
        if detail is None and cause in standing:
            close_alert(connection, Alarm.BACK_PRESSURE, cause, now=now)
