"""Who is not to be written to any more? Whoever says so, it is written down here and only here.

`suppressions` is what holds now, and outlives erasure; `refusals` is every word of it, in order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeVar

from sqlalchemy import Connection

from triggers.answering import Objection
from triggers.standing import EVERYTHING
from worker.store.addresses import Address, wait_for
from worker.store.bulk import Insertion, Update, Values
from worker.store.tables import refusals, suppressions

COMPLAINT = "provider complaint"

DOUBTED = (Objection.UNCLEAR.value,)
"""Sources of what a person has yet to read."""

NOT_HIS_OWN = (Objection.WRONG_NUMBER.value, COMPLAINT)
"""Sources that no word of an address's holder lifts: a person has to look into it."""


class Said(StrEnum):
    """The words of the log."""

    REFUSED = "refused"
    AGREED = "agreed"


def _weight(source: str) -> str:
    """Doubts weigh less than the holder's own words, and those less than what others tell of it."""
    return (
        f"CASE WHEN {source} IN ({_quoted(DOUBTED)}) THEN 0"
        f" WHEN {source} IN ({_quoted(NOT_HIS_OWN)}) THEN 2 ELSE 1 END"
    )


def _quoted(sources: Iterable[str]) -> str:
    return ", ".join(f"'{one}'" for one in sources)


_PLACE = ("address_hash", "channel", "category")

# A new refusal undoes the consent that lifted an earlier one; one that stands keeps its moment,
# unless the new one weighs more: what lifts a doubt must not lift the STOP that came after it.
_SUPPRESS = Insertion(
    suppressions,
    conflict="(address_hash, channel, category) DO UPDATE SET source = excluded.source,"
    " wording = excluded.wording, at = excluded.at, lifted_at = NULL, lifted_by = NULL"
    " WHERE suppressions.lifted_at IS NOT NULL"
    f" OR {_weight('excluded.source')} > {_weight('suppressions.source')}",
    returning=_PLACE,
)
_LIFT = Update(
    suppressions,
    by=_PLACE,
    columns=("lifted_at", "lifted_by"),
    only="suppressions.lifted_at IS NULL AND suppressions.at < given.lifted_at"
    f" AND suppressions.source NOT IN ({_quoted(NOT_HIS_OWN)})",
    returning=_PLACE,
)
_LIFT_DOUBT = Update(
    suppressions,
    by=_PLACE,
    columns=("lifted_at", "lifted_by"),
    only=f"suppressions.lifted_at IS NULL AND suppressions.source IN ({_quoted(DOUBTED)})",
    returning=_PLACE,
)
_LOG = Insertion(refusals)


@dataclass(frozen=True, slots=True)
class OptOut:
    """`wording` is what was said, where it has words; `proof` says where it can be found."""

    address: Address
    source: str
    at: datetime
    category: str = EVERYTHING
    wording: str | None = None
    proof: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def place(self) -> tuple[str, str, str]:
        return self.address.hash, self.address.channel, self.category


@dataclass(frozen=True, slots=True)
class OptIn(OptOut):
    """The holder's own later word that takes a refusal back."""


Word = TypeVar("Word", OptOut, OptIn)


def suppress(connection: Connection, told: Iterable[OptOut]) -> list[OptOut]:
    """From this commit on, nothing of these categories goes to these addresses; those that are new.

    It waits for a claim that has one of them: none commits after the refusal is stored. A word
    that changed nothing is kept where it was said in words.
    """
    found = _places(told)
    wait_for(connection, (one.address.hash for one in found.values()))
    rows = _SUPPRESS.run(connection, [_row(one) for one in found.values()])
    new = {tuple(row) for row in rows}
    _log(connection, Said.REFUSED, [o for o in found.values() if o.place in new or o.wording])
    return [one for one in found.values() if one.place in new]


def lift(connection: Connection, told: Iterable[OptIn]) -> list[OptIn]:
    """Take back what its holder refused before, by his own later word; what it has lifted.

    Never what a complaint or somebody else has told of the address.
    """
    return _lifted(connection, _LIFT, told)


def lift_doubt(connection: Connection, told: Iterable[OptIn]) -> list[OptIn]:
    """Take back what stood only until a person had read it; what it has lifted.

    Whoever wrote has not said so himself: his own refusal stays, whenever it came.
    """
    return _lifted(connection, _LIFT_DOUBT, told)


def _lifted(connection: Connection, statement: Update, told: Iterable[OptIn]) -> list[OptIn]:
    found = _places(told)
    wait_for(connection, (one.address.hash for one in found.values()))
    rows = [{**_place(one), "lifted_at": one.at, "lifted_by": one.source} for one in found.values()]
    lifted = {tuple(row) for row in statement.run(connection, rows)}
    done = [one for one in found.values() if one.place in lifted]
    _log(connection, Said.AGREED, done)
    return done


def _places(told: Iterable[Word]) -> dict[tuple[str, str, str], Word]:
    """The weightiest word about each, the first of such: one statement writes no row twice."""
    found: dict[tuple[str, str, str], Word] = {}
    for one in sorted(told, key=_weighs, reverse=True):
        found.setdefault(one.place, one)
    return found


def _weighs(one: OptOut) -> int:
    """As `_weight` says to the database."""
    return (one.source in NOT_HIS_OWN) - (one.source in DOUBTED)


def _log(connection: Connection, said: Said, words: Sequence[OptOut]) -> None:
    rows = [{**_row(one), "said": said, "proof": dict(one.proof)} for one in words]
    _LOG.run(connection, rows)


def _row(one: OptOut) -> Values:
    return {**_place(one), "source": one.source, "wording": one.wording, "at": one.at}


def _place(one: OptOut) -> dict[str, Any]:
    return dict(zip(_PLACE, one.place, strict=True))
