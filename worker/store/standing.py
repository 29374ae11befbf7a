"""What was sent to these customers and addresses before, what did they refuse, what is paused?"""
# ruff: noqa: S608 - table and column names come from tables.py, values only as parameters

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cache
from secrets import token_hex
from typing import NamedTuple

from sqlalchemy import Connection, Text, bindparam, select, text
from sqlalchemy.sql.selectable import TextualSelect

from worker.lifecycle import CERTAINLY_NOT_SENT
from worker.store.addresses import Address
from worker.store.bulk import Insertion, Reading, Values, as_json, recordset
from worker.store.direct import later
from worker.store.line import Rows
from worker.store.tables import address_marks, attempts, handoffs, house, pauses, suppressions
from worker.store.types import Moment

SALT = "salt"
"""The row of `house` that every draw of an arm is salted with, made once."""
_READ_SALT = select(house.c.value).where(house.c.name == SALT)
_DRAW_SALT = Insertion(house)

_BY_ADDRESS = ("address_hash", "channel")
_SUPPRESSIONS = Reading(suppressions, by=_BY_ADDRESS, only="suppressions.lifted_at IS NULL")
_MARK = Insertion(address_marks)


class Past(NamedTuple):
    """A claim that a provider may have had; a person's call has no channel and no category."""

    claim: str
    customer: str
    address_hash: str
    channel: str
    category: str
    trigger: str
    at: datetime


def read_suppressions(
    connection: Connection, addresses: Iterable[Address]
) -> dict[Address, set[str]]:
    """The categories that an address refused; "*" is all of them."""
    found: dict[Address, set[str]] = {}
    for row in _SUPPRESSIONS.run(connection, _keys(addresses)):
        found.setdefault(Address(row.address_hash, row.channel), set()).add(row.category)
    return found


class Said(NamedTuple):
    """Of addresses: whose texts nobody has read, which are bad and why, what each has refused."""

    unread: frozenset[str]
    marks: Mapping[Address, str]
    refused: Mapping[Address, frozenset[str]]


def ask_said(connection: Connection, addresses: Iterable[Address]) -> Callable[[], Said]:
    """By one statement, with what is asked next; `unread` are hashes, "*" of what is refused is
    all."""
    keys = _keys(addresses)
    if not keys:
        return lambda: Said(frozenset(), {}, {})
    asked = later(connection, _said(connection.dialect.name), {"rows": as_json(keys)})
    return lambda: _told(asked.rows())


def _told(rows: Rows) -> Said:
    refused: dict[Address, set[str]] = {}
    for row in rows:
        if row.kind == "refused":
            refused.setdefault(Address(row.hash, row.channel), set()).add(row.what)
    return Said(
        frozenset(row.hash for row in rows if row.kind == "unread"),
        {Address(row.hash, row.channel): row.what for row in rows if row.kind == "mark"},
        {address: frozenset(some) for address, some in refused.items()},
    )


def ask_past(
    connection: Connection,
    customers: Iterable[str],
    addresses: Iterable[Address],
    since: datetime,
) -> Callable[[], list[Past]]:
    """Claims since then of these customers, or to these addresses whoever's they were; asked with
    what is asked next."""
    given = {
        "since": since,
        "rows": as_json([{"customer_id": one} for one in set(customers)]),
        "hashes": as_json([{"address_hash": one.hash} for one in set(addresses)]),
    }
    asked = later(connection, _past(connection.dialect.name), given)
    return lambda: [Past(*row) for row in asked.rows()]


def read_pauses(connection: Connection) -> frozenset[str]:
    return frozenset(connection.scalars(select(pauses.c.scope)))


def read_salt(connection: Connection) -> str:
    """Of this installation, for ever: drawn by whoever asks first."""
    found = connection.scalar(_READ_SALT)
    if found is None:
        _DRAW_SALT.run(connection, [{"name": SALT, "value": token_hex(16)}])
        found = connection.scalar(_READ_SALT)
    return str(found)


def mark_bad(connection: Connection, rows: Iterable[Values]) -> None:
    _MARK.run(connection, rows)


def _keys(addresses: Iterable[Address]) -> list[dict[str, str]]:
    return [{"address_hash": one.hash, "channel": one.channel} for one in set(addresses)]


@cache
def _said(dialect: str) -> TextualSelect:
    given = recordset(dialect, [address_marks.c[name] for name in _BY_ADDRESS])
    same = " AND ".join(f"said.{name} = given.{name}" for name in _BY_ADDRESS)
    made = text(
        "SELECT 'unread' AS kind, said.address_hash AS hash, '' AS channel, '' AS what"
        f" FROM {given}, inbound AS said"
        " WHERE said.address_hash = given.address_hash AND said.state || '' = 'new'"
        " UNION ALL SELECT 'mark', said.address_hash, said.channel, said.reason"
        f" FROM {given}, address_marks AS said WHERE {same}"
        " UNION ALL SELECT 'refused', said.address_hash, said.channel, said.category"
        f" FROM {given}, suppressions AS said WHERE {same} AND said.lifted_at IS NULL"
    )
    return made.columns(kind=Text, hash=Text, channel=Text, what=Text)


@cache
def _past(dialect: str) -> TextualSelect:
    a = attempts.c
    columns = (
        a.message_id, a.customer_id, a.address_hash, a.channel, a.category, a.trigger, a.claimed_at,
    )  # fmt: skip
    chosen = ", ".join(f'attempts."{column.name}"' for column in columns)
    unsent = ", ".join(f"'{state}'" for state in sorted(CERTAINLY_NOT_SENT))
    recent = f"attempts.claimed_at > :since AND attempts.state NOT IN ({unsent})"
    by_customer = recordset(dialect, [a.customer_id])
    by_address = recordset(dialect, [a.address_hash], "hashes")
    people = recordset(dialect, [handoffs.c.customer_id])
    return (
        text(
            f"SELECT {chosen} FROM {by_customer}, attempts"
            f" WHERE attempts.customer_id = given.customer_id AND {recent}"
            f" UNION SELECT {chosen} FROM {by_address}, attempts"
            f" WHERE attempts.address_hash = given.address_hash AND {recent}"
            " UNION SELECT handoffs.id, handoffs.customer_id, '', '', '', handoffs.trigger,"
            f" handoffs.created_at FROM {people}, handoffs"
            " WHERE handoffs.customer_id = given.customer_id AND handoffs.created_at > :since"
            " AND handoffs.trigger IS NOT NULL"
        )
        .bindparams(bindparam("since", type_=Moment))
        .columns(*columns)
    )
