"""What does a customer wish by the page behind the link, and what is that in our own words?"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from triggers.calendars.rules import HOLIDAYS, SHABBAT
from triggers.clock import stamp
from triggers.consents import as_written, consents_of, has_consent, is_refused
from triggers.customers import Consent, Customer
from triggers.definitions import CHANNELS, Category, Policy
from triggers.standing import EVERYTHING

SOURCE = "preference page"
ORDERS: Mapping[str, tuple[str, ...]] = {
    "sms-email": ("sms", "email"),
    "email-sms": ("email", "sms"),
    "sms": ("sms",),
    "email": ("email",),
}
"""By their names in the form: first what is preferred; a channel left out is not used."""
_RESTING = (SHABBAT, HOLIDAYS)


@dataclass(frozen=True, slots=True)
class Wishes:
    """`welcome`: categories that may come to the page's address. The rest is the customer's own.

    `order` is one of ORDERS, empty where none was chosen; `language` likewise.
    """

    welcome: frozenset[str]
    order: str = ""
    language: str = ""
    resting: bool = False
    person: bool = False


@dataclass(frozen=True, slots=True)
class Deeds:
    """What follows: categories refused and agreed to by address, and fields of the profile."""

    refuse: frozenset[str] = frozenset()
    lift: frozenset[str] = frozenset()
    profile: Mapping[str, Any] = field(default_factory=dict)


def offered(policy: Policy) -> tuple[Category, ...]:
    """Those a customer may leave one by one; what is urgent goes with all of it only."""
    return tuple(one for one in policy.categories.values() if not one.urgent)


def wishes_of(
    profile: Mapping[str, Any] | None, policy: Policy, channel: str, refused: Collection[str]
) -> Wishes:
    """How it stands. `refused`: by the address, "*" is everything.

    `profile` None: the address is nobody's alone, so that only its own refusals are known.
    """
    open_still = [one for one in offered(policy) if not {EVERYTHING, one.name} & set(refused)]
    if profile is None:
        return Wishes(frozenset(one.name for one in open_still))
    consents = consents_of(profile)
    welcome = (one.name for one in open_still if agrees(one, consents, channel))
    chosen = profile.get("channels")
    known = tuple(one for one in chosen if one in CHANNELS) if isinstance(chosen, list) else ()
    return Wishes(
        welcome=frozenset(welcome),
        order=next((name for name, order in ORDERS.items() if order == known), ""),
        language=Customer("", profile).text("language") or "",
        resting=_rests(profile.get("quiet"), policy),
        person=profile.get("agent_only") is True,
    )


def agrees(one: Category, consents: tuple[Consent, ...], channel: str) -> bool:
    """Whether the words of a profile let this category come."""
    if one.consent_required:
        return has_consent(consents, one.name, channel)
    return not is_refused(consents, one.name, channel)


def _rests(switches: object, policy: Policy) -> bool:
    """Whether nothing comes on the Sabbath and holidays: by own switches, else by the policy."""
    own = switches if isinstance(switches, Mapping) else {}
    sets = [one.quiet.days if one.quiet else frozenset() for one in offered(policy)]
    everywhere = frozenset.intersection(*sets) if sets else frozenset()
    return all(
        own[day] if isinstance(own.get(day), bool) else day in everywhere for day in _RESTING
    )


def wished(form: Mapping[str, Sequence[str]], policy: Policy, before: Wishes) -> Wishes:
    """What the form says; what it did not show stays as it was."""
    shown = {one.name for one in offered(policy)} & set(form.get("shown", ()))
    welcome = (before.welcome - shown) | (shown & set(form.get("welcome", ())))
    if "own" not in form:
        return Wishes(welcome, before.order, before.language, before.resting, before.person)
    order, language, own = _last(form, "order"), _last(form, "language"), before.language
    spoken = own or policy.languages[0]
    return Wishes(
        welcome=frozenset(welcome),
        order=order if order in ORDERS else before.order,
        # the policy's first is what a customer without a word of his own is shown
        language=language if language in policy.languages and language != spoken else own,
        resting="resting" in form,
        person="person" in form,
    )


def _last(form: Mapping[str, Sequence[str]], name: str) -> str:
    return next(reversed(form.get(name, ())), "")


def deeds_of(before: Wishes, after: Wishes, policy: Policy, refused: Collection[str]) -> Deeds:
    """What the difference is by the address; agreeing to one thing leaves the others refused."""
    names = {one.name for one in offered(policy)}
    left, joined = before.welcome - after.welcome, after.welcome - before.welcome
    if joined and EVERYTHING in refused:
        return Deeds(refuse=frozenset(names - after.welcome), lift=joined | {EVERYTHING})
    return Deeds(refuse=left, lift=joined)


def own_changes(
    before: Wishes, after: Wishes, profile: Mapping[str, Any], words: tuple[Consent, ...]
) -> dict[str, Any]:
    """What a customer.updated event says; `words`: consents given just now, with their proof."""
    changes: dict[str, Any] = {}
    if after.order != before.order:
        changes["channels"] = list(ORDERS[after.order])
    if after.language != before.language:
        changes["language"] = after.language
    if after.resting != before.resting:
        own = profile.get("quiet")
        kept = own if isinstance(own, Mapping) else {}
        changes["quiet"] = {**kept, **dict.fromkeys(_RESTING, after.resting)}
    if after.person != before.person:
        changes["agent_only"] = after.person
    if words:
        changes["consent"] = as_written([*_others(profile, words), *words])
    return changes


def _others(profile: Mapping[str, Any], words: tuple[Consent, ...]) -> list[Consent]:
    """What was agreed to before, but for what the new words say again.

    Refusals stay by themselves, each with its own time: said again here they would be of today.
    """
    new = {(one.category, one.channel) for one in words}
    said = consents_of(profile)
    return [one for one in said if one.given and (one.category, one.channel) not in new]


def agreed(category: str, channel: str, wording: str, now: datetime) -> Consent:
    """A consent with the proof that rule 14 asks for."""
    return Consent(category, True, channel, wording, SOURCE, now)


def as_proof(wording: str, language: str, now: datetime) -> Mapping[str, str]:
    """What is kept beside a word that was said on the page."""
    return {"page": SOURCE, "language": language, "shown": wording, "at": stamp(now)}
