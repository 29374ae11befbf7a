"""Which keys open the doors, and what may each of them do? Only hashes are kept."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, select, update

from worker.store.bulk import Insertion
from worker.store.tables import keys

EVERY_SOURCE = "events:*"
CUSTOMERS_WRITE = "customers:write"
READ = "read"
OPERATE = "operate"
MAIL_REPORTS = "mail:write"
METRICS = "metrics"
ALL_SCOPES = (EVERY_SOURCE, CUSTOMERS_WRITE, MAIL_REPORTS, METRICS, READ, OPERATE)
ENVIRONMENT = "OUTREACH_API_KEYS"
"""The name of every key that came from the environment, which alone says whether it is good."""
REFRESH_SECONDS = 2.0
"""Each door reads the keys again when what it knows is older."""

_TAKE_IN = Insertion(
    keys,
    conflict="(hash) DO UPDATE SET name = excluded.name, scopes = excluded.scopes,"
    " revoked_at = NULL",
)


class KeyWrong(ValueError):
    """A key cannot be taken; the text never holds its secret."""


@dataclass(frozen=True, slots=True)
class Key:
    """What is known of a key: never its secret."""

    hash: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    revoked_at: datetime | None = None


def hash_secret(secret: str) -> str:
    """A secret is random and long, so a plain hash of it cannot be searched."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def read_scopes(texts: Iterable[str]) -> tuple[str, ...]:
    """Known scopes, sorted; KeyWrong names one that is not."""
    found = sorted({text.strip() for text in texts})
    for scope in found:
        source = scope.removeprefix("events:")
        if scope not in ALL_SCOPES and (source == scope or not source):
            raise KeyWrong(f"{scope!r} is no scope: events:<source>, events:*, customers:write,"
                           " mail:write, metrics, read or operate")  # fmt: skip
    if not found:
        raise KeyWrong("a key needs at least one scope")
    return tuple(found)


def given_keys(texts: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The scopes by hash of `secret` or `secret:scope|scope`, as OUTREACH_API_KEYS writes them."""
    found = {}
    for number, text in enumerate(texts, 1):
        secret, colon, scopes = text.partition(":")
        if not secret:
            raise KeyWrong(f"key {number} has no secret before its first colon")
        try:
            found[hash_secret(secret)] = read_scopes(scopes.split("|") if colon else ALL_SCOPES)
        except KeyWrong as error:
            raise KeyWrong(f"key {number}: {error}") from None
    return found


def take_in(connection: Connection, texts: Iterable[str], *, now: datetime) -> None:
    """Make the environment's keys good, and those that it no longer names void."""
    given = given_keys(texts)
    rows = [
        {"hash": digest, "name": ENVIRONMENT, "scopes": list(scopes), "created_at": now,
         "revoked_at": None}
        for digest, scopes in given.items()
    ]  # fmt: skip
    _TAKE_IN.run(connection, rows)
    gone = keys.c.hash.not_in(list(given)) & (keys.c.name == ENVIRONMENT)
    connection.execute(update(keys).where(gone, keys.c.revoked_at.is_(None)).values(revoked_at=now))


def add_key(connection: Connection, name: str, scopes: Iterable[str], *, now: datetime) -> str:
    """Make a key and answer its secret, which is nowhere kept."""
    if name == ENVIRONMENT or not name.strip():
        raise KeyWrong(f"{name!r} cannot be a key's name")
    secret = "ok_" + secrets.token_urlsafe(32)
    row = {"hash": hash_secret(secret), "name": name, "scopes": list(read_scopes(scopes)),
           "created_at": now}  # fmt: skip
    connection.execute(keys.insert().values(row))
    return secret


def revoke_key(connection: Connection, prefix: str, *, now: datetime) -> Key:
    """Void the one good key whose hash begins so; KeyWrong where there is not exactly one."""
    found = [key for key in read_keys(connection) if key.hash.startswith(prefix)]
    good = [key for key in found if key.revoked_at is None]
    if len(prefix) < 6 or len(good) != 1:
        raise KeyWrong("write at least 6 digits of the id of exactly one good key")
    if good[0].name == ENVIRONMENT:
        raise KeyWrong(f"this key comes from {ENVIRONMENT}: take it out there and start again")
    connection.execute(update(keys).where(keys.c.hash == good[0].hash).values(revoked_at=now))
    return good[0]


def read_keys(connection: Connection, *, only_good: bool = False) -> Sequence[Key]:
    """Every key, oldest first."""
    query = select(keys).order_by(keys.c.created_at, keys.c.hash)
    if only_good:
        query = query.where(keys.c.revoked_at.is_(None))
    return [
        Key(row.hash, row.name, tuple(row.scopes), row.created_at, row.revoked_at)
        for row in connection.execute(query)
    ]
