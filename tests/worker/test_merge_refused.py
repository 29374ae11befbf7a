"""Which merges are refused, who may be in its way, and does it reach what is erased later?"""

from __future__ import annotations

import json

import pytest
from sqlalchemy import Engine

from tests.worker.operators import in_force, on_record, said, told, use
from tests.worker.replying import inbox
from tests.worker.sending import HOUR, PHONE, dana, left, trigger
from tests.worker.small_world import HASHER, NOON, event, incoming, publish, rows
from tests.worker.test_merge import CALLS, LATER, OTHER, late, letters, merged, two
from worker.cli import customers as command
from worker.steps.erase import CONTACT, Erasure
from worker.steps.insisting import HeldByOthers
from worker.steps.merge import NotKnown, NotMerged
from worker.store import customers as people
from worker.store.engine import in_transaction, make_engine
from worker.store.erasure import Whose
from worker.store.tables import (
    customer_history,
    customers,
    events,
    handoffs,
    messages,
    occurrences,
    spent,
)


@pytest.fixture(autouse=True)
def settings(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, database_url)


def erase(engine: Engine, customer: str) -> None:
    whose, later = Whose(customer, ("twilio",)), NOON + HOUR
    Erasure(engine, whose, by="noa", now=later, hasher=HASHER, contact=CONTACT).run()


def test_calls_go_with_it(engine: Engine) -> None:
    post = two(engine, CALLS)
    post.told(event("plan.changed", "p", customer="c1", plan="k"))
    post.claim()

    merged(post)

    assert [(one.customer_id, one.state) for one in rows(engine, handoffs)] == [("c2", "open")]


def test_it_may_be_said_again_and_ids_merged_before_come_along(engine: Engine) -> None:
    post = two(engine, trigger())
    post.told(left("c1"), dana("c3", phone=None))
    post.claim()
    merged(post)
    assert merged(post) == {}

    merged(post, "c2", "c3")
    late(post, event("cart.left", "again", customer="c1", cart="k"))

    assert {one.id: one.merged_into for one in rows(engine, customers)} == {
        "c1": "c3", "c2": "c3", "c3": None,
    }  # fmt: skip
    assert letters(post, NOON + HOUR) == []
    assert len(rows(engine, spent)) == 1


@pytest.mark.parametrize(
    ("old", "into", "why"),
    [
        ("c1", "c1", "same id"),
        ("c2", "c1", "the other way round"),
        ("c3", "c1", "the second is merged"),
        ("c1", "c3", "the first is merged"),
    ],
)
def test_circles_and_chains_are_refused(engine: Engine, old: str, into: str, why: str) -> None:
    post = two(engine, trigger())
    post.told(dana("c3", phone=None))
    merged(post)

    with pytest.raises(NotMerged, match=why):
        merged(post, old, into)


def test_nobody_is_made_known_and_nobody_erased_is_merged(engine: Engine) -> None:
    post = two(engine, trigger())

    for old, into in (("c1", "nobody"), ("nobody", "c1")):
        with pytest.raises(NotKnown):
            merged(post, old, into)
    erase(engine, "c1")
    with pytest.raises(NotMerged, match="erased"):
        merged(post)
    assert {one.id for one in rows(engine, customers)} == {"c1", "c2"}


@pytest.mark.parametrize("asked", ["c1", "c2"])
def test_either_id_forgets_all_of_him(engine: Engine, asked: str) -> None:
    post = two(engine, trigger(), LATER)
    post.told(event("cart.left", "first", customer="c1", cart="golden-cart"))
    post.claim()
    merged(post)
    # read by nobody yet, and written under the old id after the merge
    publish(engine, [incoming(event("cart.left", "second", customer="c1", cart="silver-cart"))])

    erase(engine, asked)

    left_over = str([rows(engine, table) for table in (events, messages, occurrences, customers,
                                                       customer_history)])  # fmt: skip
    assert [w for w in ("golden-cart", "silver-cart", PHONE, OTHER) if w in left_over] == []


def test_who_had_no_address_is_written_to_by_what_the_other_id_knew(engine: Engine) -> None:
    post = in_force(engine, trigger())
    post.told(dana("c1"), dana("c2", phone=None, email=None), left("c2"))
    assert letters(post) == []

    merged(post)

    assert letters(post) == [PHONE]


def test_what_came_before_one_was_erased_is_still_forgotten_once_they_are_one(
    engine: Engine,
) -> None:
    room = inbox(engine, trigger())
    room.writes("STOP, golden-cart", now=NOON)
    erase(engine, "c1")
    again = event("customer.updated", "again", after=2 * HOUR, phone=PHONE)
    late(room.post, again, dana("c2", phone=OTHER, email=None), now=NOON + 2 * HOUR, writes=True)

    merged(room.post, now=NOON + 2 * HOUR)
    room.answer(NOON + 3 * HOUR)

    assert [one.raw for one in room.kept] == [{}]
    assert room.suppressed == [("reply", True)]


def test_whom_somebody_else_holds_is_not_merged(postgres_database_url: str) -> None:
    engine = make_engine(postgres_database_url)
    post = two(engine, trigger())
    for one in ("c1", "c2"):
        with engine.begin() as other:
            people.hold(other, [one], most=1)
            with pytest.raises(HeldByOthers):
                merged(post, looks=1)
    engine.dispose()


def test_who_is_merged_is_held_by_nobody(engine: Engine) -> None:
    post = two(engine, trigger())
    merged(post)

    assert set(in_transaction(engine, lambda c: people.hold(c, ["c1", "c2"], most=2))) == {"c2"}


def test_the_command_shows_first(engine: Engine) -> None:
    post = two(engine, trigger())
    post.told(left("c1"))

    shown = said(command.app, "merge", "c1", "c2")
    assert "nothing is done yet" in shown.output
    assert {one.merged_into for one in rows(engine, customers)} == {None}

    [done] = told(command.app, "merge", "c1", "c2", "--yes", "--by", "noa")
    assert (done["done"], done["rows"]["events"]) == (True, 2)
    assert on_record(engine)[-1][:2] == ("noa", "merge")
    exported = said(command.app, "export", "c1").stdout.splitlines()
    assert {json.loads(line).get("customer_id", "c2") for line in exported} == {"c2"}
