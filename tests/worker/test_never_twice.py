"""Whatever providers answer, receipts say and workers die of: does nobody get a message twice?"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Row

from tests.worker.sending import Post, dana, left, rules
from tests.worker.small_world import NOON, rows
from worker.channels.base import Accepted, Letter, Misconfigured, Refused, TryLater, Uncertain
from worker.lifecycle import AttemptState, MessageState, is_final
from worker.retrying import LEASE
from worker.store.engine import make_engine
from worker.store.tables import attempts, messages, receipts

TWILIO = {"sms": ["twilio:+15005550006"], "email": ["smtp:mail.example:25"]}
ANSWERS = (
    "accepts",
    "takes it in silence",
    "loses it",
    "later",
    "refuses",
    "misconfigured",
    "slow",
)
STEPS = st.one_of(
    st.sampled_from(
        [*ANSWERS, "dies before the call", "dies after the call", "too late", "sweeps"]
    ),
    st.tuples(st.integers(1, 6), st.sampled_from(["queued", "sent", "delivered", "undelivered"])),
)


@dataclass(slots=True)
class Provider:
    """Remembers what it took, and what of it finally failed: the truth that nobody else knows."""

    taken: list[Letter] = field(default_factory=list)
    twice: list[Letter] = field(default_factory=list)
    ended: dict[int, str] = field(default_factory=dict)

    def answers(self, how: str, meanwhile: Callable[[], object]) -> Callable[[Letter], Accepted]:
        errors = {
            "takes it in silence": Uncertain("timeout"),
            "loses it": Uncertain("timeout"),
            "later": TryLater("20429"),
            "refuses": Refused("30007"),
            "misconfigured": Misconfigured("20003"),
        }

        def answer(letter: Letter) -> Accepted:
            if how in {"accepts", "slow", "takes it in silence"}:
                self.take(letter)
            if how == "slow":
                meanwhile()
            if how in errors:
                raise errors[how]
            return Accepted(f"ref-{letter.attempt}")

        return answer

    def take(self, letter: Letter) -> None:
        """Whoever takes one while an earlier one has not failed sends it twice."""
        if any(self.ended.get(one.attempt) != "undelivered" for one in self.taken):
            self.twice.append(letter)
        self.taken.append(letter)


class Story:
    """One message's way, on a clock that the story turns."""

    def __init__(self, post: Post) -> None:
        self.post = post
        self.provider = Provider()
        self.now = NOON

    def live(self, step: str | tuple[int, str]) -> None:
        self.now += timedelta(minutes=20)
        match step:
            case (int(number), str(word)):
                self._hear(number, word)
            case "sweeps":
                self.post.sweep(self.now)
            case "dies before the call":
                self.post.claim(self.now)
            case "dies after the call":
                for one in self.post.claim(self.now).letters:
                    self.provider.take(one.letter)
            case "too late":
                letters = self.post.claim(self.now).letters
                self.post.seconds += 6
                self.post.deliver(letters, self.now)
            case str(how):
                self._call(how)

    def _call(self, how: str) -> None:
        answer = self.provider.answers(how, lambda: self.post.sweep(self.now + LEASE))
        self.post.sms.answer = self.post.email.answer = answer
        self.post.send(self.now)

    def _hear(self, number: int, word: str) -> None:
        """A provider tells of what it has, and never says both ends of one attempt."""
        letter = next((one for one in self.provider.taken if one.attempt == number), None)
        ended = self.provider.ended.get(number)
        if letter is None or (ended and word in {"delivered", "undelivered"} and word != ended):
            return
        if word in {"delivered", "undelivered"}:
            self.provider.ended[number] = word
        known = [(one.message_id, one.attempt, one.status) for one in self.heard()]
        if (letter.message_id, number, word) not in known:
            self.post.receipt(letter, word)
        self.post.receive(self.now)

    def heard(self) -> Sequence[Row[Any]]:
        return rows(self.post.engine, receipts)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(STEPS, min_size=2, max_size=10))
def test_at_most_one_accepted_attempt_has_not_finally_failed(
    sqlite_template: Path, steps: list[str | tuple[int, str]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = shutil.copyfile(sqlite_template, Path(folder) / "outreach.db")
        engine = make_engine(f"sqlite:///{path}")
        post = Post(engine, rules(), senders=TWILIO)
        post.told(dana(), left())
        story = Story(post)

        for step in steps:
            story.live(step)
            assert story.provider.twice == []
            holds_together(post, story.now)
        engine.dispose()


def holds_together(post: Post, now: datetime) -> None:
    """What the rows say of each other, whatever happened."""
    found = rows(post.engine, messages)
    tried = rows(post.engine, attempts, "number")
    assert [one.number for one in tried] == list(range(1, len(tried) + 1))
    for one in found:
        state = MessageState(one.state)
        assert one.attempt == len(tried)
        assert (one.due is not None) == (state is MessageState.PLANNED)
        assert (one.lease_until is not None) == (state is MessageState.SENDING)
        assert one.channel == one.channels[0]
        last = AttemptState(tried[-1].state)
        if state in {MessageState.SENDING, MessageState.UNKNOWN}:
            assert last.value == state.value
        if state in {MessageState.ACCEPTED, MessageState.SENT, MessageState.DELIVERED}:
            assert last.value == state.value
        if state in {MessageState.FAILED, MessageState.EXPIRED}:
            assert last is AttemptState.ACCEPTED or is_final(last)
