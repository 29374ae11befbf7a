"""Are rows of several tables written by one journey, or none of them?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import IntegrityError

from tests.worker.sending import counted
from tests.worker.small_world import NOON
from worker.store.bulk import Insertion
from worker.store.engine import in_transaction, reading
from worker.store.tables import address_marks, house, trigger_births
from worker.store.together import insert_together

HOUSE, BIRTHS, MARKS = Insertion(house), Insertion(trigger_births), Insertion(address_marks)
ROOMS = [{"name": "b", "value": ":rows1"}, {"name": "a", "value": "50 %"}]
BORN = [{"trigger": "late", "born_at": NOON}]
NOBODY: Mapping[str, Any] = {"trigger": "late"}


def write(engine: Engine, *parts: tuple[Insertion, Sequence[Mapping[str, Any]]]) -> None:
    in_transaction(engine, lambda connection: insert_together(connection, parts))


def found(engine: Engine) -> tuple[list[Any], list[Any]]:
    def read(connection: Connection) -> tuple[list[Any], list[Any]]:
        rooms = connection.execute(select(house.c.name, house.c.value).order_by(house.c.name))
        born = connection.execute(select(trigger_births.c.trigger, trigger_births.c.born_at))
        return [tuple(one) for one in rooms], [tuple(one) for one in born]

    return reading(engine, read)


def test_rows_of_all_tables_go_in_and_what_is_there_stays(engine: Engine) -> None:
    write(engine, (HOUSE, ROOMS[:1]), (BIRTHS, BORN))

    write(engine, (HOUSE, [*ROOMS, {"name": "c", "value": ""}]), (MARKS, []), (BIRTHS, BORN))

    rooms, born = found(engine)
    assert rooms == [("a", "50 %"), ("b", ":rows1"), ("c", "")]
    assert born == [("late", NOON)]


def test_one_that_cannot_go_in_leaves_none(engine: Engine) -> None:
    with pytest.raises(IntegrityError):
        write(engine, (HOUSE, ROOMS), (BIRTHS, [NOBODY]))

    assert found(engine) == ([], [])


def test_postgresql_is_asked_once(engine: Engine) -> None:
    on_postgres = engine.dialect.name == "postgresql"

    asked = counted(engine, lambda: write(engine, (HOUSE, ROOMS), (MARKS, []), (BIRTHS, BORN)))

    assert asked == (1 if on_postgres else 3), "SQLite's own beginning is one"
