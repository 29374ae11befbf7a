"""Where does a short link lead, whose is it, and who has followed it?"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, select

from worker.store.bulk import Insertion, Values
from worker.store.tables import attempts, clicks, links, messages
from worker.tokens import is_link

# Written again, a message may have learnt another address meanwhile: the newest is meant.
ADD = Insertion(
    links, conflict="(token) DO UPDATE SET url = excluded.url, expires_at = excluded.expires_at"
)
_CLICK = Insertion(clicks)
_LINK = ("token", "message_id", "name", "url", "expires_at")
_MESSAGE = (
    "trigger", "key", "customer_id", "message", "channel", "language", "start_source", "start_id",
    "hops",
)  # fmt: skip


def find_link(connection: Connection, token: str) -> Row[Any] | None:
    """The link, its message's columns, `left_at` (when its last attempt was taken) and `clicked`
    (how many clicks are kept of that message); None for a token that was never made."""
    if not is_link(token):
        return None
    kept = select(func.count()).where(clicks.c.message_id == links.c.message_id)
    columns: list[ColumnElement[Any]] = [
        *(links.c[name] for name in _LINK),
        *(messages.c[name] for name in _MESSAGE),
        attempts.c.finished_at.label("left_at"),
        kept.scalar_subquery().label("clicked"),
    ]
    last = and_(attempts.c.message_id == messages.c.id, attempts.c.number == messages.c.attempt)
    query = (
        select(*columns)
        .join_from(links, messages, messages.c.id == links.c.message_id)
        .join(attempts, last, isouter=True)
        .where(links.c.token == token)
    )
    return connection.execute(query).first()


def add_click(connection: Connection, click: Values) -> None:
    """`click`: token, message_id, at, by."""
    _CLICK.run(connection, [click])
