"""Is what nobody has read seen by a claim, in whichever month it came?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from tests.worker.parting import drop_months
from tests.worker.sending import Post, dana, left, rules
from tests.worker.small_world import NOON
from tests.worker.test_parts import DAY, heard
from worker.store import partitions
from worker.store.engine import in_transaction, make_engine
from worker.store.tables import events


@pytest.fixture
def months(postgres_database_url: str) -> Iterator[Engine]:
    made = make_engine(postgres_database_url)
    in_transaction(made, partial(partitions.make_ahead, now=NOON))
    yield made
    drop_months(made)
    made.dispose()


LONG_AGO = 200 * DAY


@pytest.mark.parametrize("state", ["new", "set_aside"])
def test_what_came_long_ago_and_nobody_has_read_still_holds_its_customer(
    months: Engine, state: str
) -> None:
    """A claim looks into the months only in which anything unread came in: this is one of them."""
    in_transaction(months, partial(partitions.make_ahead, now=NOON - LONG_AGO))
    post = Post(months, rules())
    post.told(dana(), left(), dana("c2"), left("c2"))
    heard(months, NOON - LONG_AGO, state=state)
    # what comes in is never so old: whoever restores a database ends its connections
    months.dispose()

    held = {one.letter.address for one in post.claim(NOON).letters}

    assert len(held) == 1
    in_transaction(months, lambda c: c.execute(sa.update(events).values(state="read")))
    assert len(post.claim(NOON + timedelta(minutes=1)).letters) == 1


def test_what_comes_for_a_customer_between_two_claims_holds_him(months: Engine) -> None:
    """What is known of the months serves for half a minute: it holds what came meanwhile."""
    post = Post(months, rules())
    post.told(dana(), left(), dana("c2"))
    assert len(post.claim(NOON).letters) == 1
    post.told(left("c2"))
    heard(months, NOON, customer_id="c2", state="new")

    assert post.claim(NOON).letters == ()
