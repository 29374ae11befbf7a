"""Has this call been signed for what it says, or for something else that was said before?"""
# ruff: noqa: S608 - nothing but our own words stands in the statements

from __future__ import annotations

from datetime import datetime
from functools import cache

from sqlalchemy import Connection, bindparam, select, text
from sqlalchemy.sql.elements import TextClause

from worker.store.bulk import Insertion
from worker.store.tables import signed_tokens
from worker.store.types import Moment

_KEEP = Insertion(signed_tokens, conflict="(provider, token) DO NOTHING")


def said_by_token(
    connection: Connection, provider: str, *, token: str, said: str, now: datetime
) -> bool:
    """Whether the token is new, or has said the same before; both are hashes."""
    row = {"provider": provider, "token": token, "said": said, "at": now}
    _KEEP.run(connection, [row])
    known = select(signed_tokens.c.said).where(
        signed_tokens.c.provider == provider, signed_tokens.c.token == token
    )
    heard: str = connection.execute(known).scalar_one()
    return heard == said


def forget_tokens(connection: Connection, *, before: datetime, most: int = 100) -> None:
    """Some of those that nobody would believe any more; whoever else does it is not waited for."""
    connection.execute(_forget(connection.dialect.name), {"before": before, "most": most})


@cache
def _forget(dialect: str) -> TextClause:
    lock = " FOR UPDATE SKIP LOCKED" if dialect == "postgresql" else ""
    return text(
        "DELETE FROM signed_tokens WHERE (provider, token) IN (SELECT provider, token"
        f" FROM signed_tokens WHERE at < :before ORDER BY at LIMIT :most{lock})"
    ).bindparams(bindparam("before", type_=Moment))
