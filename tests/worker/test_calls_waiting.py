"""Does no trigger ask people for more calls while one that nobody takes is overdue?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from tests.worker.sending import HOUR, PHONE, POLICY, Post, dana, left, rules, trigger
from tests.worker.small_world import NOON, rows
from worker.lifecycle import HandoffState
from worker.steps.calling import Said, settle_call
from worker.store.tables import handoffs, occurrences

LATE = NOON + 4 * HOUR
ASKED_AGAIN = timedelta(minutes=5)
SECOND = timedelta(seconds=1)
CALLS = trigger(send="[{agent: desk, message: hello}]", limits="{category: service, expires: 9d}")


def desk(engine: Engine, words: str) -> Post:
    """A queue of people to whom one call was handed at noon."""
    policy = POLICY.replace('{capacity: 2 per 1h, hours: "sun-thu 08:30 to 17:00"}', words)
    post = Post(engine, rules(CALLS, policy=policy))
    calls(post, "c1", NOON)
    return post


def calls(post: Post, customer: str, now: datetime) -> str:
    """What becomes of one more customer who is to be called now."""
    phone = PHONE[:-1] + customer[-1]
    told = [dana(customer, phone=phone, email=None), left(customer, after=now - NOON)]
    post.told(*told)
    post.claim(now)
    [row] = [one for one in rows(post.engine, occurrences) if one.customer_id == customer]
    return str(row.reason or row.state)


@pytest.mark.parametrize("said", [HandoffState.TAKEN, HandoffState.DONE])
def test_while_a_call_is_overdue_no_trigger_hands_over_another(
    engine: Engine, said: HandoffState
) -> None:
    post = desk(engine, "{overdue: 4h}")

    assert calls(post, "c2", LATE - SECOND) == "handed_over"
    assert calls(post, "c3", LATE) == "pace"

    first = rows(engine, handoffs, "due")[0]
    assert first.due == NOON
    settle_call(engine, first.id, Said(said, "noa"))
    post.claim(LATE + ASKED_AGAIN)
    assert len(rows(engine, handoffs)) == 3


@pytest.mark.parametrize(
    ("now", "found"),
    [
        (datetime(2026, 11, 2, 22, 0, tzinfo=UTC), "handed_over"),
        (datetime(2026, 11, 3, 6, 30, tzinfo=UTC), "handed_over"),
        (datetime(2026, 11, 3, 9, 29, 59, tzinfo=UTC), "handed_over"),
        (datetime(2026, 11, 3, 9, 30, tzinfo=UTC), "pace"),
    ],
)
def test_nobody_is_late_while_nobody_works(engine: Engine, now: datetime, found: str) -> None:
    post = desk(engine, '{overdue: 6h, hours: "sun-thu 08:30 to 17:00"}')

    assert calls(post, "c2", now) == found


def test_a_call_that_is_due_later_is_not_late(engine: Engine) -> None:
    policy = POLICY.replace("capacity: 2 per 1h", "overdue: 1h")
    ahead = CALLS.replace("message: hello", "message: hello, due: 2d")
    post = Post(engine, rules(ahead, policy=policy))
    calls(post, "c1", NOON)

    assert calls(post, "c2", NOON + 24 * HOUR) == "handed_over"
