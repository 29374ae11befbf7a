"""Does a letter leave only under its lease, and is its answer kept whatever happens meanwhile?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, update
from sqlalchemy import event as hooks
from sqlalchemy.exc import OperationalError

from tests.worker.sending import (
    HOUR,
    OWNER,
    PHONE,
    POLICY,
    Line,
    Post,
    counted,
    dana,
    left,
    ready,
    rules,
    saying,
    trigger,
)
from tests.worker.small_world import NOON, rows
from worker.channels.base import (
    Accepted,
    ChannelError,
    Letter,
    Misconfigured,
    Refused,
    TryLater,
    Uncertain,
)
from worker.store.engine import in_transaction
from worker.store.tables import attempts, messages, throttles

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
BY_SMS = "[{message: hello, by: [sms]}]"


def test_a_mistake_in_a_channel_leaves_its_letter_unknown_and_the_others_alone(
    engine: Engine,
) -> None:
    post = ready(engine, trigger(send=BY_SMS))
    post.told(dana("c2", phone="+972501234568"), left("c2"))

    def answer(letter: Letter) -> Accepted:
        if letter.address == PHONE:
            raise ZeroDivisionError
        return Accepted("ref")

    post.sms.answer = answer
    post.send()

    found = {one.customer_id: one.state for one in rows(engine, messages)}
    assert found == {"c1": "unknown", "c2": "accepted"}


def test_a_call_that_would_begin_too_late_is_given_back(engine: Engine) -> None:
    post = ready(engine)
    letters = post.claim().letters
    post.seconds = 5.1

    assert post.deliver(letters).due

    assert post.sms.calls == []
    assert post.states == ("planned", ["given_back"])
    assert post.message.due == NOON
    post.send()
    assert post.states == ("accepted", ["given_back", "accepted"])


def test_what_was_given_back_has_taken_no_place(engine: Engine) -> None:
    post = Post(engine, rules(policy=POLICY + "sms: {rate: 1 per 1h}\n"))
    post.told(dana(), left())
    letters = post.claim().letters
    post.seconds = 5.1
    post.deliver(letters)

    assert len(post.claim().letters) == 1


def test_a_call_begins_up_to_five_seconds_after_its_claim(engine: Engine) -> None:
    post = ready(engine)
    letters = post.claim().letters
    post.seconds = 5.0

    post.deliver(letters)

    assert len(post.sms.calls) == 1


@pytest.mark.parametrize(
    ("answer", "states"),
    [
        (lambda letter: Accepted("ref-1"), ("accepted", ["accepted"])),
        (saying(Refused("30007")), ("planned", ["refused"])),
        (saying(TryLater("20429")), ("planned", ["try_later"])),
        (saying(Uncertain("20500")), ("unknown", ["unknown"])),
    ],
)
def test_an_answer_that_comes_after_its_lease_settles_what_was_unknown(
    engine: Engine, answer: Callable[[Letter], Accepted], states: tuple[str, list[str]]
) -> None:
    post = ready(engine)
    letters = post.claim().letters
    lapsed = update(messages).values(state="unknown", why="lease_ran_out")
    gone = update(attempts).values(state="unknown")
    in_transaction(engine, lambda c: (c.execute(lapsed), c.execute(gone)))
    post.sms.answer = answer

    post.deliver(letters)

    assert post.states == states


@pytest.mark.parametrize("settled", ["failed", "delivered"])
def test_a_worker_that_wakes_after_its_lease_overwrites_nothing(
    engine: Engine, settled: str
) -> None:
    """A person or a receipt has settled it meanwhile; what only waits again, it settles itself."""
    post = ready(engine)
    letters = post.claim().letters
    lapsed = update(messages).values(state=settled, why="settled")
    gone = update(attempts).values(state="unknown")
    in_transaction(engine, lambda c: (c.execute(lapsed), c.execute(gone)))

    post.deliver(letters)

    assert post.message.state == settled
    assert post.attempts[0].provider_ref == "ref-1"


@pytest.mark.parametrize("answer", [Line().answer, saying(Refused("30007"))])
@pytest.mark.parametrize("owner", ["b" * 32, OWNER])
def test_an_answer_moves_only_the_claim_it_was_asked_for(
    engine: Engine, owner: str, answer: Callable[[Letter], Accepted]
) -> None:
    """Somebody has claimed it again meanwhile: another worker, or the same one."""
    post = ready(engine)
    letters = post.claim().letters
    again = update(messages).values(lease_owner=owner, attempt=2)
    in_transaction(engine, lambda connection: connection.execute(again))
    post.sms.answer = answer

    post.deliver(letters)

    assert (post.message.state, post.message.attempt) == ("sending", 2)
    assert post.own_events == []


@pytest.mark.parametrize(
    "before", [{"finished_at": NOON - DAY}, {"provider_ref": "first"}, {"state": "absent"}]
)
def test_what_is_known_of_a_call_already_is_kept_beside_its_answer(
    engine: Engine, before: dict[str, Any]
) -> None:
    """Its message is where the claim has left it; somebody has written of its attempt since."""
    post = ready(engine)
    letters = post.claim().letters
    in_transaction(engine, lambda c: c.execute(update(attempts).values(**before)))

    post.deliver(letters)

    assert post.states == ("accepted", ["accepted"])
    known = {"finished_at": NOON, "provider_ref": "ref-1", **before, "state": "accepted"}
    assert {name: getattr(post.attempts[0], name) for name in known} == known
    assert [one.type for one in post.own_events] == ["outreach.sent"]


def test_one_that_was_overtaken_keeps_no_other_from_being_written(engine: Engine) -> None:
    post = ready(engine)
    post.told(dana("c2", phone="+972501234568"), left("c2"))
    letters = post.claim().letters
    mine = messages.c.customer_id == "c1"
    gone = update(messages).where(mine).values(state="failed", why="settled")
    in_transaction(engine, lambda connection: connection.execute(gone))

    delivered = post.deliver(letters)

    found = {one.customer_id: (one.state, one.why) for one in rows(engine, messages)}
    assert found == {"c1": ("failed", "settled"), "c2": ("accepted", None)}
    assert [one.customer_id for one in post.own_events] == ["c2"]
    assert dict(delivered.attempts) == {"accepted": 2}


def test_what_every_provider_took_costs_the_same_few_statements(engine: Engine) -> None:
    post = Post(engine, rules(trigger(send=BY_SMS)))

    def cost(first: int, count: int) -> int:
        for number in range(first, first + count):
            customer = f"c{number}"
            post.told(dana(customer, phone=f"+9725012345{number:02}"), left(customer))
        claimed = post.claim()
        assert len(claimed.letters) == count
        return counted(engine, lambda: post.deliver(claimed.letters))

    assert cost(1, 3) == cost(20, 6) <= 8


def test_no_transaction_is_open_during_the_call(engine: Engine) -> None:
    post = ready(engine)

    def answer(letter: Letter) -> Accepted:
        # whoever held a transaction open would hold SQLite's only pen, or the message's row
        touch = update(messages).values(detail="touched during the call")
        in_transaction(engine, lambda connection: connection.execute(touch))
        return Accepted("ref")

    post.sms.answer = answer
    post.send()

    assert post.states == ("accepted", ["accepted"])


@pytest.mark.parametrize(
    "error", [TryLater("1"), Refused("1"), Misconfigured("1"), Uncertain("1"), ChannelError("1")]
)
def test_a_batch_of_answers_costs_the_same_statements_whatever_its_size(
    engine: Engine, error: ChannelError
) -> None:
    post = Post(engine, rules(trigger(send=BY_SMS)), sms=Line(answer=saying(error)))

    def cost(first: int, count: int) -> int:
        for number in range(first, first + count):
            customer = f"c{number}"
            post.told(dana(customer, phone=f"+9725012345{number:02}"), left(customer))
        put_off = update(messages).values(due=NOON + DAY)
        in_transaction(engine, lambda c: (c.execute(throttles.delete()), c.execute(put_off)))
        claimed = post.claim()
        assert len(claimed.letters) == count
        return counted(engine, lambda: post.deliver(claimed.letters))

    assert cost(1, 6) == cost(20, 12) <= 12


@pytest.mark.parametrize("failures", [1, 2])
def test_an_answer_is_written_down_though_the_database_was_away(
    engine: Engine, failures: int
) -> None:
    post = ready(engine)
    letters = post.claim().letters
    left_to_fail = iter(range(failures))

    def fail(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("UPDATE messages") and next(left_to_fail, None) is not None:
            raise OperationalError(statement, None, Exception("server closed the connection"))

    hooks.listen(engine, "before_cursor_execute", fail)
    try:
        post.deliver(letters)
    finally:
        hooks.remove(engine, "before_cursor_execute", fail)

    assert post.states == ("accepted", ["accepted"])
    assert len(post.sms.calls) == 1


def test_an_answer_is_kept_though_an_earlier_attempt_arrived_after_all(engine: Engine) -> None:
    post = ready(engine)
    post.sms.answer = saying(TryLater("20429"))
    first = post.claim().letters
    post.deliver(first)
    absent = update(attempts).values(state="absent")
    in_transaction(engine, lambda connection: connection.execute(absent))
    second = post.claim(NOON + HOUR).letters
    post.receipt(first[0].letter, "delivered")
    post.receive()
    post.sms.answer = lambda letter: Accepted("ref")

    post.deliver(second)

    assert post.states == ("delivered", ["delivered", "accepted"])


def test_the_time_a_claim_waited_for_its_transaction_is_time_its_letters_have_lost(
    engine: Engine,
) -> None:
    post = ready(engine)

    def wait(_connection: Any) -> None:
        post.seconds = 6.0

    hooks.listen(engine, "begin", wait)
    letters = post.claim().letters
    hooks.remove(engine, "begin", wait)
    post.deliver(letters)

    assert post.sms.calls == []
    assert post.states == ("planned", ["given_back"])
