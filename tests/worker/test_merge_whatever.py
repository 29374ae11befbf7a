"""Is there a table in which something stays under the id that is gone?"""

from __future__ import annotations

from sqlalchemy import Engine

from tests.worker.sending import dana
from tests.worker.small_world import HASHER, NOON, rows
from tests.worker.test_erase_whatever import lived
from worker.steps.merge import Merge, Two
from worker.store.tables import metadata


def under(engine: Engine, customer: str) -> set[str]:
    """The tables that have a row of this customer."""
    return {
        table.name
        for table in metadata.sorted_tables
        if "customer_id" in table.columns
        and any(row.customer_id == customer for row in rows(engine, table))
    }


def test_no_table_keeps_anything_under_the_id_that_is_gone(engine: Engine) -> None:
    post = lived(engine).post
    post.told(dana("c2", phone="+972501234568", email=None))
    before = under(engine, "c1")
    assert before >= {
        "answers", "attempts", "customer_history", "decisions", "events", "facts", "handoffs",
        "inbound", "messages", "occurrences",
    }  # fmt: skip

    two = Two("c1", "c2")
    Merge(engine, post.configuration, HASHER, two, by="noa", now=NOON).run()

    assert under(engine, "c1") == set()
    assert under(engine, "c2") >= before
