"""Is what nobody is done with kept, however old it is?"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine, Table, update

from tests.worker.sending import PHONE
from tests.worker.small_world import NOON, rows
from tests.worker.test_forget import AGES, DAY, FAR, forgotten, sent
from triggers.keeping import Retention
from worker.store.engine import in_transaction
from worker.store.tables import (
    attempts,
    callbacks,
    events,
    handoffs,
    inbound,
    links,
    messages,
    occurrences,
    receipts,
)


@pytest.mark.parametrize(
    ("changed", "state", "kept"),
    [
        (events, "new", events),
        (events, "set_aside", events),
        (occurrences, "pending", occurrences),
        (attempts, "sending", attempts),
        *((messages, state, attempts) for state in ("sending", "planned", "unknown", "parked")),
        *((messages, state, messages) for state in ("sending", "planned", "unknown", "parked")),
        (handoffs, "open", handoffs),
        (handoffs, "taken", handoffs),
        (receipts, "new", receipts),
        (inbound, "new", inbound),
        (callbacks, "waiting", callbacks),
    ],
)
def test_what_nobody_is_done_with_is_kept_at_any_age(
    engine: Engine, changed: Table, state: str, kept: Table
) -> None:
    post = sent(engine)
    post.store(callbacks, id="0c" * 16, subscription="crm", type="outreach.sent", tries=1,
               due=NOON, body={"subject": PHONE}, state="delivered", created_at=NOON,
               updated_at=NOON)  # fmt: skip
    in_transaction(engine, lambda c: c.execute(update(changed).values(state=state)))
    before = rows(engine, kept)

    forgotten(engine, FAR)

    assert rows(engine, kept) == before != []


def test_a_link_is_kept_while_it_leads_somewhere(engine: Engine) -> None:
    post = sent(engine)
    [message] = rows(engine, messages)
    link: Any = {"message_id": message.id, "name": "pay", "url": "https://x.example"}
    for number, ends in enumerate((5 * DAY, 7 * DAY)):
        post.store(links, token=f"t{number}", created_at=NOON, expires_at=NOON + ends, **link)

    forgotten(engine, 16 * DAY, Retention(texts=10 * DAY))

    assert [one.token for one in rows(engine, links)] == ["t1"]
    forgotten(engine, FAR, AGES)
    assert rows(engine, links) == []
