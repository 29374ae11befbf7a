"""What if somebody is merged while he is claimed for, read about, and merged by another?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from sqlalchemy import Engine

from tests.worker.operators import in_force
from tests.worker.sending import HOUR, Post, dana, left, trigger
from tests.worker.small_world import HASHER, NOON, event, incoming, publish, rows
from worker.steps.evaluate import evaluate
from worker.steps.merge import Merge, NotMerged, Two
from worker.store.tables import customers, events, messages, occurrences, spent

PAIRS = 8
LATER = NOON + HOUR


def pairs(engine: Engine) -> Post:
    """Everybody has two ids, and left his cart under the old one."""
    post = in_force(engine, trigger())
    for number in range(PAIRS):
        for id_ in (f"old{number}", f"new{number}"):
            post.told(dana(id_, phone=f"+9725012340{number:02}"))
        post.told(left(f"old{number}"))
    return post


def merge(post: Post, old: str, into: str) -> str:
    try:
        Merge(post.engine, post.configuration, HASHER, Two(old, into), by="t", now=NOON).run()
    except NotMerged as no:
        return str(no)
    return "merged"


def together(*works: Any) -> list[Any]:
    """All of them begin at one moment."""
    start = Barrier(len(works))

    def begin(work: Any) -> Any:
        start.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(begin, works))


def test_who_is_claimed_for_while_he_is_merged_gets_one_message(engine: Engine) -> None:
    post = pairs(engine)

    def claim() -> int:
        return sum(len(post.claim(NOON, limit=2).letters) for _ in range(PAIRS))

    def merges() -> list[str]:
        return [merge(post, f"old{number}", f"new{number}") for number in range(PAIRS)]

    together(claim, merges, claim)
    for number in range(PAIRS):
        publish(engine, [incoming(event("cart.left", f"again{number}", customer=f"new{number}",
                                        cart="k"))])  # fmt: skip
    post.read(LATER)
    post.claim(LATER)

    assert sorted(one.customer_id for one in rows(engine, messages)) == [
        f"new{number}" for number in range(PAIRS)
    ]
    assert len(rows(engine, spent)) == PAIRS
    assert {one.state for one in rows(engine, occurrences)} == {"messaged"}


def test_what_comes_in_the_moment_of_the_merge_is_read_as_of_who_is_left(engine: Engine) -> None:
    post = pairs(engine)

    def publishes() -> None:
        for number in range(PAIRS):
            one = event("cart.paid", f"paid{number}", customer=f"old{number}", cart="k")
            publish(engine, [incoming(one)])

    def reads() -> None:
        for _ in range(PAIRS):
            evaluate(engine, post.configuration, HASHER, now=NOON)

    def merges() -> None:
        for number in range(PAIRS):
            merge(post, f"old{number}", f"new{number}")

    together(publishes, merges, reads)
    post.read(LATER)

    paid = [one for one in rows(engine, events) if one.type == "cart.paid"]
    assert {one.state for one in paid} == {"read"}
    assert {one.customer_id for one in paid} == {f"new{number}" for number in range(PAIRS)}


def test_two_who_merge_against_each_other_make_no_circle(engine: Engine) -> None:
    post = pairs(engine)

    for number in range(PAIRS):
        ids = f"old{number}", f"new{number}"
        said = together(lambda ids=ids: merge(post, *ids), lambda ids=ids: merge(post, *ids[::-1]))
        assert sorted(said) == ["merged", "they are one already, the other way round"]

    left_over = [one for one in rows(engine, customers) if one.merged_into is None]
    assert len(left_over) == PAIRS
