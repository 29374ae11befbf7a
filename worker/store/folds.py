"""What did the first facts of a key come to, when they were last gone through?

Only a shorter way to what the facts say: a row may go at any time, and the facts are read instead.
Whoever takes facts away, moves them, or adds older ones drops the rows of their customers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import Connection

from triggers.events import Order
from triggers.facts import TriggerKey
from triggers.timelines.folds import Fold
from worker.store.bulk import Deletion, Insertion, Reading
from worker.store.tables import folds


class Folded(NamedTuple):
    """`basis`: a hash of all that it was decided by, beside the facts."""

    basis: str
    fold: Fold


_SAID = ("basis", "until_time", "until_source", "until_id", "told")
_READ = Reading(folds, by=("customer_id", "trigger", "key"))
_WRITE = Insertion(
    folds,
    conflict='(customer_id, "trigger", "key") DO UPDATE SET '
    + ", ".join(f"{name} = excluded.{name}" for name in _SAID),
)
_DROP = Deletion(folds, by=("customer_id",))
_DROP_OF_KEYS = Deletion(folds, by=("customer_id", "trigger", "key"))


def ask_folds(
    connection: Connection, keys: Iterable[TriggerKey]
) -> Callable[[], Mapping[TriggerKey, Folded]]:
    """Of those that have one; asked with what is asked next."""
    asked = _READ.later(connection, map(_key_row, keys))
    return lambda: {
        TriggerKey(row.trigger, row.customer_id, row.key): Folded(
            row.basis, Fold(Order(row.until_time, row.until_source, row.until_id), row.told)
        )
        for row in asked.rows()
    }


def write_folds(connection: Connection, made: Mapping[TriggerKey, Folded]) -> None:
    """Of customers held."""
    _WRITE.run(
        connection,
        [
            {
                **_key_row(key),
                "basis": one.basis,
                "until_time": one.fold.until.time,
                "until_source": one.fold.until.source,
                "until_id": one.fold.until.id,
                "told": one.fold.state,
            }
            for key, one in made.items()
        ],
    )


def drop_folds(connection: Connection, customers: Iterable[str]) -> None:
    """Of customers held, whose facts are other ones than they were."""
    _DROP.run(connection, [{"customer_id": one} for one in sorted(set(customers))])


def drop_folds_of(connection: Connection, keys: Iterable[TriggerKey]) -> None:
    """Of customers held: they say no longer what the facts say."""
    _DROP_OF_KEYS.run(connection, map(_key_row, sorted(keys)))


def _key_row(key: TriggerKey) -> dict[str, str]:
    return {"customer_id": key.customer, "trigger": key.trigger, "key": key.key}
