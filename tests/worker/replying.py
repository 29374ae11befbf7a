"""What do people write back in tests, and what has come of it?"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

from tests.worker.sending import PHONE, POLICY, Post, dana, left, rules
from tests.worker.small_world import HASHER, NOON, rows
from worker.channels.twilio_inbound import read_text
from worker.steps.answer import Answered, AnswerParts, answer
from worker.steps.replied import NO_SURVEYS, Surveys
from worker.store.addresses import Address
from worker.store.arrivals import keep_inbound
from worker.store.engine import in_transaction
from worker.store.tables import handoffs, inbound, refusals, suppressions

OURS = "+972559876543"
SENDERS = {"sms": [f"twilio:{OURS}"], "email": ["outbox:email"]}
_numbers = count(1)


def address(phone: str = PHONE) -> Address:
    return Address(HASHER.address("sms", phone), "sms")


@dataclass(slots=True)
class Inbox:
    """A worker that sends by our number, and whoever writes back to it."""

    post: Post
    surveys: Surveys = field(default_factory=lambda: NO_SURVEYS)

    def writes(self, words: str, *, phone: str = PHONE, now: datetime = NOON, **raw: str) -> None:
        """It comes in, and nobody has read it yet."""
        sid = f"SM{next(_numbers):032}"
        form = {"MessageSid": sid, "From": phone, "To": OURS, "Body": words, **raw}
        in_transaction(
            self.post.engine,
            lambda c: keep_inbound(
                c, "twilio", form, ref=form["MessageSid"], sender=address(phone), now=now
            ),
        )

    def answer(self, now: datetime = NOON, **more: Any) -> Answered:
        parts = AnswerParts(self.post.configuration, {"twilio": read_text}, self.surveys)
        return answer(self.post.engine, parts, now=now, **more)

    def says(self, words: str, *, now: datetime = NOON, **more: str) -> Answered:
        self.writes(words, now=now, **more)
        return self.answer(now)

    @property
    def suppressed(self) -> list[tuple[str, bool]]:
        """By which source, and whether it still holds."""
        found = rows(self.post.engine, suppressions, "at", "source")
        return [(one.source, one.lifted_at is None) for one in found]

    @property
    def calls(self) -> list[Any]:
        return list(rows(self.post.engine, handoffs, "created_at", "id"))

    @property
    def kept(self) -> list[Any]:
        return list(rows(self.post.engine, inbound, "seq"))

    @property
    def log(self) -> list[Any]:
        return list(rows(self.post.engine, refusals, "seq"))

    @property
    def told(self) -> list[Any]:
        """What our own triggers could hear of it."""
        kinds = ("outreach.replied", "outreach.opted_out")
        return [one for one in self.post.own_events if one.type in kinds]


def inbox(engine: Any, *triggers: str, policy: str = POLICY, **profile: Any) -> Inbox:
    """Dana has got a message."""
    post = Post(engine, rules(*triggers, policy=policy), senders=SENDERS)
    post.told(dana(**profile), left())
    post.send()
    return Inbox(post)
