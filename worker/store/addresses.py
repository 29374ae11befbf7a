"""Whose alone is an address until the transaction's end, whoever's customers it has?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import NamedTuple

from sqlalchemy import Connection, TextClause, text

from worker.store.bulk import as_json, recordset
from worker.store.direct import ask, later
from worker.store.tables import attempts


class Address(NamedTuple):
    hash: str
    channel: str


def try_to_hold(connection: Connection, hashes: Iterable[str]) -> frozenset[str]:
    """Those that are ours now: never waits, so a claim passes by what another has.

    On SQLite a writing transaction is alone anyway.
    """
    return ask_to_hold(connection, hashes)()


def ask_to_hold(connection: Connection, hashes: Iterable[str]) -> Callable[[], frozenset[str]]:
    """The same, asked with what is asked next."""
    wanted = frozenset(hashes)
    if connection.dialect.name == "sqlite" or not wanted:
        return lambda: wanted
    given = {"rows": as_json([{"address_hash": one} for one in sorted(wanted)])}
    asked = later(connection, _holding("pg_try_advisory_xact_lock"), given)
    return lambda: frozenset(row.address_hash for row in asked.rows() if row.held)


def wait_for(connection: Connection, hashes: Iterable[str]) -> None:
    """Wait until all of them are ours."""
    wanted = sorted(set(hashes))
    if connection.dialect.name != "sqlite" and wanted:
        given = {"rows": as_json([{"address_hash": one} for one in wanted])}
        ask(connection, _holding("pg_advisory_xact_lock"), given)


@cache
def _holding(function: str) -> TextClause:
    number = "CAST(CAST('x' || substr(address_hash, 1, 16) AS bit(64)) AS bigint)"
    given = recordset("postgresql", [attempts.c.address_hash])
    return text(f"SELECT address_hash, {function}({number}) AS held FROM {given}")  # noqa: S608 - ours
