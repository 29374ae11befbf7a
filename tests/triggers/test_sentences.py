"""Does the sentence of a trigger say everything that the trigger does, in both languages?"""

from __future__ import annotations

import re

import pytest

from triggers.configuration import read_configuration
from triggers.sentence_words import WORDS
from triggers.sentences import LANGUAGES, as_text, sentence

FILES = {
    "config/outreach.yaml": "{languages: [en], categories: {service: {quiet: none}},"
    " agents: {retention: {}}}",
    "config/customer.yaml": "{type: object, properties: {age: {type: integer}}}",
    "config/events/cart.left.yaml": """
event: cart.left
about: A cart was left.
data:
  type: object
  properties:
    cart: {type: string}
    total: {type: number}
    ends: {type: string, format: date}
""",
    "config/events/cart.paid.yaml": """
event: cart.paid
about: A cart was paid.
data: {type: object, properties: {cart: {type: string}, basket: {type: string}}}
""",
    "config/events/cart.gone.yaml": """
event: cart.gone
about: A cart is gone.
data: {type: object, properties: {cart: {type: string}}}
""",
    **{f"templates/m/{name}": "Hello." for name in ("sms.en.txt", "email.en.txt", "agent.en.txt",
                                                    "email.en.subject.txt")},
}  # fmt: skip
SEND = "send: [{message: m, by: [sms, email]}]"


def said(words: str, language: str) -> str:
    text = f"trigger: t\non: cart.left\n{words}\nlimits: {{category: service}}\n"
    trigger = read_configuration({**FILES, "config/triggers/t.yaml": text}).triggers["t"]
    return as_text(sentence(trigger, language))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (SEND, "Each time cart.left comes: send m by SMS, or else by email."),
        (
            f"key: event.data.cart\nwhen: event.data.total >= 100\nwait: 1h30m\n"
            f"unless: cart.paid\n{SEND}",
            "When cart.left comes with event.data.total >= 100, once for each event.data.cart,"
            " wait an hour and 30 minutes and, unless cart.paid comes first:"
            " send m by SMS, or else by email.",
        ),
        (
            "key: event.data.cart\nwait: 7d before event.data.ends at 10:00\n"
            "send: [{when: customer.age > 70, agent: retention, message: m, due: 1d},"
            " {message: m, by: [sms]}]",
            "When cart.left comes, once for each event.data.cart,"
            " wait until 7 days before event.data.ends at 10:00:"
            " if customer.age > 70, let a person of retention call within a day;"
            " otherwise send m by SMS.",
        ),
        (
            "key: event.data.cart\ncount: {reach: 3, within: 14d, distinct: event.data.total}\n"
            "wait: until 10:00\nunless: [{event: cart.paid, key: event.data.basket,"
            " when: event.data.cart == 'x'}, cart.gone]\nsend: [{message: m, by: [sms]}]",
            "When cart.left comes, once for each event.data.cart, once 3 of them have come within"
            " 14 days (each event.data.total counts once), wait until 10:00 and, unless cart.paid"
            " (by event.data.basket) (if event.data.cart == 'x') or cart.gone comes first:"
            " send m by SMS.",
        ),
        (
            "key: event.data.cart\nagain: restart\nwait: 2d at 11:00\n"
            "send: [{message: m, by: [email]}]",
            "When cart.left comes, once for each event.data.cart, wait 2 days at 11:00"
            " (a further one starts the wait anew): send m by email.",
        ),
        (
            "key: event.data.cart\ncount: {reach: 500, since: cart.paid, sum: event.data.total}\n"
            "send: [{message: m, by: [sms]}]",
            "When cart.left comes, once for each event.data.cart, once event.data.total adds up"
            " to 500 since cart.paid: send m by SMS.",
        ),
    ],
)
def test_a_trigger_is_told_in_one_sentence(words: str, told: str) -> None:
    assert said(words, "en") == told

    hebrew = said(words, "he")
    names = re.findall(r"(?:event|customer)\.data?[\w.]*|cart\.\w+|retention|\d{2}:\d{2}", told)
    assert [one for one in names if one not in hebrew] == []
    assert re.search("[\u05d0-\u05ea]", hebrew)


def test_both_languages_have_the_same_words_with_the_same_gaps() -> None:
    assert set(WORDS) == set(LANGUAGES)
    english, hebrew = (WORDS[one] for one in LANGUAGES)
    assert english.keys() == hebrew.keys()
    for key, text in english.items():
        if not re.search(r"_[12]$", key):
            gaps = [sorted(re.findall(r"{\w+}", one)) for one in (text, hebrew[key])]
            assert gaps[0] == gaps[1], key


def test_what_somebody_wrote_in_a_file_is_told_apart_from_the_words() -> None:
    trigger = read_configuration(
        {
            **FILES,
            "config/triggers/t.yaml": f"trigger: t\non: cart.left\nkey: event.data.cart\n{SEND}\n"
            "limits: {category: service}\n",
        }
    ).triggers["t"]

    names = [piece.text for piece in sentence(trigger, "he") if piece.name]

    assert names == ["cart.left", "event.data.cart", "m"]
