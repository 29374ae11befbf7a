"""What did the customer agree to, what did he refuse, and which of the two counts?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from triggers.clock import instant, stamp
from triggers.customers import Consent
from triggers.definitions import CHANNELS

EVERY_CATEGORY = "*"
"""The category of `consent: false`, a refusal of everything."""

_PROOF = ("wording", "source", "time")


def consents_of(profile: Mapping[str, Any], spoken: datetime | None = None) -> tuple[Consent, ...]:
    """The words in a profile's `consent`, in whichever of these forms; no other form says anything.

    `{marketing: true}` · `{marketing: {given: true, wording, source, time, channel or channels}}` ·
    `{marketing: {sms: true, email: {given: false}}}` · `[marketing]` ·
    `[{category: marketing, given: false, channel, ...}]` · `false` (everything is refused).
    Words without a time get `spoken`, where that is known, if they are refusals.
    """
    raw = profile.get("consent")
    found: Iterable[Consent] = ()
    if raw is False:
        found = (_word(EVERY_CATEGORY, {"given": False}, None, spoken),)
    elif isinstance(raw, Mapping):
        found = (one for name, said in raw.items() for one in _about(str(name), said, spoken))
    elif isinstance(raw, list):
        found = (one for item in raw for one in _item(item, spoken))
    return tuple(found)


def _item(item: object, spoken: datetime | None) -> Iterator[Consent]:
    if isinstance(item, str):
        yield from _about(item, True, spoken)
    elif isinstance(item, Mapping) and isinstance(item.get("category"), str):
        yield from _about(item["category"], item, spoken)


def _about(category: str, said: object, spoken: datetime | None) -> Iterator[Consent]:
    if isinstance(said, bool):
        yield _word(category, {"given": said}, None, spoken)
    elif isinstance(said, Mapping):
        if _given(said) is not None:
            for channel in _channels(said):
                yield _word(category, said, channel, spoken)
        for channel in CHANNELS:
            own = said.get(channel)
            own = {"given": own} if isinstance(own, bool) else own
            if isinstance(own, Mapping) and _given(own) is not None:
                yield _word(category, own, channel, spoken)


def _given(said: Mapping[str, Any]) -> bool | None:
    """Proof without a `given` is a consent; a `given` that is neither true nor false is nothing."""
    if "given" in said:
        return said["given"] if isinstance(said["given"], bool) else None
    return True if any(name in said for name in _PROOF) else None


def _channels(said: Mapping[str, Any]) -> list[str | None]:
    if isinstance(said.get("channel"), str):
        return [said["channel"]]
    named = said.get("channels")
    # a consent to no channel is none at all, but a refusal that names none is of every channel
    if isinstance(named, list) and (named or _given(said)):
        return [one for one in named if isinstance(one, str)]
    return [None]


def _word(
    category: str, said: Mapping[str, Any], channel: str | None, spoken: datetime | None
) -> Consent:
    given = _given(said) is True
    wording, source = said.get("wording"), said.get("source")
    return Consent(
        category=category,
        given=given,
        channel=channel,
        wording=wording if isinstance(wording, str) and wording else None,
        source=source if isinstance(source, str) and source else None,
        # a consent is proven by its own time only; a refusal needs no proof
        time=_moment(said.get("time")) or (None if given else spoken),
    )


def _moment(text: object) -> datetime | None:
    try:
        return instant(text) if isinstance(text, str) else None
    except (ValueError, OverflowError):
        return None


def has_consent(consents: Iterable[Consent], category: str, channel: str) -> bool:
    """Was there a consent that covers this category and channel, and no refusal that counts?"""
    said = list(_relevant(consents, category, channel))
    return any(one.given for one in said) and not is_refused(said, category, channel)


def is_refused(consents: Iterable[Consent], category: str, channel: str) -> bool:
    """Is there a refusal that no later consent with proof (wording, source, time) has lifted?"""
    said = list(_relevant(consents, category, channel))
    proven = [one.time for one in said if one.given and one.wording and one.source and one.time]
    last = max(proven, default=None)
    refusals = (one for one in said if not one.given)
    # nobody can say that he agreed after a refusal of which no one knows when it was; and of two
    # words in the same moment the refusal counts
    return any(one.time is None or last is None or one.time >= last for one in refusals)


def _relevant(consents: Iterable[Consent], category: str, channel: str) -> Iterator[Consent]:
    for one in consents:
        if one.category in (category, EVERY_CATEGORY) and one.channel in (None, channel):
            yield one


def latest_refusals(consents: Iterable[Consent]) -> frozenset[Consent]:
    """The newest refusal of each category and channel."""
    newest: dict[tuple[str, str | None], Consent] = {}
    for one in sorted((one for one in consents if not one.given), key=_age):
        newest[one.category, one.channel] = one
    return frozenset(newest.values())


def _age(one: Consent) -> tuple[str, str, str]:
    return (stamp(one.time) if one.time else "", one.source or "", one.wording or "")


def as_written(consents: Iterable[Consent]) -> list[dict[str, Any]]:
    """The same words as JSON objects, in one order, for a profile."""
    return [_object(one) for one in sorted(consents, key=lambda one: (_key(one), _age(one)))]


def _key(one: Consent) -> tuple[str, str, bool]:
    return (one.category, one.channel or "", one.given)


def _object(one: Consent) -> dict[str, Any]:
    fields = {
        "category": one.category,
        "channel": one.channel,
        "given": one.given,
        "wording": one.wording,
        "source": one.source,
        "time": stamp(one.time) if one.time else None,
    }
    return {name: value for name, value in fields.items() if value is not None}
