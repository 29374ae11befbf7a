"""What does the preference page look like, for this address and in this language?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined, Template

from triggers.definitions import Policy
from triggers.preferences import ORDERS, Wishes, offered
from worker.http.preference_words import ENGLISH, HEBREW, LANGUAGES, WORDS, Words


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str
    chosen: bool
    language: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Of which one is chosen."""

    name: str
    legend: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands on the page: `own` only where the address is one customer's alone."""

    wishes: Wishes
    topics: tuple[Choice, ...]
    own: tuple[Group, ...]
    shared: bool


def words_of(asked: str, known: str, policy: Policy | None) -> Words:
    """The page's language: as asked for, else the customer's, else the policy's first."""
    wanted = (asked, known, *(policy.languages if policy else ()))
    return next((WORDS[one] for one in wanted if one in WORDS), ENGLISH)


def texts_of(words: Words, channel: str) -> Mapping[str, str]:
    """The words with the channel put in; what takes a name keeps its place."""
    way = words.channels.get(channel, "")
    return {name: text.replace("{channel}", way) for name, text in words.texts.items()}


def label_of(words: Words, category: str) -> str:
    return words.categories.get(category, category.replace("_", " "))


def wording_of(words: Words, channel: str, category: str) -> str:
    """What somebody agrees to who puts a tick there: kept as its proof."""
    text = texts_of(words, channel)["wording"]
    return text.replace("{name}", label_of(words, category))


def shown_of(wishes: Wishes, policy: Policy | None, words: Words, holders: int) -> Shown:
    if policy is None:
        return Shown(wishes, (), (), shared=False)
    topics = tuple(
        Choice(one.name, label_of(words, one.name), one.name in wishes.welcome)
        for one in offered(policy)
    )
    own = tuple(_own(wishes, policy, words)) if holders == 1 else ()
    return Shown(wishes, topics, own, shared=holders > 1)


def _own(wishes: Wishes, policy: Policy, words: Words) -> Iterator[Group]:
    orders = [Choice(name, words.orders[name], name == wishes.order) for name in ORDERS]
    if not wishes.order:
        orders = [Choice("", words.texts["any"], chosen=True), *orders]
    yield Group("order", words.texts["order"], tuple(orders))
    spoken = wishes.language or policy.languages[0]
    languages = tuple(
        Choice(one, LANGUAGES.get(one, one), one == spoken, one) for one in policy.languages
    )
    yield Group("language", words.texts["language"], languages)


def page(
    words: Words,
    channel: str,
    policy: Policy | None,
    shown: Shown | None,
    news: Sequence[str] = (),
) -> str:
    """The page itself; `shown` None where the link names nobody."""
    text = texts_of(words, channel)
    brand: Mapping[str, Any] = policy.brand if policy else {}
    return _template().render(
        words=words,
        other=ENGLISH if words is HEBREW else HEBREW,
        text=text,
        title=text["title" if shown else "unknown_title"],
        brand=_said(brand.get("name"), words.language),
        phone=_said(brand.get("phone"), words.language),
        page=shown,
        news=[text[one] for one in news],
    )


def _said(value: object, language: str) -> str:
    found = value.get(language) if isinstance(value, Mapping) else value
    return found if isinstance(found, str) else ""


@cache
def _template() -> Template:
    source = (files(__package__) / "preferences.html").read_text(encoding="utf-8")
    return Environment(autoescape=True, undefined=StrictUndefined).from_string(source)
