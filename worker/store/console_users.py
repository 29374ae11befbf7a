"""Who may sign in to the console, as what, and from which session does he speak?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, update

from worker.store.bulk import Insertion
from worker.store.tables import console_attempts, console_sessions, console_users


class Role(StrEnum):
    """What a person may do; each may all that stands before it."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"

    def may(self, needed: Role) -> bool:
        order = list(Role)
        return order.index(self) >= order.index(needed)


_ADD = Insertion(
    console_users,
    # who was removed may come back, as what is said now
    conflict="(name) DO UPDATE SET role = excluded.role, password_hash = excluded.password_hash,"
    " created_at = excluded.created_at, changed_at = excluded.changed_at, removed_at = NULL"
    " WHERE console_users.removed_at IS NOT NULL",
    returning=("name",),
)
_OPEN = Insertion(console_sessions)
_TRY = Insertion(
    console_attempts,
    conflict="(name) DO UPDATE SET failures = console_attempts.failures + 1,"
    " last_at = excluded.last_at",
)


def add_user(
    connection: Connection, name: str, role: Role, password_hash: str, *, now: datetime
) -> bool:
    """Whether the name was free."""
    row = {"name": name, "role": role.value, "password_hash": password_hash}
    more = {"created_at": now, "changed_at": now, "removed_at": None}
    return bool(_ADD.run(connection, [row | more]))


def read_users(connection: Connection) -> Sequence[Row[Any]]:
    return connection.execute(select(console_users).order_by(console_users.c.name)).all()


def read_user(connection: Connection, name: str) -> Row[Any] | None:
    """Who may sign in under this name."""
    of = console_users.c
    query = select(console_users).where(of.name == name, of.removed_at.is_(None))
    return connection.execute(query).first()


def hold_user(connection: Connection, name: str) -> Row[Any] | None:
    """Likewise, unchanged until the transaction's end."""
    of = console_users.c
    query = select(console_users).where(of.name == name, of.removed_at.is_(None))
    return connection.execute(query.with_for_update()).first()


def any_user(connection: Connection) -> bool:
    """Whether there ever was one."""
    return connection.execute(select(console_users.c.name).limit(1)).first() is not None


def hold_admins(connection: Connection) -> set[str]:
    """Those who may still make users, held until the transaction's end."""
    of = console_users.c
    query = select(of.name).where(of.role == Role.ADMIN, of.removed_at.is_(None))
    return set(connection.scalars(query.order_by(of.name).with_for_update()))


def change_user(connection: Connection, name: str, **changes: Any) -> bool:
    """Columns of one who is not removed."""
    of = console_users.c
    query = update(console_users).where(of.name == name, of.removed_at.is_(None))
    return connection.execute(query.values(**changes)).rowcount > 0


def open_session(connection: Connection, token: str, name: str, *, now: datetime) -> None:
    row = {"token_hash": token_hash(token), "name": name, "created_at": now, "seen_at": now}
    _OPEN.run(connection, [row])


def read_session(connection: Connection, token: str) -> Row[Any] | None:
    """The session and its user's role; None for a removed user's."""
    of, whose = console_sessions.c, console_users.c
    query = (
        select(of.name, of.created_at, of.seen_at, whose.role, whose.changed_at)
        .join(console_users, whose.name == of.name)
        .where(of.token_hash == token_hash(token), whose.removed_at.is_(None))
    )
    found: Row[Any] | None = connection.execute(query).first()  # type: ignore[assignment]
    return found


def touch_session(connection: Connection, token: str, *, now: datetime) -> None:
    mine = console_sessions.c.token_hash == token_hash(token)
    connection.execute(update(console_sessions).where(mine).values(seen_at=now))


def close_session(connection: Connection, token: str) -> None:
    mine = console_sessions.c.token_hash == token_hash(token)
    connection.execute(delete(console_sessions).where(mine))


def close_sessions(connection: Connection, name: str) -> int:
    """All that are open under the name."""
    mine = console_sessions.c.name == name
    return connection.execute(delete(console_sessions).where(mine)).rowcount


def forget_old(connection: Connection, *, sessions: datetime, attempts: datetime) -> None:
    """Sessions begun, and vain attempts made last, before then."""
    connection.execute(delete(console_sessions).where(console_sessions.c.created_at < sessions))
    connection.execute(delete(console_attempts).where(console_attempts.c.last_at < attempts))


def hold_attempts(
    connection: Connection, names: Sequence[str], *, since: datetime
) -> dict[str, tuple[int, datetime]]:
    """How often each was tried in vain in a row, and when last; of many who try at once, each
    waits to see the one before him counted."""
    of = console_attempts.c
    query = select(of.name, of.failures, of.last_at)
    query = query.where(of.name.in_(names), of.last_at >= since).order_by(of.name)
    rows = connection.execute(query.with_for_update())
    return {row.name: (row.failures, row.last_at) for row in rows}


def count_attempts(connection: Connection, names: Sequence[str], *, now: datetime) -> None:
    """One more; before the password is looked at, so that many at once are counted, too."""
    rows = [{"name": name, "failures": 1, "last_at": now} for name in sorted(names)]
    _TRY.run(connection, rows)


def forgive_attempts(
    connection: Connection, names: Sequence[str], *, one_of: Sequence[str]
) -> None:
    """Forget those of `names`; of the others take back the one that was counted too many."""
    of = console_attempts.c
    connection.execute(delete(console_attempts).where(of.name.in_(names)))
    fewer = update(console_attempts).where(of.name.in_(one_of), of.failures > 0)
    connection.execute(fewer.values(failures=of.failures - 1))


def count_sessions(connection: Connection, *, since: timedelta, now: datetime) -> dict[str, int]:
    """By name, those seen since then."""
    of = console_sessions.c
    query = select(of.name, func.count()).where(of.seen_at >= now - since).group_by(of.name)
    return {str(name): int(count) for name, count in connection.execute(query)}


def token_hash(token: str) -> str:
    """A token is random and long, so a plain hash of it cannot be searched."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
