"""Does a STOP win over every claim that comes after it, even before anybody has read it?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from sqlalchemy import Engine

from tests.worker.replying import Inbox, address
from tests.worker.sending import PHONE, Post, dana, left, rules, trigger
from tests.worker.small_world import rows
from tests.worker.test_opt_outs import waits
from worker.store.addresses import try_to_hold
from worker.store.engine import make_engine
from worker.store.tables import attempts, inbound, occurrences, suppressions

BY_SMS = "[{message: hello, by: [sms]}]"
WORKERS = 3
TEXTS = 24
MOST_ROUNDS = 200


def waiting(engine: Engine, customers: int = 1) -> Inbox:
    """Customers to each of whom something is due."""
    post = Post(engine, rules(trigger(send=BY_SMS)))
    ids = [f"c{n:02}" for n in range(customers)]
    post.told(*(dana(one, phone=phone(n), email=None) for n, one in enumerate(ids)))
    post.told(*map(left, ids))
    return Inbox(post)


def phone(number: int) -> str:
    return PHONE[:-2] + f"{number:02}"


def test_a_stop_stored_one_commit_before_the_claim_wins(engine: Engine) -> None:
    room = waiting(engine)
    room.writes("STOP", phone=phone(0))

    assert room.post.claim().letters == ()
    [row] = rows(engine, occurrences)
    assert row.state == "pending"

    room.answer()
    assert room.post.claim().letters == ()
    [row] = rows(engine, occurrences)
    assert (row.state, row.reason) == ("skipped", "suppressed")


def test_what_was_no_refusal_leaves_once_it_is_read(engine: Engine) -> None:
    room = waiting(engine)
    room.writes("thank you!", phone=phone(0))
    assert room.post.claim().letters == ()

    room.answer()

    assert len(room.post.claim().letters) == 1


def test_whoever_shares_nothing_with_it_waits_for_nobody(engine: Engine) -> None:
    room = waiting(engine, customers=2)
    room.writes("STOP", phone=phone(0))

    assert [one.letter.address for one in room.post.claim().letters] == [phone(1)]


def test_a_text_waits_for_the_claim_that_has_its_address(postgres_database_url: str) -> None:
    engine = make_engine(postgres_database_url)
    room = waiting(engine)

    with ThreadPoolExecutor(1) as pool:
        with engine.begin() as claim:
            assert try_to_hold(claim, [address(phone(0)).hash])
            telling = pool.submit(room.writes, "STOP", phone=phone(0))
            waited = waits(claim, telling)
            meanwhile = rows(engine, inbound)
        telling.result()

    assert (waited, meanwhile) == (True, [])
    engine.dispose()


@pytest.mark.parametrize("readers", [1, 2])
def test_no_claim_commits_after_a_stop_whoever_reads_and_claims_at_once(
    engine: Engine, readers: int
) -> None:
    room = waiting(engine, customers=TEXTS)
    done = Event()
    stored: dict[str, int] = {}

    def stop() -> None:
        for number in range(TEXTS):
            room.writes("STOP", phone=phone(number))
            # what was claimed by now was claimed before; nothing is after
            stored[phone(number)] = len(sent(engine, phone(number)))
        done.set()

    def claim_on(owner: int) -> None:
        worker = Post(engine, room.post.configuration, owner=f"{owner:032}")
        while not done.is_set():
            worker.claim(limit=2)

    def read_on() -> None:
        while not done.is_set():
            room.answer(limit=3)

    with ThreadPoolExecutor(WORKERS + readers + 1) as pool:
        work = [pool.submit(claim_on, n) for n in range(WORKERS)]
        work += [pool.submit(read_on) for _ in range(readers)]
        work.append(pool.submit(stop))
        for one in work:
            one.result()
    for _ in range(MOST_ROUNDS):
        room.answer()
        room.post.claim()
        if "pending" not in {one.state for one in rows(engine, occurrences)}:
            break

    assert {one: len(sent(engine, one)) for one in stored} == stored
    assert len(rows(engine, suppressions)) == TEXTS
    assert {one.state for one in rows(engine, occurrences)} <= {"messaged", "skipped"}


def sent(engine: Engine, to: str) -> list[str]:
    return [one.message_id for one in rows(engine, attempts) if one.address == to]
