"""Is what a claim decides on what the facts say at that very moment, and not a moment before?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert, update
from sqlalchemy import event as hooks

from tests.worker.sending import HOUR, MINUTE, Post, dana, left, rules, saying, trigger
from tests.worker.small_world import HASHER, NOON, event, rows
from triggers.facts import TriggerKey
from worker.channels.base import Accepted, TryLater
from worker.store.engine import in_transaction, make_engine
from worker.store.tables import events, messages, occurrences, spent, trigger_births

KEY = TriggerKey("hi", "c1", "k")
SESSIONS = trigger(wait="10m", again="restart")


def ready(engine: Engine, *triggers: str) -> Post:
    post = Post(engine, rules(*triggers))
    post.told(dana(), left())
    return post


def change(engine: Engine, *statements: Any) -> None:
    in_transaction(engine, lambda connection: [connection.execute(one) for one in statements])


def two_sessions(engine: Engine) -> Post:
    """Two visits to one cart, an hour apart, both waiting."""
    post = ready(engine, SESSIONS)
    post.told(event("cart.left", "again", cart="k", after=HOUR))
    assert len(rows(engine, occurrences)) == 2
    return post


def test_an_epoch_of_an_erased_person_is_known_by_its_hash(engine: Engine) -> None:
    post = ready(engine)
    erased = {"key_hash": HASHER.key(KEY), "epoch_hash": HASHER.epoch(KEY, "once")}
    terms = {"trigger": "hi", "start_time": NOON - HOUR, "spent_at": NOON}
    change(engine, insert(spent).values(**erased, **terms))

    assert post.claim().letters == ()
    assert post.occurrence.state == "called_off"


def test_what_waits_beside_an_erased_epoch_has_not_moved_to_another_erased_one(
    engine: Engine,
) -> None:
    post = two_sessions(engine)
    terms = {"trigger": "hi", "start_time": NOON - HOUR, "spent_at": NOON}
    for one in rows(engine, occurrences):
        hashes = {"key_hash": HASHER.key(KEY), "epoch_hash": HASHER.epoch(KEY, one.epoch)}
        change(engine, insert(spent).values(**hashes, **terms))

    assert post.claim(NOON + 2 * HOUR).letters == ()

    reasons = [(one.state, one.reason) for one in rows(engine, occurrences)]
    assert reasons == [("called_off", "disarmed")] * 2


def test_a_trigger_does_not_see_what_came_before_it_was_born(engine: Engine) -> None:
    post = ready(engine)
    change(engine, insert(trigger_births).values(trigger="hi", born_at=NOON + MINUTE))

    assert post.claim().letters == ()
    assert post.occurrence.state == "called_off"


def test_what_the_batch_has_spent_is_spent_for_the_rest_of_it(engine: Engine) -> None:
    """The earlier session was put off; the later one, claimed first, is that one (rule 3)."""
    post = two_sessions(engine)
    first = update(occurrences).where(occurrences.c.start_id == "left-c1-k")
    change(engine, first.values(due=NOON + 2 * HOUR))

    assert len(post.claim(NOON + 2 * HOUR).letters) == 1

    found = {one.start_id: one.state for one in rows(engine, occurrences)}
    assert found == {"again": "messaged", "left-c1-k": "called_off"}


def test_a_retry_is_not_called_off_by_what_was_spent_after_it(engine: Engine) -> None:
    post = two_sessions(engine)
    post.sms.answer = saying(TryLater("20429", after=3 * HOUR))
    post.send(NOON + HOUR)
    post.sms.answer = lambda letter: Accepted("ref")
    post.send(NOON + 2 * HOUR)

    post.send(NOON + 5 * HOUR)

    assert [one.state for one in rows(engine, messages)] == ["accepted", "accepted"]


@pytest.fixture
def postgres(postgres_database_url: str) -> Iterator[Engine]:
    """Where others may write between two statements of ours."""
    engine = make_engine(postgres_database_url)
    yield engine
    engine.dispose()


def unread(connection: Connection) -> None:
    row = {
        "source": "shop", "id": "paid", "type": "cart.paid", "time": NOON, "received_at": NOON,
        "customer_id": "c1", "data": {}, "hops": 0, "history": False, "writes_customer": False,
        "door": "test", "state": "new", "tries": 0,
    }  # fmt: skip
    connection.execute(insert(events).values(**row))


def called_off(connection: Connection) -> None:
    connection.execute(update(occurrences).values(state="called_off"))


def put_off(connection: Connection) -> None:
    connection.execute(update(occurrences).values(due=NOON + HOUR))


@pytest.mark.parametrize("meanwhile", [unread, called_off, put_off])
def test_what_was_written_until_the_customer_is_held_counts(
    postgres: Engine, meanwhile: Callable[[Connection], None]
) -> None:
    post = ready(postgres)
    writing_before(postgres, "SELECT customers.id", meanwhile)

    assert post.claim().letters == ()
    assert rows(postgres, messages) == []


def sent_by_another(connection: Connection) -> None:
    connection.execute(update(messages).values(state="sending"))


def due_later(connection: Connection) -> None:
    connection.execute(update(messages).values(due=NOON + 2 * HOUR))


@pytest.mark.parametrize("meanwhile", [unread, sent_by_another, due_later])
def test_the_same_is_true_of_a_retry(
    postgres: Engine, meanwhile: Callable[[Connection], None]
) -> None:
    post = ready(postgres)
    post.sms.answer = saying(TryLater("20429"))
    post.send()
    writing_before(postgres, "SELECT customers.id", meanwhile)

    assert post.claim(NOON + HOUR).letters == ()


def writing_before(engine: Engine, beginning: str, write: Callable[[Connection], None]) -> None:
    """Before a statement of that beginning, somebody else commits something, once."""
    written: list[str] = []

    def hook(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith(beginning) and not written:
            written.append(statement)
            with engine.begin() as other:
                write(other)

    hooks.listen(engine, "before_cursor_execute", hook)
