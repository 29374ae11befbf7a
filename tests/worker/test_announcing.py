"""What do our own triggers hear of us, how often, and how far does a chain of that go?"""

from __future__ import annotations

from sqlalchemy import Engine

from tests.worker.small_world import NOON, rows
from triggers.events import MAX_HOPS
from worker.steps.announcing import Announcement, News, announce, hearing_of
from worker.store.engine import in_transaction
from worker.store.tables import events


def sent(message: str, hops: int) -> Announcement:
    return Announcement(News.SENT, message, "c1", "hi", "k", ("shop", "e1"), hops)


def told(engine: Engine, *news: Announcement) -> None:
    in_transaction(engine, lambda c: announce(c, news, hearing_of(None), now=NOON))


def test_a_chain_of_our_own_events_ends(engine: Engine) -> None:
    told(engine, *(sent(f"m{hops}", hops) for hops in range(MAX_HOPS + 2)))

    assert [one.hops for one in rows(engine, events, "hops")] == list(range(1, MAX_HOPS + 1))


def test_what_became_of_a_message_is_told_once_for_ever(engine: Engine) -> None:
    told(engine, sent("m1", 0))
    told(engine, sent("m1", 0), sent("m2", 0))

    assert [one.id for one in rows(engine, events, "id")] == ["m1:sent", "m2:sent"]
