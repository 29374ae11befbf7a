"""Does each guard of a claim hold by itself, where the others are passed?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, Row, update
from sqlalchemy import event as hooks

from tests.worker.sending import HOUR, OWNER, dana, left, ready, saying, trigger
from tests.worker.small_world import NOON, event, rows, told
from worker.channels.base import TryLater
from worker.store.claims import change_occurrences
from worker.store.engine import in_transaction, make_engine
from worker.store.messages import change_planned, settle
from worker.store.tables import messages, occurrences


@pytest.fixture
def shared(postgres_database_url: str) -> Any:
    """SQLite has one writer: only here can somebody write between two statements of another."""
    made = make_engine(postgres_database_url)
    yield made
    made.dispose()


def meanwhile(engine: Engine, before: str, work: Callable[[], object]) -> None:
    """Once, as a statement that begins so is about to run, somebody else commits `work`."""
    left_to_do = iter([work])

    def interrupt(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith(before) and (todo := next(left_to_do, None)):
            todo()

    hooks.listen(engine, "before_cursor_execute", interrupt)


def plain(row: Row[Any]) -> dict[str, Any]:
    return {str(name): value for name, value in row._mapping.items()}


def write(engine: Engine, table: Any, **values: Any) -> None:
    in_transaction(engine, lambda connection: connection.execute(update(table).values(**values)))


def test_what_was_called_off_without_its_customer_held_does_not_leave(shared: Engine) -> None:
    post = ready(shared)
    meanwhile(shared, "UPDATE occurrences", lambda: write(shared, occurrences, state="called_off"))

    assert post.claim().letters == ()
    assert post.occurrence.state == "called_off"
    assert rows(shared, messages) == []


def test_what_was_called_off_before_its_next_try_does_not_leave(engine: Engine) -> None:
    post = ready(engine)
    post.sms.answer = saying(TryLater("20429"))
    post.send()
    stored = plain(post.message)
    write(engine, messages, state="called_off")

    done = in_transaction(
        engine, lambda c: change_planned(c, [{**stored, "state": "sending", "attempt": 2}])
    )

    assert done == set()
    assert (post.message.state, post.message.attempt) == ("called_off", 1)


def test_an_occurrence_is_decided_on_once(engine: Engine) -> None:
    post = ready(engine)
    row = {**plain(post.occurrence), "state": "skipped"}

    assert in_transaction(engine, lambda c: change_occurrences(c, [row])) == {row["id"]}
    again = {**row, "state": "messaged"}
    assert in_transaction(engine, lambda c: change_occurrences(c, [again])) == set()
    assert post.occurrence.state == "skipped"


@pytest.mark.parametrize(
    "other", [{"lease_owner": "b" * 32}, {"attempt": 2}, {"lease_owner": "b" * 32, "attempt": 2}]
)
def test_an_answer_settles_no_claim_but_its_own(engine: Engine, other: dict[str, Any]) -> None:
    post = ready(engine)
    post.claim()
    mine = {**plain(post.message), "state": "accepted"}
    assert mine["lease_owner"] == OWNER
    write(engine, messages, **other)

    in_transaction(engine, lambda connection: settle(connection, [mine]))

    assert post.message.state == "sending"


def test_an_event_stored_after_the_choice_and_before_the_lock_still_holds_back(
    shared: Engine,
) -> None:
    post = ready(shared, trigger(wait="1m", unless="cart.paid"))
    later = NOON + HOUR
    paid = event("cart.paid", "paid", cart="k")
    # the customers are held by the next statement
    meanwhile(shared, "SELECT customers", lambda: told(shared, paid))

    assert post.claim(later).letters == ()
    assert post.occurrence.state == "pending"
    post.read(later)
    assert post.occurrence.state == "called_off"


@pytest.mark.parametrize("retries", [False, True])
def test_who_waits_for_events_to_be_read_keeps_nobody_else_from_their_turn(
    engine: Engine, retries: bool
) -> None:
    post = ready(engine)
    waiting = ["c1", *(f"w{n}" for n in range(12))]
    for n, one in enumerate(waiting[1:]):
        post.told(dana(one, phone=f"+9725012345{n:02}"), left(one))
    if retries:
        post.sms.answer = saying(TryLater("20429"))
        post.send()
    post.told(dana("z", phone="+972501234577"), left("z", after=HOUR))
    told(engine, *(event("cart.paid", f"paid-{one}", customer=one) for one in waiting))

    [claimed] = post.claim(NOON + HOUR, limit=2).letters

    assert claimed.letter.address == "+972501234577"
