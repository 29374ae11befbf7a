"""Do letters whose calls share a thread end as all others do?"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from threading import current_thread

import pytest
from sqlalchemy import Engine

from tests.worker.sending import PHONE, Line, Post, dana, left, ready, saying
from tests.worker.small_world import NOON, rows
from tests.worker.texting import letter
from worker.channels.base import Accepted, Letter, Refused, TryLater
from worker.channels.only_to import OnlyTo
from worker.channels.switchboard import Switchboard
from worker.channels.waiting import Aside, alone
from worker.steps.deliver import Delivered, DeliverParts, deliver
from worker.steps.keeping import Keeper
from worker.store.tables import messages


@dataclass
class SharedLine(Line):
    """`threads`: who called."""

    threads: set[str] = field(default_factory=set)

    async def call(self, letter: Letter) -> Accepted:
        self.threads.add(current_thread().name)
        await Aside(str)
        return self.send(letter)


class NoPool(Executor):
    """Nothing of what may share a thread has one of its own: NotImplementedError."""


def together(post: Post, seconds: float = 0.0) -> Delivered:
    letters, board, ended = post.claim().letters, Switchboard(2), list[float]()
    parts = DeliverParts(
        channels=post.channels,
        pool=NoPool(),
        hearing=post.hearing,
        monotonic=lambda: seconds,
        ended=ended.append,
        keeper=Keeper(),
        board=board,
    )
    found = deliver(post.engine, letters, parts, now=NOON)
    board.close()
    assert len(ended) == len(letters)
    return found


def shared(engine: Engine, answer: Callable[[Letter], Accepted]) -> tuple[Post, SharedLine]:
    post = ready(engine)
    line = SharedLine(answer=answer)
    post.sms = line
    return post, line


def test_all_of_a_claim_leave_by_one_thread(engine: Engine) -> None:
    post, line = shared(engine, lambda letter: Accepted("ref"))
    for number in range(5):
        post.told(dana(f"d{number}", phone=f"+97250123460{number}"), left(f"d{number}"))

    found = together(post)

    assert dict(found.attempts) == {"accepted": 6}
    assert {one.state for one in rows(engine, messages)} == {"accepted"}
    assert (len(line.calls), line.threads) == (6, {"switchboard"})


def test_what_would_be_called_too_late_is_given_back(engine: Engine) -> None:
    post, line = shared(engine, lambda letter: Accepted("ref"))

    assert together(post, seconds=5.1).due

    assert (line.calls, post.states) == ([], ("planned", ["given_back"]))


@pytest.mark.parametrize(
    ("error", "states"),
    [
        (ZeroDivisionError(), ("unknown", ["unknown"])),
        (TryLater("20429"), ("planned", ["try_later"])),
        (Refused("30007"), ("planned", ["refused"])),
    ],
)
def test_what_goes_wrong_is_kept_as_ever(
    engine: Engine, error: Exception, states: tuple[str, list[str]]
) -> None:
    post, _ = shared(engine, saying(error))

    together(post)

    assert post.states == states


def test_a_channel_around_another_shares_as_that_one_does_and_lets_nobody_else_pass() -> None:
    line = SharedLine()

    around = OnlyTo(line, [PHONE]).call

    assert around is not None
    assert OnlyTo(Line(), [PHONE]).call is None
    assert alone(around(letter(address=PHONE))) == Accepted("ref-2")
    with pytest.raises(Refused):
        alone(around(letter(address="+972500000000")))
    assert len(line.calls) == 1
