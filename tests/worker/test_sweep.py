"""Does nothing stay lost: calls nobody came back from, and work whose bell was lost?"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Engine, update

from tests.worker.sending import HOUR, PHONE, Post, dana, left, rules
from tests.worker.small_world import NOON, rows, told
from worker.retrying import LEASE
from worker.steps.sweep import GONE, Swept
from worker.store.engine import in_transaction
from worker.store.outbox import keep_letter
from worker.store.tables import activations, attempts, callbacks, messages, workers
from worker.store.waiting import AHEAD

SECOND = timedelta(seconds=1)
TWILIO = {"sms": ["twilio:+15005550006"]}


def killed(engine: Engine, *, sender: str = TWILIO["sms"][0]) -> Post:
    """A worker claimed a message and never came back."""
    post = Post(engine, rules(), senders={"sms": [sender]})
    post.told(dana(email=None), left())
    post.claim()
    return post


def swept(post: Post, now: datetime = NOON + LEASE, limit: int = 200) -> Swept:
    return post.sweep(now, limit)


def test_a_call_nobody_came_back_from_is_unknown_and_never_sent_again(engine: Engine) -> None:
    post = killed(engine)

    assert swept(post) == Swept(1, ())

    assert (post.message.state, post.message.why) == ("unknown", "lease_ran_out")
    assert [one.state for one in post.attempts] == ["unknown"]
    assert post.claim(NOON + HOUR).letters == ()
    assert swept(post, NOON + HOUR) == Swept(0, ("outreach.reconcile",))


def test_a_lease_that_runs_is_left_alone(engine: Engine) -> None:
    post = killed(engine)

    assert swept(post, NOON + LEASE - SECOND) == Swept(0, ())
    assert post.message.state == "sending"


def test_the_outbox_can_be_asked_and_what_it_has_was_accepted(engine: Engine) -> None:
    post = killed(engine, sender="outbox:sms")
    letter = {"message_id": post.message.id, "attempt": 1, "channel": "sms", "address": PHONE,
              "text": "Hello c1"}  # fmt: skip
    in_transaction(engine, lambda connection: keep_letter(connection, letter))

    assert swept(post) == Swept(0, ())

    assert (post.message.state, post.attempts[0].state) == ("accepted", "accepted")
    assert [one.type for one in post.own_events] == ["outreach.sent"]


def test_what_the_outbox_does_not_have_is_sent_again(engine: Engine) -> None:
    post = killed(engine, sender="outbox:sms")

    assert swept(post) == Swept(0, ("outreach.claim",))

    assert (post.message.state, post.attempts[0].state) == ("planned", "absent")
    post.send(NOON + LEASE)
    assert [one.state for one in post.attempts] == ["absent", "accepted"]


def test_past_its_use_nothing_is_sent_again(engine: Engine) -> None:
    post = killed(engine, sender="outbox:sms")

    swept(post, NOON + timedelta(days=1))

    assert (post.message.state, post.attempts[0].state) == ("expired", "absent")


def test_an_outbox_that_never_answered_is_asked_at_once(engine: Engine) -> None:
    post = killed(engine, sender="outbox:sms")
    swept(post)
    post.claim(NOON + LEASE)
    unheard = update(attempts).where(attempts.c.number == 2).values(state="unknown")
    unknown = update(messages).values(state="unknown", lease_until=None)
    in_transaction(engine, lambda c: (c.execute(unheard), c.execute(unknown)))

    swept(post, NOON + LEASE)

    assert post.message.state == "planned"


def test_what_is_left_rings_its_bell(engine: Engine) -> None:
    post = Post(engine, rules())
    post.told(dana())
    assert swept(post) == Swept(0, ())

    told(engine, left())
    assert swept(post).bells == ("outreach.evaluate",)

    post.read()
    assert swept(post).bells == ("outreach.claim",)

    letters = post.claim().letters
    post.deliver(letters)
    post.receipt(letters[0].letter, "sent")
    assert swept(post).bells == ("outreach.receive",)


def test_what_waits_for_a_system_to_be_told_or_for_rules_to_be_followed_is_rung_for(
    engine: Engine,
) -> None:
    post = Post(engine, rules())
    post.store(
        callbacks, id="c", type="outreach.sent", subscription="crm", body={}, state="waiting",
        tries=0, due=NOON + HOUR, created_at=NOON, updated_at=NOON,
    )  # fmt: skip
    assert swept(post).bells == ("outreach.tell",)

    post.store(activations, bundle=post.configuration.hash, at=NOON, by="test")
    assert swept(post).bells == ("outreach.recompute", "outreach.tell")


def test_a_provider_is_asked_again_when_its_next_look_is_due_and_not_before(
    engine: Engine,
) -> None:
    post = killed(engine)
    swept(post)
    looked = update(messages).values(look_at=NOON + HOUR)
    in_transaction(engine, lambda connection: connection.execute(looked))

    assert swept(post, NOON + HOUR - SECOND).bells == ()
    assert swept(post, NOON + HOUR).bells == ("outreach.reconcile",)


def test_what_is_due_before_the_sweep_after_the_next_is_rung_for_and_nothing_later(
    engine: Engine,
) -> None:
    post = Post(engine, rules())
    post.told(dana(), left())

    assert swept(post, NOON - AHEAD - SECOND).bells == ()
    assert swept(post, NOON - AHEAD).bells == ("outreach.claim",)


def test_processes_long_unheard_of_are_forgotten(engine: Engine) -> None:
    post = Post(engine, rules())
    for name, seen in (("ended", NOON - GONE - SECOND), ("at work", NOON - GONE)):
        post.store(workers, id=name, role="outreach.send", seen_at=seen)

    swept(post, NOON)

    assert [one.id for one in rows(engine, workers)] == ["at work"]


def test_more_lost_calls_than_one_sweep_takes_are_taken_by_the_next(engine: Engine) -> None:
    post = Post(engine, rules(), senders=TWILIO)
    for number in range(3):
        customer = f"c{number}"
        post.told(dana(customer, phone=f"+97250123450{number}"), left(customer))
    post.claim()

    assert swept(post, limit=2) == Swept(2, ("outreach.sweep",))
    assert swept(post, limit=2) == Swept(1, ())
