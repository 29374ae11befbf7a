"""Is this the password? Kept as an Argon2id hash, which costs whoever would guess it."""

from __future__ import annotations

import secrets
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from worker.settings import SHORTEST_PASSWORD

__all__ = [
    "LONGEST_PASSWORD",
    "SHORTEST_PASSWORD",
    "hash_password",
    "is_password",
    "new_password",
]

LONGEST_PASSWORD = 500
# OWASP's smallest: 19 MiB each, so that a container with little memory bears two at once
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_AT_ONCE = BoundedSemaphore(2)


def new_password() -> str:
    """One that nobody guesses, for whoever will change it."""
    return secrets.token_urlsafe(15)


def hash_password(password: str) -> str:
    with _AT_ONCE:
        return _HASHER.hash(password)


def is_password(password: str, known: str | None) -> bool:
    """Whether it is the one behind the hash; for a name nobody has it takes as long."""
    with _AT_ONCE:
        try:
            return _HASHER.verify(known or _nobodys(), password) and known is not None
        except (VerificationError, InvalidHashError):
            return False


@cache
def _nobodys() -> str:
    return _HASHER.hash(secrets.token_urlsafe(32))
