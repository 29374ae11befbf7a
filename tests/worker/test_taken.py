"""Is what a provider took written only where the message is as its claim has left it?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, Table, select, update

from tests.worker.sending import OWNER, dana, left, ready
from tests.worker.small_world import NOON
from worker.lifecycle import AttemptState, MessageState, Overtaken
from worker.store.engine import in_transaction
from worker.store.tables import attempts, messages
from worker.store.taken import Taking, take

OTHER = "b" * 32


class Undone(Exception):
    """So that the next case finds what the last one has found."""


def moved_meanwhile() -> Iterator[tuple[Table, dict[str, Any]]]:
    """What somebody else may have written of a message, or of its attempt, since its claim."""
    yield messages, {"lease_owner": OTHER}
    yield messages, {"attempt": 2}
    for state in set(MessageState) - {MessageState.SENDING}:
        yield messages, {"state": state}
    yield attempts, {"lease_owner": OTHER}
    yield attempts, {"number": 2}
    yield attempts, {"finished_at": NOON}
    yield attempts, {"provider_ref": "first"}
    for ended in set(AttemptState) - {AttemptState.SENDING}:
        yield attempts, {"state": ended}


def test_what_somebody_has_moved_meanwhile_is_overtaken(engine: Engine) -> None:
    post = ready(engine)
    post.told(dana("c2", phone="+972501234568"), left("c2"))
    takings = [
        Taking(one.letter.message_id, one.letter.attempt, OWNER, "ref")
        for one in post.claim().letters
    ]
    assert len(takings) == 2

    for table, changed in moved_meanwhile():
        assert _is_overtaken(engine, takings, table, changed), (table.name, changed)
    assert not _is_overtaken(engine, takings, messages, {})


def _is_overtaken(
    engine: Engine, takings: Sequence[Taking], table: Table, changed: dict[str, Any]
) -> bool:
    """Where the first of these was so changed."""
    told: list[bool] = []
    id_ = messages.c.id if table is messages else attempts.c.message_id

    def work(connection: Connection) -> None:
        if changed:
            mine = update(table).where(id_ == takings[0].message_id)
            connection.execute(mine.values(**changed))
        try:
            take(connection, takings, NOON)
            told.append(False)
            states = connection.execute(select(messages.c.state)).scalars().all()
            assert set(states) == {"accepted"}
        except Overtaken:
            told.append(True)
        raise Undone

    with pytest.raises(Undone):
        in_transaction(engine, work)
    return told[-1]
