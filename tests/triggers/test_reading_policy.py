"""Is the policy read, with a default for all that it leaves out?"""

from __future__ import annotations

from datetime import time, timedelta
from decimal import Decimal

import pytest

from tests.triggers.configurations import bank
from triggers.configuration import read_configuration
from triggers.definitions import (
    AgentQueue,
    Budget,
    Category,
    Nights,
    Policy,
    Quiet,
    Rate,
    SmsPolicy,
    Weekly,
)
from triggers.reading.categories import STANDARD_QUIET
from triggers.replies.meanings import Scale
from triggers.surveys import SurveyPolicy

NEEDED = """\
languages: [en, he]
segments: {senior: customer.age >= 70}
agents: {retention: {}}
"""
DAY = timedelta(days=1)


def read(words: str) -> Policy:
    categories = "" if "categories:" in words else "categories: {service: {}, marketing: {}}\n"
    return read_configuration(bank({"config/outreach.yaml": NEEDED + categories + words})).policy


def test_only_categories_and_languages_are_required() -> None:
    policy = read("")

    assert policy.languages == ("en", "he")
    assert policy.categories["service"] == Category("service", quiet=STANDARD_QUIET)
    assert policy.fuse_customer == Rate(6, timedelta(hours=1))
    assert policy.lateness == 30 * DAY
    assert policy.grace == timedelta(minutes=2)
    assert (policy.outcome_event, policy.outcome_within) == ("support.contacted", 7 * DAY)
    assert policy.outcome_cost is None
    assert policy.sms == SmsPolicy()


@pytest.mark.parametrize(
    ("category", "means"),
    [
        ("{quiet: default}", Category("x", quiet=STANDARD_QUIET)),
        ("{quiet: none}", Category("x")),
        ("{quiet: evenings}", Category("x", quiet=Quiet(Nights(time(18), time(9))))),
        (
            "{quiet: none, consent: required, caps: [2 per 1d, 5 per 7d]}",
            Category("x", None, True, (Rate(2, DAY), Rate(5, 7 * DAY))),
        ),
        ("{urgent: true}", Category("x", urgent=True)),
        ("{urgent: true, quiet: none}", Category("x", urgent=True)),
    ],
)
def test_a_category_says_when_how_often_and_with_whose_consent(
    category: str, means: Category
) -> None:
    quiet = "quiet: {evenings: {nights: 18:00 to 09:00}}\n"

    policy = read(f"categories: {{service: {{}}, x: {category}}}\n{quiet}")

    assert policy.categories["x"] == means


def test_the_category_named_urgent_is_urgent() -> None:
    assert read("categories: {service: {}, urgent: {quiet: none}}").categories["urgent"].urgent


def test_the_default_quiet_hours_may_be_written() -> None:
    policy = read(
        "quiet: {default: {nights: 22:00 to 07:00, days: [sat], resume: 8:00, spread: 5m}}"
    )

    assert policy.categories["service"].quiet == Quiet(
        Nights(time(22), time(7)), frozenset({"sat"}), time(8), timedelta(minutes=5)
    )


def test_the_rest_is_read() -> None:
    policy = read(
        """
brand: {name: {he: בנק לדוגמה, en: Example Bank}, phone: "*5550", site: https://bank.example}
timezone: Asia/Jerusalem
country: IL
place: Tel Aviv
links: {plan: "https://bank.example/p/{event.data.plan_id}?c={customer.id}"}
fuse: {customer: 3 per 2h, trigger: 500 per 1h}
lateness: 14d
grace: 0s
outcome: {event: call.ended, within: 3d, cost: 6.5}
sms: {max_segments: 2, countries: [IL, US], rate: 10 per 1s}
unknown: {sms: hold, email: resend}
delivery: {unknown_after: 36h}
"""
    )

    assert policy.brand["name"] == {"he": "בנק לדוגמה", "en": "Example Bank"}
    assert (policy.timezone, policy.country, policy.place) == ("Asia/Jerusalem", "IL", "tel_aviv")
    assert policy.links == {"plan": "https://bank.example/p/{event.data.plan_id}?c={customer.id}"}
    assert policy.fuse_customer == Rate(3, timedelta(hours=2))
    assert policy.fuse_trigger == Rate(500, timedelta(hours=1))
    assert (policy.lateness, policy.grace) == (14 * DAY, timedelta())
    assert (policy.outcome_event, policy.outcome_within) == ("call.ended", 3 * DAY)
    assert policy.outcome_cost == Decimal("6.5")
    assert policy.sms == SmsPolicy(2, frozenset({"IL", "US"}), Rate(10, timedelta(seconds=1)))
    assert policy.unknown == {"sms": "hold", "email": "resend"}
    assert policy.delivery_unknown_after == timedelta(hours=36)


@pytest.mark.parametrize(
    ("written", "means"),
    [("0.04", "0.04"), ("0", "0"), ("12", "12"), ("0.000001", "0.000001"), ("1e-3", "0.001")],
)
def test_a_price_is_exact(written: str, means: str) -> None:
    policy = read(f"sms: {{price: {written}}}\nemail: {{price: {written}}}\ncurrency: USD\n")

    assert policy.sms.price == policy.email.price == Decimal(means)
    assert policy.currency == "USD"


def test_without_a_price_there_is_none() -> None:
    policy = read("sms: {rate: 1 per 1s}\n")

    assert (policy.sms.price, policy.email.price, policy.currency) == (None, None, "")


def test_queues_of_people_have_a_capacity_and_hours() -> None:
    policy = read_configuration(bank()).policy

    assert policy.agents["retention"] == AgentQueue(
        "retention", Rate(40, DAY), Weekly(frozenset({6, 0, 1, 2, 3}), time(8, 30), time(17))
    )


def test_a_link_leaves_as_a_short_one_unless_the_policy_says_otherwise() -> None:
    policy = read(
        """
links:
  plan: https://bank.example/p
  cart: {url: "https://shop.example/{event.data.plan_id}", expires: 7d}
  site: {url: https://bank.example, track: false}
"""
    )

    assert policy.links["cart"] == "https://shop.example/{event.data.plan_id}"
    assert policy.tracked == {"plan": 90 * DAY, "cart": 7 * DAY}


def test_a_survey_has_a_question_a_scale_and_an_end() -> None:
    policy = read(
        """
surveys:
  visit: {question: {he: איך היה?, en: How was it?}, scale: 0 to 10, open: 3d}
  call: {question: Was it settled?}
  plain: {}
"""
    )

    assert policy.surveys == {
        "visit": SurveyPolicy({"he": "איך היה?", "en": "How was it?"}, Scale(0, 10), 3 * DAY),
        "call": SurveyPolicy("Was it settled?", Scale(1, 5), 14 * DAY),
        "plain": SurveyPolicy(),
    }


def test_a_queue_may_say_how_many_calls_may_wait_and_for_how_long() -> None:
    written = bank()
    desk = "agents:\n  desk: {open: 80, overdue: 4h}"
    more = {"config/outreach.yaml": written["config/outreach.yaml"].replace("agents:", desk, 1)}

    read_it = read_configuration({**written, **more}).policy.agents["desk"]

    assert (read_it.open, read_it.overdue) == (80, timedelta(hours=4))


def test_help_is_answered_by_people_or_by_a_trigger() -> None:
    assert read("").replies.help == "call"
    assert read("replies: {help: trigger}\n").replies.help == "trigger"


def test_segments_are_conditions_on_the_customer() -> None:
    assert read("").segments["senior"].roots == {"customer"}


def test_an_outcome_nobody_publishes_is_a_warning() -> None:
    words = NEEDED + "categories: {service: {}, marketing: {}}\noutcome: {event: call.endd}\n"

    read_it = read_configuration(bank({"config/outreach.yaml": words}))

    assert [str(warning) for warning in read_it.warnings] == [
        "config/outreach.yaml:5:11: warning: nothing will be counted:"
        " unknown event type 'call.endd', did you mean 'call.ended'?"
    ]


def test_what_may_be_spent_is_exact() -> None:
    policy = read("sms: {price: 0.04}\nspend: {total: 500 per 1d, trigger: 99.5 per 12h}\n")

    assert policy.spend_total == Budget(Decimal(500), DAY)
    assert policy.spend_trigger == Budget(Decimal("99.5"), timedelta(hours=12))
    assert str(policy.spend_trigger) == "99.5 per 12h"
