"""Of two messages that said the same to one person's two ids, which may still leave?"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine, update

from tests.worker.operators import use
from tests.worker.sending import left, trigger
from tests.worker.small_world import NOON, rows
from tests.worker.test_merge import merged, two
from worker.lifecycle import MessageState
from worker.steps.answers import RESTORED, UNDECIDED
from worker.store.engine import in_transaction
from worker.store.tables import decisions, messages

ACCEPTED = {"state": "accepted"}
PLANNED = {"state": "planned", "due": NOON}
UNKNOWN = {"state": "unknown"}


def parked(why: str) -> dict[str, Any]:
    return {"state": "parked", "why": why}


@pytest.fixture(autouse=True)
def settings(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, database_url)


@pytest.mark.parametrize(
    ("waits", "other", "after"),
    [
        (PLANNED, ACCEPTED, "called_off"),
        (PLANNED, UNKNOWN, "called_off"),
        (PLANNED, parked(UNDECIDED), "called_off"),
        (parked("missing"), ACCEPTED, "called_off"),
        # nobody knows whether it left: only somebody who looks may say
        (UNKNOWN, ACCEPTED, "unknown"),
        (parked(UNDECIDED), ACCEPTED, "parked"),
        (parked(RESTORED), ACCEPTED, "parked"),
        # the other one reached nobody
        *((PLANNED, {"state": state}, "planned") for state in ("failed", "expired", "called_off")),
    ],
)
def test_what_certainly_has_not_left_leaves_only_where_the_other_never_did(
    engine: Engine, waits: dict[str, Any], other: dict[str, Any], after: str
) -> None:
    post = two(engine, trigger())
    post.told(left("c1"), left("c2"))
    post.send()
    for customer, now in (("c1", waits), ("c2", other)):
        stands = update(messages).where(messages.c.customer_id == customer).values(**now)
        in_transaction(engine, lambda c, stands=stands: c.execute(stands))
    [one] = [row.id for row in rows(engine, messages) if row.customer_id == "c1"]

    merged(post)

    found = {row.id: row for row in rows(engine, messages)}
    assert found.pop(one).state == after
    assert [row.state for row in found.values()] == [other["state"]]
    told = [row.message_id for row in rows(engine, decisions) if row.reason == "merged"]
    assert told == ([one] if after == MessageState.CALLED_OFF else [])
