"""What may stand in config/outreach.yaml?"""

from __future__ import annotations

from zoneinfo import available_timezones

from triggers.calendars.places import PLACES
from triggers.definitions import CHANNELS
from triggers.editors.forms import (
    DRAFT,
    Schema,
    budget,
    condition,
    duration,
    hours,
    items,
    mapping,
    named,
    nights,
    one_of,
    price,
    rate,
    text,
    told,
    wall_time,
    whole,
)
from triggers.reading import (
    categories,
    keeping,
    links,
    policy,
    queues,
    spending,
    surveys,
    watching,
    webhooks,
)


def policy_schema() -> Schema:
    form = mapping(
        policy.KEYS,
        policy.NEEDED,
        brand=told(named(_worded()), "What texts read as {{ brand.name }}."),
        languages=told(items(_language(), unique=True), "The first is the default."),
        timezone=one_of(sorted(available_timezones()), "Of customers who have none."),
        country=one_of(sorted(policy.CODES), "Whose holidays are kept."),
        place=text("Where the Sabbath begins and ends.", *sorted(PLACES)[:3]),
        segments=told(named(condition("Of the customer.")), "What conditions ask as segment.x."),
        categories=told({**named(_category()), "minProperties": 1}, "Kinds of messages."),
        quiet=told(named(_quiet()), "Sets of hours at which nothing leaves."),
        agents=told(named(_queue()), "Queues of people."),
        links=told(named(_link()), "What texts read as {{ links.x }}."),
        surveys=told(named(_survey()), "What surveys ask on their page."),
        fuse=_fuse(),
        spend=_spend(),
        lateness=duration("Older events are refused."),
        grace=duration("So long a timer waits for news on its way."),
        outcome=_outcome(),
        sms=_sms(),
        email=mapping(
            policy.EMAIL_KEYS, rate=rate("Of each sender."), price=price("Of one message.")
        ),
        replies=_replies(),
        currency=_currency(),
        unknown=mapping(CHANNELS, **dict.fromkeys(CHANNELS, one_of(policy.UNHEARD))),
        delivery=mapping(
            policy.DELIVERY_KEYS, unknown_after=duration("So long a receipt is waited for.")
        ),
        retention=mapping(
            keeping.RETENTION_KEYS,
            texts=duration("Words and addresses of messages, calls and answers."),
            events=duration("Payloads, facts and the history of profiles."),
            decisions=duration("With the occurrences that have ended."),
            raw=duration("What providers and strangers sent, as it came."),
        ),
        webhooks=told(named(_webhook()), "Who else is told of our own events."),
        watch=_watch(),
        approval=one_of(policy.REQUIRED, "Another configuration then needs a second person."),
    )
    return {"$schema": DRAFT, "title": "The policy", **form}


def _watch() -> Schema:
    return mapping(
        watching.WATCH_KEYS,
        silence=whole("So many messages were usual: saying nothing is an alarm."),
        runaway=whole("So many times its busiest hour: saying more is an alarm."),
        mute=items(text("A trigger of which neither is told.")),
    )


def _fuse() -> Schema:
    return mapping(
        policy.FUSE_KEYS,
        customer=rate("To one customer, whatever the rest believes."),
        trigger=rate("By one trigger, before it is paused."),
    )


def _spend() -> Schema:
    return mapping(
        spending.SPEND_KEYS,
        total=budget("By all triggers, in the policy's currency."),
        trigger=budget("By one trigger."),
    )


def _outcome() -> Schema:
    return mapping(
        policy.OUTCOME_KEYS,
        event=text("What is to be prevented."),
        within=duration("So long after a message it counts."),
        cost=price("Of one such contact."),
    )


def _replies() -> Schema:
    return mapping(
        queues.REPLY_KEYS,
        queue=text("Who takes what customers write."),
        window=duration("So long a text answers the message before it."),
        help=one_of(queues.HELP, "Who answers it where the provider has not; call by default."),
    )


def _worded() -> Schema:
    """A text, or one for each language."""
    return {"anyOf": [text(), {"type": "object", "additionalProperties": text()}]}


def _language() -> Schema:
    return {"type": "string", "pattern": f"^(?:{policy.LANGUAGE.pattern})$"}


def _currency() -> Schema:
    code = {"type": "string", "pattern": f"^(?:{policy.CURRENCY.pattern})$"}
    return told({**code, "examples": ["ILS", "USD"]}, "Of the prices.")


def _category() -> Schema:
    return mapping(
        categories.KEYS,
        quiet=text("A set of quiet hours, or none.", categories.DEFAULT, categories.NONE),
        consent=one_of(categories.REQUIRED, "Only to who agreed."),
        caps=told(items(rate("")), "To one customer, across triggers."),
        urgent=told({"type": "boolean"}, "Passes quiet hours and caps."),
    )


def _quiet() -> Schema:
    return mapping(
        categories.QUIET_KEYS,
        nights=nights("On the customer's wall clock."),
        days=items({"enum": list(categories.DAYS)}, unique=True),
        resume=wall_time("The earliest for what was held back."),
        spread=duration("Over so long it then leaves."),
    )


def _queue() -> Schema:
    return mapping(
        queues.KEYS,
        capacity=rate("So many calls."),
        hours=hours("When they work."),
        open=whole("So many calls may wait for them."),
        overdue=duration("A call that nobody takes may be late by so much of their hours."),
    )


def _link() -> Schema:
    full = mapping(
        links.KEYS,
        ("url",),
        url=text("Placeholders such as {customer.id} stand after the host."),
        track=told({"type": "boolean"}, "Leaves as a short link of ours; true by default."),
        expires=duration("So long the short link leads on; 90d by default."),
    )
    return {"anyOf": [text(), full]}


def _webhook() -> Schema:
    return mapping(
        webhooks.WEBHOOK_KEYS,
        webhooks.WEBHOOK_KEYS,
        url=text("Where events are posted.", "https://crm.bank.example/outreach"),
        events=told(items(text()), "Such as outreach.sent."),
    )


def _survey() -> Schema:
    return mapping(
        surveys.KEYS,
        question=told(_worded(), "What its page asks."),
        scale=told(
            {"type": "string", "pattern": rf"^\s*(?:{surveys.SCALE.pattern})\s*$"}, "1 to 5."
        ),
        open=duration("So long an answer is taken; 14d by default."),
    )


def _sms() -> Schema:
    country = {"type": "string", "pattern": "^[A-Z]{2}$"}
    return mapping(
        policy.SMS_KEYS,
        max_segments=whole("The longest SMS there may be."),
        countries=items(country),
        rate=rate("Of each sender."),
        two_way=told({"type": "boolean"}, "Whoever answers is heard."),
        price=price("Of one segment."),
    )
