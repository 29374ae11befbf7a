"""Who is at the console? He signs in with a password, stays for a while, and goes."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection, Engine

from worker.passwords import LONGEST_PASSWORD, SHORTEST_PASSWORD, hash_password, is_password
from worker.store import console_users as store
from worker.store.actions import note_action
from worker.store.clock import read_now
from worker.store.console_users import Role
from worker.store.engine import in_transaction, reading

IDLE = timedelta(hours=1)
LONGEST = timedelta(hours=12)
SEEN_AGAIN = timedelta(minutes=1)
"""A session's last use is written no more often than this."""

FREE_TRIES = 5
FREE_TRIES_ADDRESS = 20
LONGEST_WAIT = timedelta(minutes=1)
FORGIVEN_AFTER = timedelta(minutes=15)
NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")


class NotAUser(Exception):
    """What was asked cannot be done with a user; the text says why, and `kind` in a word."""

    def __init__(self, why: str, kind: str) -> None:
        super().__init__(why)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in, as what, and since when."""

    name: str
    role: Role
    since: datetime


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The token is shown once, to the browser; the database keeps its hash."""

    token: str
    person: Person


@dataclass(frozen=True, slots=True)
class NotNow:
    """Too often in vain: nothing is looked at until so much time has passed."""

    wait: timedelta


@dataclass(frozen=True, slots=True)
class Wrong:
    """The name, the password or both."""


@dataclass(frozen=True, slots=True)
class Asking:
    """`known`: this browser has signed in under this name before, so that nobody who guesses
    from elsewhere makes it wait."""

    name: str
    password: str
    address: str
    known: bool = False

    @property
    def counted_as(self) -> Sequence[str]:
        """Under which names a vain attempt is counted."""
        if self.known:
            return [_key("known", self.name)]
        return [*self.from_where, _key("name", self.name)]

    @property
    def from_where(self) -> Sequence[str]:
        return [_key("address", self.address)]


def sign_in(engine: Engine, asking: Asking, *, now: datetime | None = None) -> (
    SignedIn | NotNow | Wrong
):  # fmt: skip
    """Open a session, or say that it was wrong, or that it is not looked at now."""
    known = _right(engine, asking, asking.counted_as, now)
    if not isinstance(known, str):
        return known
    return in_transaction(engine, lambda c: _opened(c, asking, known, now or read_now(c)))


def is_himself(engine: Engine, asking: Asking) -> bool | NotNow:
    """Whether he who is signed in knows his password: who found a screen open may guess, too."""
    key = _key("himself", asking.name)
    known = _right(engine, asking, [key], None)
    if isinstance(known, str):
        in_transaction(engine, lambda c: store.forgive_attempts(c, [key], one_of=()))
        return True
    return known if isinstance(known, NotNow) else False


def _right(
    engine: Engine, asking: Asking, counted_as: Sequence[str], now: datetime | None
) -> str | NotNow | Wrong:
    """The hash that the password is behind. No transaction is open while it is looked at."""

    def attempt(connection: Connection) -> tuple[timedelta, str | None]:
        at = now or read_now(connection)
        store.forget_old(connection, sessions=at - LONGEST, attempts=at - FORGIVEN_AFTER)
        found = store.hold_attempts(connection, counted_as, since=at - FORGIVEN_AFTER)
        wait = max((_wait(key, *one, at) for key, one in found.items()), default=timedelta())
        if wait > timedelta():
            return wait, None
        store.count_attempts(connection, counted_as, now=at)
        user = store.read_user(connection, asking.name)
        return wait, user.password_hash if user else None

    wait, known = in_transaction(engine, attempt)
    if wait > timedelta():
        return NotNow(wait)
    right = is_password(asking.password[:LONGEST_PASSWORD], known)
    return known if right and known is not None else Wrong()


def _opened(connection: Connection, asking: Asking, known: str, now: datetime) -> SignedIn | Wrong:
    # held: a new password, or a removal, that comes meanwhile finds the session and ends it
    user = store.hold_user(connection, asking.name)
    if user is None or user.password_hash != known:
        return Wrong()
    token = secrets.token_urlsafe(32)
    theirs = [_key("known", user.name), _key("name", user.name)]
    store.forgive_attempts(connection, theirs, one_of=() if asking.known else asking.from_where)
    store.open_session(connection, token, user.name, now=now)
    note_action(connection, "sign in", {"user": user.name}, by=user.name, now=now)
    return SignedIn(token, Person(user.name, Role(user.role), now))


def who_is(engine: Engine, token: str, *, looks: bool = True) -> Person | None:
    """The person whose session it is; `looks` False: the page renewed itself, nobody was there."""

    def look(connection: Connection) -> tuple[Person | None, bool]:
        now = read_now(connection)
        found = store.read_session(connection, token)
        if found is None or now - found.seen_at > IDLE or now - found.created_at > LONGEST:
            return None, False
        person = Person(found.name, Role(found.role), found.created_at)
        return person, looks and now - found.seen_at > SEEN_AGAIN

    person, touch = reading(engine, look)
    if touch:
        in_transaction(engine, lambda c: store.touch_session(c, token, now=read_now(c)))
    return person


def sign_out(engine: Engine, token: str, person: Person, *, everywhere: bool = False) -> None:
    def work(connection: Connection) -> None:
        store.close_session(connection, token)
        if everywhere:
            store.close_sessions(connection, person.name)
        what = "sign out everywhere" if everywhere else "sign out"
        note_action(connection, what, {"user": person.name}, by=person.name,
                    now=read_now(connection))  # fmt: skip

    in_transaction(engine, work)


def add_user(engine: Engine, name: str, role: Role, password: str, *, by: str) -> None:
    """NotAUser where the name is taken, or name or password will not do."""
    if not NAME.fullmatch(name):
        raise NotAUser("a name has small letters, digits and . _ @ -, at most 64", "name")
    hashed = hash_password(fit(password))

    def work(connection: Connection) -> bool:
        now = read_now(connection)
        added = store.add_user(connection, name, role, hashed, now=now)
        if added:
            note_action(connection, "add user", {"user": name, "role": role}, by=by, now=now)
        return added

    if not in_transaction(engine, work):
        raise NotAUser(f"there is a user {name} already", "taken")


def set_password(engine: Engine, name: str, password: str, *, by: str) -> None:
    """Every session of that user ends."""
    hashed = hash_password(fit(password))

    def work(connection: Connection) -> bool:
        now = read_now(connection)
        changed = store.change_user(connection, name, password_hash=hashed, changed_at=now)
        if changed:
            store.close_sessions(connection, name)
            note_action(connection, "set password", {"user": name}, by=by, now=now)
        return changed

    if not in_transaction(engine, work):
        raise NotAUser(f"there is no user {name}", "nobody")


def set_role(engine: Engine, name: str, role: Role | None, *, by: str) -> None:
    """None removes him. The last admin stays one: nobody could make another."""

    def work(connection: Connection) -> None:
        now = read_now(connection)
        admins = store.hold_admins(connection)
        if admins == {name} and role is not Role.ADMIN:
            raise NotAUser(f"{name} is the last admin: make another first", "last_admin")
        changes = {"removed_at": now} if role is None else {"role": role.value}
        if not store.change_user(connection, name, **changes):
            raise NotAUser(f"there is no user {name}", "nobody")
        store.close_sessions(connection, name)
        what = "remove user" if role is None else "set role"
        note_action(connection, what, {"user": name, "role": role}, by=by, now=now)

    in_transaction(engine, work)


def fit(password: str) -> str:
    """The password; NotAUser says why it will not do."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise NotAUser(f"a password has {SHORTEST_PASSWORD} signs or more", "short")
    return password


def _wait(key: str, failures: int, last: datetime, now: datetime) -> timedelta:
    """How long it still takes: doubled with every vain attempt, and never long."""
    free = FREE_TRIES_ADDRESS if key.startswith("a:") else FREE_TRIES
    if failures < free:
        return timedelta()
    whole = min(timedelta(seconds=2 ** min(failures - free, 10)), LONGEST_WAIT)
    return max(last + whole - now, timedelta())


def _key(kind: str, name: str) -> str:
    """What was typed may be a password, so it is kept as a hash."""
    return f"{kind[0]}:{sha256(f'{kind}:{name}'.encode('utf-8', 'surrogatepass')).hexdigest()[:60]}"
