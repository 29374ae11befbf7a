"""Is it known who followed a link in an email: its reader, or the gateway that mail came by?"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from tests.worker.sending import POLICY, Post, dana, left, rules, trigger
from tests.worker.small_world import NOON, rows
from worker.steps.announcing import hearing_of
from worker.steps.clicks import TOO_SOON, By, Visit, follow
from worker.store.tables import links

LINKS = "links: {cart: https://shop.example/carts}\n"
TEXT = "Your cart: {{ links.cart }}"
TEXTS = {f"templates/hello/{channel}.en.txt": TEXT for channel in ("sms", "email")}
SOON, LATER = NOON + TOO_SOON - timedelta(milliseconds=1), NOON + TOO_SOON


@pytest.mark.parametrize(
    ("channel", "sent", "at", "by"),
    [
        ("email", True, SOON, By.SCANNER),
        ("email", True, LATER, By.PERSON),
        ("email", False, LATER, By.SCANNER),
        ("sms", True, NOON, By.PERSON),
        ("sms", False, NOON, By.PERSON),
    ],
)
def test_an_email_that_is_opened_before_anybody_could_is_a_gateways(
    engine: Engine, channel: str, sent: bool, at: datetime, by: By
) -> None:
    """Not `sent`: the mail server has taken it, and its answer is still on its way to us."""
    post = Post(engine, rules(trigger(), policy=POLICY + LINKS, **TEXTS))
    post.told(dana(phone=None if channel == "email" else "+972501234567"), left())
    letters = post.claim().letters
    if sent:
        post.deliver(letters)
    [link] = rows(engine, links)

    visit = follow(engine, hearing_of(post.configuration), link.token, scanner=False, now=at)

    assert isinstance(visit, Visit)
    assert visit.by is by
    told = [one.id for one in post.own_events if one.type == "outreach.clicked"]
    assert len(told) == (by is By.PERSON)
