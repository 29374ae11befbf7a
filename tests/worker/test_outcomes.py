"""Does the short way to write down what providers took write what the long way does, to the row?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, Table, select, update

from tests.worker.sending import HOUR, MINUTE, Post, dana, left, rules, saying, trigger
from tests.worker.small_world import NOON
from worker.channels.base import Accepted, TryLater
from worker.steps.outcomes import Answered, Written, settle_accepted, settle_answers
from worker.store import tallies
from worker.store.engine import in_transaction
from worker.store.tables import messages, metadata

LATER = NOON + 2 * HOUR
BY_BOTH = trigger(limits="{category: service, expires: 2d}")
FOLLOWED = trigger("after", on="outreach.sent", key="event.data.message_id", wait="1h")
LEFT_OVER = {"why": "of another call", "detail": "20429", "due": NOON, "look_at": NOON}
COUNTED = {"seq", "part"}
"""A row's number goes on after what is undone; in which part a tally is written is chance."""

Settle = Callable[..., Written]
World = Mapping[str, Sequence[str]]


class Undone(Exception):
    """So that the other way finds what this one has found."""


def answered(post: Post) -> list[Answered]:
    """Each taken: three at their second call, one of them by mail, and one at its first."""
    post.told(dana(), left())
    post.told(dana("c2", phone="+972501234568", email=None), left("c2"))
    post.told(dana("c3", phone=None), left("c3"))
    post.sms.answer = post.email.answer = saying(TryLater("20429", after=HOUR))
    post.send(NOON)
    post.told(dana("c4", phone="+972501234569"), left("c4"))
    letters = post.claim(LATER).letters
    assert sorted(one.letter.attempt for one in letters) == [1, 2, 2, 2]
    return [Answered(one, Accepted(f"ref-{one.letter.message_id}")) for one in letters]


def settled(post: Post, answers: Sequence[Answered], settle: Settle) -> tuple[Written, World]:
    found: list[tuple[Written, World]] = []

    def work(connection: Connection) -> None:
        written = settle(connection, answers, post.hearing, LATER + MINUTE)
        tallies.write(connection)
        found.append(
            (written, {one.name: stored(connection, one) for one in metadata.tables.values()})
        )
        raise Undone

    with pytest.raises(Undone):
        in_transaction(post.engine, work)
    return found[-1]


def stored(connection: Connection, table: Table) -> Sequence[str]:
    columns: list[Any] = [one for one in table.columns if one.name not in COUNTED]
    return sorted(str(row) for row in connection.execute(select(*columns)))


def test_what_was_taken_is_written_alike_whether_it_is_read_first_or_not(engine: Engine) -> None:
    post = Post(engine, rules(BY_BOTH, FOLLOWED))
    answers = answered(post)
    in_transaction(engine, lambda c: c.execute(update(messages).values(**LEFT_OVER)))

    short, long = (settled(post, answers, one) for one in (settle_accepted, settle_answers))

    assert short == long
    assert len(short[0].outcomes) == len(answers)
    assert short[0].heard
