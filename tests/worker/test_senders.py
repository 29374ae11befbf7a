"""Does a sender that fails rest, is it tried again with care, and does another take over?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine

from tests.worker.senders import FIRST, FRENCH, SECOND, alarms, break_it, crowd, house, line, states
from tests.worker.sending import Post, saying
from tests.worker.small_world import NOON, rows
from worker.breaking import FIRST_REST, LONGEST_REST, MOST_FAILURES, TRIAL
from worker.channels.base import Accepted, ChannelError, Misconfigured, Refused, TryLater, Uncertain
from worker.store.tables import alerts, occurrences, throttles

FAILING = [
    Uncertain("20500"),
    Uncertain("no_answer"),
    TryLater("not_connected", failing=True),
]
WORKING = [
    Refused("30007"),
    TryLater("450 4.2.1", "this recipient's mailbox is busy"),
    TryLater("expired"),
]


@pytest.mark.parametrize("error", FAILING, ids=repr)
def test_a_sender_whose_provider_fails_so_often_rests(engine: Engine, error: ChannelError) -> None:
    post = house(engine)
    post.sms.answer = saying(error)
    crowd(post, MOST_FAILURES - 1)
    post.send()
    assert alarms(post) == []
    crowd(post, 1)
    post.send()

    crowd(post, 3)

    assert post.claim(NOON + FIRST_REST - SECOND).letters == ()
    assert alarms(post) == [("sender_failing", FIRST, True)]
    waiting = [one for one in rows(engine, occurrences) if one.state == "pending"]
    assert {(one.reason, one.due) for one in waiting} == {("breaker", NOON + FIRST_REST)}


@pytest.mark.parametrize("error", WORKING, ids=repr)
def test_what_concerns_one_letter_alone_lets_no_sender_rest(
    engine: Engine, error: ChannelError
) -> None:
    post = house(engine)
    post.sms.answer = saying(error)
    crowd(post, 2 * MOST_FAILURES)
    post.send()

    crowd(post, 1)

    assert len(post.claim().letters) == 1
    assert alarms(post) == []


def test_only_failures_in_a_row_count(engine: Engine) -> None:
    post = house(engine)
    for _ in range(3):
        post.sms.answer = saying(Uncertain("20500"))
        crowd(post, MOST_FAILURES - 1)
        post.send()
        post.sms.answer = lambda _: Accepted("ref")
        crowd(post, 1)
        assert dict(post.send().attempts) == {"accepted": 1}

    assert line(post).failures == 0


def test_after_its_rest_one_letter_tries_it_and_the_others_wait_for_what_it_hears(
    engine: Engine,
) -> None:
    post = house(engine)
    break_it(post)
    crowd(post, 5)
    back = NOON + FIRST_REST

    [trial] = post.claim(back).letters
    other = Post(engine, post.configuration, owner="b" * 32)
    assert other.claim(back + TRIAL - SECOND).letters == ()

    post.sms.answer = lambda _: Accepted("ref")
    post.deliver([trial], back)
    assert alarms(post) == [("sender_failing", FIRST, False)]
    assert len(other.claim(back + TRIAL).letters) == 4


def test_a_trial_that_fails_lets_it_rest_twice_as_long_up_to_a_limit(engine: Engine) -> None:
    post = house(engine)
    break_it(post)
    crowd(post, 12)
    now, rests = NOON + FIRST_REST, []

    for _ in range(6):
        assert dict(post.send(now).attempts) == {"unknown": 1}
        rests.append(line(post).broken_until - now)
        now = line(post).broken_until

    assert rests == [min(FIRST_REST * 2**n, LONGEST_REST) for n in range(1, 7)]


def test_a_trial_that_nobody_hears_of_is_followed_by_another(engine: Engine) -> None:
    post = house(engine)
    break_it(post)
    crowd(post, 3)

    assert len(post.claim(NOON + FIRST_REST).letters) == 1
    assert len(post.claim(NOON + FIRST_REST + TRIAL).letters) == 1


def test_what_was_on_its_way_when_the_rest_began_makes_it_no_longer(engine: Engine) -> None:
    post = house(engine)
    crowd(post, 4 * MOST_FAILURES)
    post.sms.answer = saying(Uncertain("20500"))
    letters = post.claim().letters
    for one in letters:
        post.deliver([one])

    assert line(post).broken_until == NOON + FIRST_REST
    assert [one.times for one in rows(engine, alerts)] == [1]


def test_while_all_is_well_nothing_is_written_of_a_sender(engine: Engine) -> None:
    post = house(engine)
    crowd(post, 3)

    post.send()

    assert [one.name for one in rows(engine, throttles) if one.name.startswith("sender")] == []


def test_a_sender_that_is_too_fast_waits_as_long_as_its_provider_says(engine: Engine) -> None:
    post = house(engine)
    crowd(post, 1)
    post.sms.answer = saying(TryLater("20429", after=7 * SECOND, too_fast=True))
    post.send()
    crowd(post, 3)

    assert post.claim(NOON + 6 * SECOND).letters == ()
    assert len(post.claim(NOON + 7 * SECOND).letters) == 3
    assert alarms(post) == []


def test_our_own_mistake_stops_the_line_at_once_with_an_alarm(engine: Engine) -> None:
    post = house(engine)
    crowd(post, 1)
    post.sms.answer = saying(Misconfigured("20003"))
    post.send()
    crowd(post, 2)

    assert post.claim(NOON + LONGEST_REST - SECOND).letters == ()
    assert alarms(post) == [("sender_broken", FIRST, True)]

    post.sms.answer = lambda _: Accepted("ref")
    now = NOON + LONGEST_REST
    assert dict(post.send(now).attempts) == {"accepted": 1}
    assert alarms(post) == [("sender_broken", FIRST, False)]
    assert dict(post.send(now + TRIAL).attempts) == {"accepted": 2}
    assert states(post) == {"accepted": 3}


def test_a_country_we_may_not_write_to_stops_no_other(engine: Engine) -> None:
    post = house(engine, more="sms: {countries: [IL, FR]}\n")
    crowd(post, 1, phone=FRENCH)
    post.sms.answer = saying(Misconfigured("21408", this_country=True))
    post.send()
    assert alarms(post) == [("sender_broken", f"{FIRST} to FR", True)]

    post.sms.answer = lambda _: Accepted("ref")
    crowd(post, 2, phone=FRENCH)
    crowd(post, 2)

    assert dict(post.send().attempts) == {"accepted": 2}
    assert [one.address[:4] for one in post.sms.calls] == ["+336", "+972", "+972"]
    assert dict(post.send(NOON + LONGEST_REST).attempts) == {"accepted": 1}
    assert alarms(post) == [("sender_broken", f"{FIRST} to FR", False)]


def test_many_workers_at_once_try_it_by_one_letter(engine: Engine) -> None:
    post = house(engine)
    break_it(post)
    crowd(post, 12)
    workers = [Post(engine, post.configuration, owner=f"{n:032}") for n in range(4)]

    with ThreadPoolExecutor(len(workers)) as pool:
        claims = [pool.submit(one.claim, NOON + FIRST_REST, 3) for one in workers]
        letters = [letter for one in claims for letter in one.result().letters]

    assert len(letters) == 1
