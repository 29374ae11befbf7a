"""Who is not to be written to any more? Whoever says so, it is written down here and only here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from triggers.standing import EVERYTHING
from worker.store.addresses import Address, wait_for
from worker.store.bulk import Insertion, Values
from worker.store.tables import suppressions

# A new refusal undoes the consent that lifted an earlier one; one that stands keeps its moment.
_SUPPRESS = Insertion(
    suppressions,
    conflict="(address_hash, channel, category) DO UPDATE SET source = excluded.source,"
    " wording = excluded.wording, at = excluded.at, lifted_at = NULL, lifted_by = NULL"
    " WHERE suppressions.lifted_at IS NOT NULL",
)


class OptOut(NamedTuple):
    address: Address
    source: str
    at: datetime


def suppress(connection: Connection, told: Iterable[OptOut]) -> None:
    """From this commit on, nothing of any category goes to these addresses on these channels.

    It waits for a claim that has one of them: none commits after the refusal is stored.
    """
    found = list(told)
    wait_for(connection, (one.address.hash for one in found))
    _SUPPRESS.run(connection, map(_row, found))


def _row(one: OptOut) -> Values:
    return {
        "address_hash": one.address.hash,
        "channel": one.address.channel,
        "category": EVERYTHING,
        "source": one.source,
        "at": one.at,
    }
