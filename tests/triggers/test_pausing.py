"""Does each word pause what was meant, and nothing else?"""

from __future__ import annotations

import pytest

from triggers.configuration import read_configuration
from triggers.pausing import NoScope, read_scope, scopes_of, shown

POLICY = """
languages: [en]
categories: {service: {quiet: none}, survey: {quiet: none}}
"""
TRIGGER = """
trigger: {name}
on: cart.left
send: [{{message: hello, by: [sms]}}]
limits: {{category: service}}
"""
KNOWN = scopes_of(
    read_configuration(
        {
            "config/outreach.yaml": POLICY,
            "config/events/cart.left.yaml": "event: cart.left\ndata: {type: object}\n",
            "config/triggers/survey.yaml": TRIGGER.format(name="survey"),
            "config/triggers/cart.yaml": TRIGGER.format(name="abandoned_cart"),
            "templates/hello/sms.en.txt": "Hello",
        }
    )
)


@pytest.mark.parametrize(
    ("word", "scope"),
    [
        ("all", "*"),
        ("*", "*"),
        ("sms", "channel:sms"),
        ("channel:email", "channel:email"),
        ("service", "category:service"),
        ("abandoned_cart", "trigger:abandoned_cart"),
        ("category:survey", "category:survey"),
        ("trigger:survey", "trigger:survey"),
    ],
)
def test_a_word_names_one_scope(word: str, scope: str) -> None:
    assert read_scope(word, KNOWN) == scope


NAMES = "write abandoned_cart, all, email, service, sms or survey"


@pytest.mark.parametrize(
    ("word", "told"),
    [
        (
            "abandoned_card",
            "there is nothing called 'abandoned_card', did you mean 'abandoned_cart'?",
        ),
        (
            "triger:survey",
            "there is nothing called 'triger:survey', did you mean 'trigger:survey'?",
        ),
        ("whatsapp", f"there is nothing called 'whatsapp': {NAMES}"),
        ("", f"there is nothing called '': {NAMES}"),
        ("survey", "'survey' is more than one thing: write category:survey or trigger:survey"),
    ],
)
def test_a_word_that_names_none_or_two_is_refused(word: str, told: str) -> None:
    with pytest.raises(NoScope) as refused:
        read_scope(word, KNOWN)

    assert str(refused.value) == told


def test_what_is_shown_can_be_said_again() -> None:
    assert {read_scope(shown(scope), KNOWN) for scope in KNOWN} == KNOWN
