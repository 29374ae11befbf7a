"""Does another sender take over what certainly was not sent, each at its own rate?"""

from __future__ import annotations

from sqlalchemy import Engine

from tests.worker.senders import FIRST, SECOND, SPARE, break_it, crowd, house, states
from tests.worker.sending import (
    HOUR,
    MINUTE,
    POLICY,
    Post,
    counted,
    dana,
    left,
    rules,
    saying,
    trigger,
)
from tests.worker.small_world import NOON, rows
from worker.breaking import FIRST_REST, MOST_FAILURES
from worker.channels.base import Accepted, Misconfigured
from worker.store.tables import messages, throttles


def test_a_second_sender_takes_over_what_certainly_was_not_sent(engine: Engine) -> None:
    post = house(engine, spare=True)
    crowd(post, 1)
    post.sms.answer = saying(Misconfigured("20003"))
    post.send()

    assert dict(post.send().attempts) == {"accepted": 1}

    assert [(one.sender, one.state) for one in post.attempts] == [
        (FIRST, "misconfigured"), (SPARE, "accepted"),
    ]  # fmt: skip
    assert [one.attempt for one in post.spare[0].calls] == [2]


def test_a_second_sender_never_takes_what_the_first_may_have_sent(engine: Engine) -> None:
    post = house(engine, spare=True)
    break_it(post)
    crowd(post, 2)

    assert dict(post.send().attempts) == {"accepted": 2}
    post.claim(NOON + HOUR)

    assert states(post) == {"unknown": MOST_FAILURES, "accepted": 2}
    assert len(post.spare[0].calls) == 2
    assert {one.sender for one in post.attempts if one.state == "unknown"} == {FIRST}


def test_the_first_sender_is_taken_again_when_it_has_rested(engine: Engine) -> None:
    post = house(engine, spare=True)
    break_it(post)
    post.sms.answer = lambda _: Accepted("ref")
    crowd(post, 3)
    now = NOON + FIRST_REST

    post.send(now)
    assert (len(post.sms.calls) - MOST_FAILURES, len(post.spare[0].calls)) == (1, 2)
    crowd(post, 3)
    post.send(now + MINUTE)
    assert (len(post.sms.calls) - MOST_FAILURES, len(post.spare[0].calls)) == (4, 2)


def test_where_both_rest_the_first_to_be_back_is_waited_for(engine: Engine) -> None:
    post = house(engine, spare=True)
    break_it(post)
    post.spare[0].answer = saying(Misconfigured("20003"))
    crowd(post, 1)
    post.send()

    assert post.claim().letters == ()

    [waiting] = [one for one in rows(engine, messages) if one.state == "planned"]
    assert (waiting.why, waiting.due) == ("breaker", NOON + FIRST_REST)


def test_each_sender_has_the_rate_for_itself(engine: Engine) -> None:
    post = house(engine, spare=True, more="sms: {rate: 2 per 1s}\n")
    crowd(post, 3)
    assert dict(post.send().attempts) == {"accepted": 2}
    post.store(
        throttles, name=f"sender:{FIRST}x", broken_until=None, why=None, failures=0, breaks=0
    )
    post.senders = {"sms": [SPARE], "email": []}
    crowd(post, 2)

    assert len(post.claim().letters) == 2


def test_mail_has_a_rate_too(engine: Engine) -> None:
    policy = POLICY + "email: {rate: 2 per 1s}\n"
    post = Post(engine, rules(trigger(send="[{message: hello, by: [email]}]"), policy=policy))
    for n in range(3):
        post.told(dana(f"c{n}", email=f"c{n}@mail.example"), left(f"c{n}"))

    assert len(post.claim().letters) == 2
    assert len(post.claim(NOON + SECOND).letters) == 1


def test_a_batch_beside_a_sick_sender_costs_the_same_statements_whatever_its_size(
    engine: Engine,
) -> None:
    post = house(engine, spare=True)
    break_it(post)
    crowd(post, 1)
    one = counted(engine, post.send)
    crowd(post, 20)

    assert counted(engine, post.send) == one
