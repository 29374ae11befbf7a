"""What may follow a `|` in a template?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import phonenumbers
from jinja2 import Undefined, pass_context
from jinja2.filters import do_default
from jinja2.runtime import Context
from markupsafe import Markup

from triggers.texts import isolation
from triggers.texts.failures import Unwritable
from triggers.texts.languages import Reader, writing
from triggers.texts.moments import date_text, time_text
from triggers.texts.money import CURRENCIES, money_text, number_text
from triggers.texts.values import Ready, cleaned, worded

READER = "_reader"
"""The context's own name for the Reader; the whitelist keeps it out of templates' reach."""


def _reader(context: Context) -> Reader:
    reader: Reader = context[READER]
    return reader


def _given(value: Any) -> Any:
    """A missing value fails here with its own name, before a filter says what it is not."""
    return str(value) if isinstance(value, Undefined) else value


@pass_context
def money(context: Context, value: Any, currency: str | None = None) -> str:
    reader = _reader(context)
    code = currency or CURRENCIES.get(reader.country, "USD")
    return isolation.ltr(money_text(_given(value), reader.language, code), reader)


@pass_context
def number(context: Context, value: Any, decimals: int | None = None) -> str:
    reader = _reader(context)
    return isolation.ltr(number_text(_given(value), reader.language, decimals), reader)


@pass_context
def date(context: Context, value: Any) -> str:
    reader = _reader(context)
    return isolation.ltr(date_text(_given(value), reader.language, reader.zone), reader)


@pass_context
def time(context: Context, value: Any) -> str:
    reader = _reader(context)
    return isolation.ltr(time_text(_given(value), reader.zone), reader)


@pass_context
def moment(context: Context, value: Any) -> str:
    """Date and time are isolated each: in Hebrew the date then stands to the right of the time."""
    words = writing(_reader(context).language).moment
    return _like(date(context, value), words, time=time(context, value))


def _like(first: str, words: str, *, time: str) -> str:
    kind = type(first)
    return kind(words.format(date=first, time=time))


@pass_context
def phone(context: Context, value: Any) -> str:
    reader = _reader(context)
    return isolation.ltr(readable_phone(cleaned(worded(value)), reader.country), reader)


@lru_cache(maxsize=4096)
def readable_phone(number: str, country: str) -> str:
    """The national form at home, the international one abroad; short codes as they are."""
    try:
        parsed = phonenumbers.parse(number, country or None)
    except phonenumbers.NumberParseException:
        return number
    if not phonenumbers.is_possible_number(parsed):
        return number
    home = phonenumbers.region_code_for_number(parsed) == country
    form = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(parsed, form.NATIONAL if home else form.INTERNATIONAL)


@pass_context
def isolate(context: Context, value: Any) -> str:
    if isinstance(value, Ready | Markup):
        return value
    return isolation.own(worded(value), _reader(context))


def length(value: Any) -> int:
    if isinstance(_given(value), str | Sequence | Mapping):
        return len(value)
    raise Unwritable(value, "has no length")


def join(value: Any, between: str = ", ") -> str:
    return str(between).join(worded(item) for item in _items(value))


def first(value: Any) -> Any:
    return next(iter(_items(value)), None)


def last(value: Any) -> Any:
    return next(reversed(_items(value)), None)


def _items(value: Any) -> Sequence[Any]:
    if isinstance(_given(value), Sequence) and not isinstance(value, str):
        return value  # type: ignore[no-any-return]
    raise Unwritable(value, "is not a list")


FILTERS: dict[str, Callable[..., Any]] = {
    "money": money,
    "number": number,
    "date": date,
    "time": time,
    "datetime": moment,
    "phone": phone,
    "isolate": isolate,
    "default": do_default,
    "upper": lambda value: worded(value).upper(),
    "lower": lambda value: worded(value).lower(),
    "capitalize": lambda value: worded(value).capitalize(),
    "trim": lambda value: worded(value).strip(),
    "length": length,
    "join": join,
    "first": first,
    "last": last,
}
