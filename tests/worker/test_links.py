"""Does a message carry short links of its own, and are they written with its claim?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from tests.worker.sending import (
    POLICY,
    SHORTENER,
    Post,
    counted,
    dana,
    left,
    rules,
    saying,
    trigger,
)
from tests.worker.small_world import NOON, rows
from worker.channels.base import Refused
from worker.store.tables import links
from worker.tokens import sign_link

LINKS = """
links:
  cart: https://shop.example/carts/{event.data.cart}?c={customer.id}
  help: {url: "https://shop.example/help", track: false}
  soon: {url: "https://shop.example/soon", expires: 2d}
surveys:
  asked: {open: 3d}
"""
SHORT = "https://reach.bank.example/l/"
ASKS = trigger(send="[{survey: asked, by: [sms, email]}]")
TEXTS = {
    "templates/hello/sms.en.txt": "Your cart: {{ links.cart }} or {{ links.help }}",
    "templates/hello/sms.he.txt": "העגלה שלך: {{ links.cart }}",
    "templates/hello/email.en.txt": "Your cart: {{ links.cart }} {{ links.soon }}",
    "templates/hello/email.en.html": '<a href="{{ links.cart }}">Your cart</a> {{ links.soon }}',
}
ASKED = {
    "templates/asked/sms.en.txt": "How was it? Answer 1 to 5, or {{ links.answer }}",
    "templates/asked/email.en.txt": "How was it? 1 to 5.",
    "templates/asked/email.en.subject.txt": "How was it?",
}


def post(engine: Engine, *triggers: str, **profile: object) -> Post:
    made = Post(engine, rules(*triggers, policy=POLICY + LINKS, **TEXTS, **ASKED))
    made.told(dana(**profile), left(cart="k/1 &"))
    return made


def test_a_tracked_link_leaves_as_a_short_one_and_leads_where_it_was_written(
    engine: Engine,
) -> None:
    room = post(engine)

    [letter] = room.claim().letters

    [link] = rows(engine, links)
    assert letter.letter.text == (f"Your cart: {SHORT}{link.token} or https://shop.example/help")
    assert link.url == "https://shop.example/carts/k%2F1%20%26?c=c1"
    assert (link.message_id, link.name) == (letter.letter.message_id, "cart")
    assert link.expires_at - link.created_at == timedelta(days=90)
    assert link.created_at == NOON


def test_a_link_that_stands_in_both_parts_of_an_email_is_one_link(engine: Engine) -> None:
    room = post(engine, phone=None)

    [letter] = room.claim().letters

    cart, soon = rows(engine, links, "name")
    assert (cart.name, soon.name) == ("cart", "soon")
    assert letter.letter.text.count(cart.token) == (letter.letter.html or "").count(cart.token) == 1
    assert soon.expires_at - soon.created_at == timedelta(days=2)


def test_the_next_channel_carries_the_same_links_with_what_is_known_now(engine: Engine) -> None:
    room = post(engine)
    room.sms.answer = saying(Refused("30003", bad_address=True))
    room.send()
    [before] = rows(engine, links)

    [letter] = room.claim(NOON + timedelta(minutes=1)).letters

    assert letter.letter.channel == "email"
    assert before.token in letter.letter.text
    after = {row.name: row for row in rows(engine, links)}
    assert sorted(after) == ["cart", "soon"]
    assert after["cart"].expires_at == before.expires_at + timedelta(minutes=1)


def test_a_survey_is_open_whether_or_not_its_text_names_the_place_to_answer(
    engine: Engine,
) -> None:
    room = post(engine, ASKS, phone=None)

    [letter] = room.claim().letters

    [link] = rows(engine, links)
    assert (link.name, link.url) == ("answer", "")
    assert link.expires_at == NOON + timedelta(days=3)
    assert link.token not in letter.letter.text


def test_what_is_not_claimed_makes_no_link(engine: Engine) -> None:
    room = post(engine, trigger(limits="{category: service, mode: shadow}"))

    assert room.claim().letters == ()
    assert rows(engine, links) == []


def test_a_batch_writes_its_links_by_one_statement(engine: Engine) -> None:
    room = Post(engine, rules(policy=POLICY + LINKS, **TEXTS, **ASKED))
    room.told(dana(), left())
    alone = counted(engine, room.claim)
    for number in range(2, 12):
        room.told(dana(f"c{number}", phone=f"+97250123450{number % 10}"), left(f"c{number}"))
    together = counted(engine, room.claim)

    assert len(rows(engine, links)) == 11
    assert together <= alone


@pytest.mark.parametrize("same", ["message", "name", "key"])
def test_a_token_is_of_its_message_its_name_and_its_key(same: str) -> None:
    given = {"key": "k" * 16, "message_id": "m" * 32, "name": "cart"}
    other = {"key": "l" * 16, "message_id": "n" * 32, "name": "help"}

    token = sign_link(**given)

    assert token == sign_link(**given)
    assert len(token) == 12
    field = {"message": "message_id"}.get(same, same)
    assert sign_link(**{**given, field: other[field]}) != token


def test_a_token_is_no_other_signature_of_the_same_key() -> None:
    assert SHORTENER.token("m" * 32, "cart") == sign_link(
        "a key that signs links", "m" * 32, "cart"
    )
