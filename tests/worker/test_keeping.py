"""Are the answers of several claims written together, and is none of them lost on the way?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain
from threading import Event

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from tests.worker.sending import Post, dana, left, ready
from tests.worker.small_world import NOON, rows
from worker.channels.base import Accepted, Letter
from worker.lifecycle import AttemptState
from worker.steps.deliver import DeliverParts, deliver
from worker.steps.keeping import RECORD_AGAIN, Keeper, Share
from worker.steps.leases import ClaimedLetter
from worker.steps.outcomes import Answered, Outcome, Written
from worker.store.tables import messages

SOON = 30.0
AWAY = OperationalError("", None, Exception("server closed the connection"))


class Wrong(Exception):
    """What one answer may run into."""


def answered(id_: str) -> Answered:
    letter = Letter(id_, 1, "sms", "+972501234567", "Hello", NOON)
    return Answered(ClaimedLetter(letter, "outbox:sms", "h", "o", "c", 0.0, {}), Accepted("ref"))


@dataclass(slots=True)
class Pen:
    """Writes as it is told, and remembers what it wrote together."""

    before: Callable[[list[str]], None] = lambda _: None
    together: list[list[str]] = field(default_factory=list)

    def write(self, answers: Sequence[Answered]) -> Written:
        ids = [one.message_id for one in answers]
        self.before(ids)
        self.together.append(ids)
        return Written({id_: Outcome(AttemptState.ACCEPTED, due=False) for id_ in ids}, heard=False)


def tell(keeper: Keeper, share: Share, *ids: str) -> None:
    for id_ in ids:
        keeper.expect(share)
        keeper.tell(share, answered(id_))


def test_what_is_told_while_one_writes_the_next_writes_together() -> None:
    keeper, one, other, writing, go_on = Keeper(), Share(), Share(), Event(), Event()

    def wait(ids: list[str]) -> None:
        if ids == ["m1"]:
            writing.set()
            assert go_on.wait(SOON)

    pen = Pen(wait)
    tell(keeper, one, "m1")
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(keeper.keep, one, pen.write)
        assert writing.wait(SOON)
        tell(keeper, one, "m2")
        tell(keeper, other, "m3", "m4")
        second = pool.submit(keeper.keep, other, pen.write)
        go_on.set()
        first.result(SOON)
        second.result(SOON)

    assert pen.together == [["m1"], ["m2", "m3", "m4"]]
    assert (one.attempts[AttemptState.ACCEPTED], other.attempts[AttemptState.ACCEPTED]) == (2, 2)


def test_whoever_has_all_his_answers_does_not_wait_for_the_calls_of_others() -> None:
    keeper, mine, slow, pen = Keeper(), Share(), Share(), Pen()
    keeper.expect(slow)
    tell(keeper, mine, "m1")

    keeper.keep(mine, pen.write)

    assert pen.together == [["m1"]]
    assert slow.left == 1


def test_two_answers_of_one_message_are_written_one_after_the_other() -> None:
    keeper, share, pen = Keeper(), Share(), Pen()
    tell(keeper, share, "m1", "m1", "m2")

    keeper.keep(share, pen.write)

    assert pen.together == [["m1", "m2"], ["m1"]]


def test_a_lost_database_is_waited_for_and_nothing_is_forgotten() -> None:
    failures = iter([AWAY, AWAY])

    def fail(_ids: list[str]) -> None:
        if (error := next(failures, None)) is not None:
            raise error

    keeper, share, pen = Keeper(again=(0.0, 0.0)), Share(), Pen(fail)
    tell(keeper, share, "m1", "m2")

    keeper.keep(share, pen.write)

    assert pen.together == [["m1", "m2"]]


def test_answers_outlast_a_database_that_is_started_again() -> None:
    """Ten seconds: what nobody wrote is unknown, and a mail of which nobody knows is held."""
    assert 10 < sum(RECORD_AGAIN) < 20


def test_of_a_database_that_stays_away_each_claim_hears_in_the_end() -> None:
    def fail(_ids: list[str]) -> None:
        raise AWAY

    keeper, one, other = Keeper(again=(0.0,)), Share(), Share()
    tell(keeper, one, "m1")
    tell(keeper, other, "m2")

    for share in (one, other):
        with pytest.raises(OperationalError):
            keeper.keep(share, Pen(fail).write)
    tell(keeper, one, "m3")
    pen = Pen()
    one.error = None
    keeper.keep(one, pen.write)
    assert pen.together == [["m3"]]


def test_what_is_wrong_with_one_answer_spoils_no_other() -> None:
    def fail(ids: list[str]) -> None:
        if "m2" in ids:
            raise Wrong

    keeper, one, other, pen = Keeper(), Share(), Share(), Pen(fail)
    tell(keeper, one, "m1", "m2", "m3")
    tell(keeper, other, "m4")

    with pytest.raises(Wrong):
        keeper.keep(one, pen.write)
    keeper.keep(other, pen.write)

    assert sorted(chain(*pen.together)) == ["m1", "m3", "m4"]
    assert (one.left, one.attempts[AttemptState.ACCEPTED]) == (0, 2)


def test_claims_that_are_delivered_side_by_side_share_a_transaction(engine: Engine) -> None:
    """The provider answers the first letter of each only when both are on their way."""
    post = ready(engine)
    letters = [post.claim().letters]
    post.told(dana("c2", phone="+972501234568"), left("c2"))
    letters.append(post.claim(NOON + timedelta(seconds=1)).letters)
    both, keeper = Event(), Keeper()

    def answer(_letter: Letter) -> Accepted:
        if len(post.sms.calls) == 2:
            both.set()
        assert both.wait(SOON)
        return Accepted("ref")

    post.sms.answer = answer
    with ThreadPoolExecutor(4) as pool:
        parts = DeliverParts(
            post.channels, pool, post.hearing, monotonic=lambda: 0.0, keeper=keeper
        )
        done = [pool.submit(deliver, engine, some, parts, now=NOON) for some in letters]
        found = [one.result(SOON) for one in done]

    assert [dict(one.attempts) for one in found] == [{"accepted": 1}, {"accepted": 1}]
    assert [one.state for one in rows(engine, messages)] == ["accepted", "accepted"]


def test_nothing_is_written_for_a_claim_without_letters(engine: Engine) -> None:
    assert not Post.deliver(ready(engine), []).attempts
