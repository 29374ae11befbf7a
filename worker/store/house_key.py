"""Which key hashes what outlives everybody? Once chosen it stays, or every opt-out is forgotten."""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256

from sqlalchemy import Connection, select

from worker.store.bulk import Insertion
from worker.store.tables import house
from worker.told import CANNOT_START, Told

MADE = "hashing_key"
SEAL = "hashing_key_seal"
_INSERT = Insertion(house)


class OtherKey(Told):
    """The key given is not the one that this database was begun with."""

    status = CANNOT_START

    def __init__(self) -> None:
        super().__init__(
            "OUTREACH_SUPPRESSION_KEY: is not the one this database was begun with;"
            " with another, everyone who said no would be forgotten"
        )


def hashing_key(connection: Connection, given: str | None) -> str:
    """The key given, or the one this database made for itself at its first use.

    The database keeps a seal of whichever was used first: OtherKey where `given` does not fit it.
    """
    if given is None:
        if _read(connection, MADE) is None and _read(connection, SEAL) is not None:
            raise OtherKey
        given = _once(connection, MADE, secrets.token_urlsafe(32))
    if not hmac.compare_digest(_once(connection, SEAL, _seal(given)), _seal(given)):
        raise OtherKey
    return given


def kept_key(connection: Connection, given: str | None) -> str | None:
    """The key in use, only read: None where there is none yet, so that nothing was hashed.

    OtherKey as `hashing_key` raises it.
    """
    key, seal = given or _read(connection, MADE), _read(connection, SEAL)
    if seal is not None and (key is None or not hmac.compare_digest(seal, _seal(key))):
        raise OtherKey
    return key


def _seal(key: str) -> str:
    return sha256(b"outreach/seal/1:" + key.encode()).hexdigest()


def _once(connection: Connection, name: str, value: str) -> str:
    """What stands under the name; `value` where nothing did."""
    _INSERT.run(connection, [{"name": name, "value": value}])
    return _read(connection, name) or value


def _read(connection: Connection, name: str) -> str | None:
    return connection.execute(select(house.c.value).where(house.c.name == name)).scalar()
