"""Is a message shown as it would leave, with what it costs and what it lacks?"""

from __future__ import annotations

from typing import Any

from tests.triggers.accounts import LATER, POLICY
from tests.triggers.configurations import bank
from triggers.clerk import PLACEHOLDERS
from triggers.configuration import Configuration, read_configuration
from triggers.customers import Customer
from triggers.previewing import Longest, Preview, Written, messages_of, preview, sample_of

TRIGGER = """\
trigger: plan_ending
about: A plan ends soon.
on: plan.updated
send:
  - {when: segment.senior, agent: retention, due: 1d}
  - {message: plan_ending, by: [sms, email]}
limits: {category: service}
"""
HELLO = "Hi {{ customer.city }}, {{ event.data.note }}: {{ event.data.amount | money }}"
STORY = """\
examples:
  - name: a story
    customer: {id: c7, language: en, city: Haifa}
    events:
      - {at: 2026-11-01T09:00+02:00, type: plan.updated, data: {plan_id: p9, note: soon, amount: 5}}
    expect: []
"""


def rules(trigger: str = TRIGGER, **changes: str | None) -> Configuration:
    return read_configuration(
        bank(
            {
                "config/outreach.yaml": POLICY,
                "config/triggers/plan_ending.yaml": trigger,
                "templates/plan_ending/sms.en.txt": HELLO,
                "templates/plan_ending/sms.he.txt": "שלום {{ event.data.plan_id }}",
                **changes,
            }
        )
    )


def shown(configuration: Configuration, *, language: str | None = None, **given: Any) -> Preview:
    trigger = configuration.triggers["plan_ending"]
    sample = sample_of(configuration, trigger, LATER, **given)
    return preview(configuration, "plan_ending", sample, LATER, language=language)


def text(found: Preview, channel: str, language: str) -> Written:
    [one] = [one for one in found.texts if (one.channel, one.language) == (channel, language)]
    return one


def test_all_channels_and_languages_stand_side_by_side() -> None:
    found = shown(rules())

    assert [(one.channel, one.language, one.written_in) for one in found.texts] == [
        ("sms", "en", "en"),
        ("sms", "he", "he"),
        ("email", "en", "en"),
        ("email", "he", "en"),
        ("agent", "en", "en"),
        ("agent", "he", "en"),
    ]
    assert text(found, "email", "he").subject == "Your plan"
    assert text(found, "agent", "en").text == "Your plan ends on 1 December 2026."


def test_an_sms_is_measured_and_priced() -> None:
    found = shown(rules(), data={"plan_id": "p1", "note": "x" * 170, "amount": 7})

    sms, hebrew = text(found, "sms", "en"), text(found, "sms", "he")
    assert (hebrew.encoding, hebrew.characters, hebrew.segments) == ("UCS-2", 7, 1)
    assert (hebrew.cost, found.currency) == ("0.04", "USD")
    assert sms.failed is not None, "a customer without a city has no text"
    assert sms.longest == Longest(64, 1), "long words, in an alphabet that may be Hebrew"


def test_the_trigger_s_own_story_fills_it() -> None:
    found = shown(rules(TRIGGER + STORY))

    one = text(found, "sms", "en")
    assert one.text == "Hi Haifa, soon: $5"
    assert (found.customer, one.missing) == ("c7", ())
    assert found.event["data"]["status"] == "active", "the catalog's example gives the rest"


def test_what_is_missing_is_named_and_what_is_given_wins() -> None:
    customer = Customer("c9", {"city": "Acre"})

    without = text(shown(rules(), customer=customer, data={"plan_id": "p1"}), "sms", "en")
    with_all = text(
        shown(rules(), customer=customer, data={"note": "now", "amount": 1}), "sms", "en"
    )

    assert without.missing == ("event.data.note", "event.data.amount")
    assert without.text is None
    assert without.failed is not None
    assert with_all.text == "Hi Acre, now: $1"


def test_no_price_is_no_cost() -> None:
    policy = POLICY.replace("price: 0.04", "two_way: true").replace(
        "spend: {total: 500 per 1d}\n", ""
    )
    found = shown(rules(**{"config/outreach.yaml": policy}))

    assert {one.cost for one in found.texts} == {None}


def test_a_message_is_measured_with_links_as_long_as_those_it_will_have() -> None:
    way_out = "Hi {{ links.unsubscribe }}"
    found = shown(rules(**{"templates/plan_ending/sms.en.txt": way_out}))

    assert text(found, "sms", "en").text == f"Hi {PLACEHOLDERS.given['unsubscribe']}"


def test_one_language_is_enough() -> None:
    assert {one.language for one in shown(rules(), language="he").texts} == {"he"}


def test_every_message_of_the_configuration_is_known_by_its_triggers() -> None:
    configuration = rules()

    assert {name: [one.name for one in some] for name, some in messages_of(configuration).items()} \
        == {"plan_ending": ["plan_ending"], "hello": ["hello"]}  # fmt: skip
