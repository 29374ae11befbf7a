"""What does config/outreach.yaml say?"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import available_timezones

from holidays.registry import COUNTRIES

from triggers.calendars.places import PLACES, place_named
from triggers.conditions import Condition
from triggers.definitions import CHANNELS, AgentQueue, EmailPolicy, Policy, Rate, SmsPolicy
from triggers.mistakes import meant, quoted
from triggers.nodes import Fields, Node, plain
from triggers.reading.categories import read_categories, read_quiet_sets
from triggers.reading.fields import (
    Form,
    Notes,
    form,
    items,
    named,
    one_of,
    text,
    truth,
    whole,
)
from triggers.reading.keeping import read_retention
from triggers.reading.links import CheckPath, read_links, read_url
from triggers.reading.quantities import pause, price, rate, span
from triggers.reading.queues import read_queues, read_replies
from triggers.reading.spending import read_spend
from triggers.reading.surveys import read_surveys
from triggers.reading.watching import read_watch
from triggers.reading.webhooks import read_webhooks
from triggers.zones import known_zone

KEYS = (
    "brand languages timezone country place segments categories quiet agents links fuse spend"
    " lateness grace outcome sms email replies currency unknown delivery approval surveys"
    " retention webhooks watch"
).split()
UNHEARD = ("hold", "resend")
REQUIRED = ("required",)
NEEDED = ("languages", "categories")
FUSE_KEYS = ("customer", "trigger")
OUTCOME_KEYS = ("event", "within", "cost")
SMS_KEYS = ("max_segments", "countries", "rate", "two_way", "price")
EMAIL_KEYS = ("rate", "price")
DELIVERY_KEYS = ("unknown_after",)
_STANDARD = Policy(languages=(), categories={})
# the registry alone: asking the package for its countries imports every one of them
CODES = frozenset(codes[1] for codes in COUNTRIES.values())
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")
CURRENCY = re.compile(r"[A-Z]{3}")

CompileSegment = Callable[[Node, Notes], Condition | None]


def read_policy(
    node: Node,
    notes: Notes,
    *,
    events: frozenset[str],
    compile_segment: CompileSegment,
    check_path: CheckPath,
) -> Policy | None:
    """The policy; its defaults stand in for whatever was refused."""
    opened = form(node, notes, known=KEYS, required=NEEDED)
    if opened is None:
        return None
    quiet_sets = read_quiet_sets(opened.get("quiet"), notes)
    agents = _agents(opened.get("agents"), notes)
    languages = opened.read("languages", _languages, ())
    links = read_links(opened.get("links"), notes, check_path)
    policy = Policy(
        languages=languages,
        categories=read_categories(opened.get("categories"), notes, quiet_sets),
        brand=opened.read("brand", _brand, {}),
        timezone=opened.read("timezone", _timezone, _STANDARD.timezone),
        country=opened.read("country", _country, _STANDARD.country),
        place=opened.read("place", _place, _STANDARD.place),
        segments=_segments(opened.get("segments"), notes, compile_segment),
        links={name: one.url for name, one in links.items()},
        tracked={name: one.life for name, one in links.items() if one.life is not None},
        surveys=read_surveys(opened.get("surveys"), notes, languages),
        agents=agents,
        replies=read_replies(opened.get("replies"), notes, agents) or _STANDARD.replies,
        lateness=opened.read("lateness", span, _STANDARD.lateness),
        grace=opened.read("grace", pause, _STANDARD.grace),
        sms=opened.read("sms", _sms, _STANDARD.sms),
        email=opened.read("email", _email, _STANDARD.email),
        currency=opened.read("currency", _currency, _STANDARD.currency),
        unknown=opened.read("unknown", _unknown, _STANDARD.unknown),
        delivery_unknown_after=opened.read("delivery", _delivery, _STANDARD.delivery_unknown_after),
        approval_required=opened.maybe("approval", _required) is not None,
    )
    return _measured(policy, opened, events)


def _measured(policy: Policy, opened: Form, events: frozenset[str]) -> Policy:
    """With what is too much, and with what is counted."""
    fuse, outcome = _fuse(opened), _outcome(opened, events)
    spend = read_spend(opened, policy.sms, policy.email)
    return replace(
        policy,
        fuse_customer=fuse[0],
        fuse_trigger=fuse[1],
        outcome_event=outcome[0],
        outcome_within=outcome[1],
        outcome_cost=outcome[2],
        spend_total=spend[0],
        spend_trigger=spend[1],
        retention=read_retention(opened, policy.lateness),
        webhooks=read_webhooks(opened, events),
        watch=read_watch(opened),
    )


def _languages(node: Node, notes: Notes) -> tuple[str, ...] | None:
    found: list[str] = []
    written = items(node, notes) or []
    for item in written:
        code = text(item, notes)
        if code is not None and not LANGUAGE.fullmatch(code):
            notes.wrong(item, f"{quoted(code)} is no language; write he, en or pt-BR")
        elif code in found:
            notes.wrong(item, f"{quoted(code)} stands here twice")
        elif code is not None:
            found.append(code)
    # an incomplete list would make the texts of its missing languages look wrong
    return tuple(found) if len(found) == len(written) else None


def _brand(node: Node, notes: Notes) -> Mapping[str, Any] | None:
    for name, entry in named(node, notes, "the brand's texts"):
        if name == "site":
            read_url(entry.value, notes)
        elif isinstance(entry.value, Fields):
            for one in entry.value.entries.values():
                text(one.value, notes)
        else:
            text(entry.value, notes)
    return plain(node) if isinstance(node, Fields) else None


def _timezone(node: Node, notes: Notes) -> str | None:
    name = text(node, notes)
    if name is None or known_zone(name):
        return name
    hint = meant(name, available_timezones()) or "; write one such as Asia/Jerusalem"
    notes.wrong(node, f"unknown time zone {quoted(name)}{hint}")
    return None


def _country(node: Node, notes: Notes) -> str | None:
    code = text(node, notes)
    if code is None or code in CODES:
        return code
    notes.wrong(node, f"{quoted(code)} is no country with a calendar; write IL or US")
    return None


def _place(node: Node, notes: Notes) -> str | None:
    name = text(node, notes)
    found = place_named(name) if name else None
    if name and found is None:
        notes.wrong(node, f"unknown place {quoted(name)}{meant(name, PLACES)}")
    return found


def _segments(
    node: Node | None, notes: Notes, compile_segment: CompileSegment
) -> Mapping[str, Condition]:
    if node is None:
        return {}
    entries = named(node, notes, "segments")
    compiled = {name: compile_segment(entry.value, notes) for name, entry in entries}
    return {name: condition for name, condition in compiled.items() if condition is not None}


def _agents(node: Node | None, notes: Notes) -> Mapping[str, AgentQueue]:
    return {} if node is None else read_queues(node, notes)


def _fuse(policy: Form) -> tuple[Rate, Rate | None]:
    node = policy.get("fuse")
    opened = form(node, policy.notes, known=FUSE_KEYS) if node else None
    if opened is None:
        return _STANDARD.fuse_customer, None
    return opened.read("customer", rate, _STANDARD.fuse_customer), opened.maybe("trigger", rate)


def _outcome(policy: Form, events: frozenset[str]) -> tuple[str, timedelta, Decimal | None]:
    node = policy.get("outcome")
    standard = _STANDARD.outcome_event, _STANDARD.outcome_within, _STANDARD.outcome_cost
    opened = form(node, policy.notes, known=OUTCOME_KEYS) if node else None
    if opened is None:
        return standard
    event = opened.read("event", text, standard[0])
    if opened.has("event") and event not in events:
        told = f"nothing will be counted: unknown event type {quoted(event)}"
        opened.notes.warn(opened.key("event"), told + meant(event, events))
    return event, opened.read("within", span, standard[1]), opened.maybe("cost", price)


def _sms(node: Node, notes: Notes) -> SmsPolicy | None:
    opened = form(node, notes, known=SMS_KEYS)
    if opened is None:
        return None
    return SmsPolicy(
        max_segments=opened.read("max_segments", whole, SmsPolicy().max_segments),
        countries=frozenset(opened.read("countries", _countries, ())),
        rate=opened.maybe("rate", rate),
        two_way=opened.read("two_way", truth, SmsPolicy().two_way),
        price=opened.maybe("price", price),
    )


def _email(node: Node, notes: Notes) -> EmailPolicy | None:
    opened = form(node, notes, known=EMAIL_KEYS)
    if opened is None:
        return None
    return EmailPolicy(rate=opened.maybe("rate", rate), price=opened.maybe("price", price))


def _currency(node: Node, notes: Notes) -> str | None:
    code = text(node, notes)
    if code is None or CURRENCY.fullmatch(code):
        return code
    notes.wrong(node, f"{quoted(code)} is no currency's code; write ILS or USD")
    return None


def _required(node: Node, notes: Notes) -> str | None:
    return one_of(node, notes, "word", REQUIRED)


def _countries(node: Node, notes: Notes) -> tuple[str, ...]:
    found = []
    for item in items(node, notes) or ():
        code = text(item, notes)
        if code is not None and not (code.isalpha() and code.isupper() and len(code) == 2):
            notes.wrong(item, f"{quoted(code)} is no country; write IL or US")
        elif code is not None:
            found.append(code)
    return tuple(found)


def _unknown(node: Node, notes: Notes) -> Mapping[str, str] | None:
    opened = form(node, notes, known=CHANNELS)
    if opened is None:
        return None
    words = {channel: opened.maybe(channel, _unheard) for channel in opened.node.entries}
    return {channel: word for channel, word in words.items() if word is not None}


def _unheard(node: Node, notes: Notes) -> str | None:
    return one_of(node, notes, "word", UNHEARD)


def _delivery(node: Node, notes: Notes) -> timedelta | None:
    opened = form(node, notes, known=DELIVERY_KEYS)
    return None if opened is None else opened.maybe("unknown_after", span)
