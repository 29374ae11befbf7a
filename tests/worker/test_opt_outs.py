"""Does no claim commit after a provider has told us that the address said stop?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Connection

from tests.worker.sending import PHONE, Post, dana, left, rules, saying, trigger
from tests.worker.small_world import HASHER, rows
from worker.channels.base import Refused
from worker.store.addresses import try_to_hold
from worker.store.engine import make_engine
from worker.store.tables import suppressions

BY_SMS = "[{message: hello, by: [sms]}]"


@pytest.fixture
def post(postgres_database_url: str) -> Iterator[Post]:
    engine = make_engine(postgres_database_url)
    post = Post(engine, rules(trigger(send=BY_SMS)))
    post.told(dana(), left())
    yield post
    engine.dispose()


def by_answer(post: Post) -> Callable[[], object]:
    """The provider refuses the call: its holder has said stop to the provider."""
    letters = post.claim().letters
    post.sms.answer = saying(Refused("21610", opted_out=True))
    return lambda: post.deliver(letters)


def by_receipt(post: Post) -> Callable[[], object]:
    [claimed] = post.claim().letters
    post.deliver([claimed])
    post.receipt(claimed.letter, "undelivered", ErrorCode="21610")
    return post.receive


@pytest.mark.parametrize("way", [by_answer, by_receipt])
def test_an_opt_out_that_a_provider_tells_of_waits_for_the_claim_that_has_the_address(
    post: Post, way: Callable[[Post], Callable[[], object]]
) -> None:
    told = way(post)

    with ThreadPoolExecutor(1) as pool:
        with post.engine.begin() as claim:
            assert try_to_hold(claim, [HASHER.address("sms", PHONE)])
            telling = pool.submit(told)
            waited = waits(claim, telling)
            meanwhile = rows(post.engine, suppressions)
        telling.result()

    assert (waited, meanwhile) == (True, [])
    assert [one.source for one in rows(post.engine, suppressions)] == ["provider 21610"]


def waits(connection: Connection, work: Future[Any]) -> bool:
    """Once the work waits for an address; False when it ends without having waited."""
    asked = (
        "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database"
        " WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()"
    )
    while not work.done():
        if connection.exec_driver_sql(asked).scalar():
            return True
    return False
