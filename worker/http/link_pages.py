"""What does somebody read behind a link of ours: a question, thanks, or that it leads nowhere?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from html import escape
from http import HTTPStatus
from importlib.resources import files
from string import Template

from fastapi.responses import HTMLResponse

from triggers.definitions import Policy
from triggers.surveys import Question, SurveyPolicy
from triggers.texts.brand import Localised
from triggers.texts.filters import readable_phone
from triggers.texts.languages import is_rtl

LANGUAGES = ("he", "en")
"""A link's page speaks both, the message's own first: it may have been handed on."""

HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline';"
    " form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
}
Words = Mapping[str, tuple[str, str]]
"""By language: a heading, and what stands below it."""

UNKNOWN: Words = {
    "he": ("הקישור אינו תקין", "ייתכן שהוא הועתק רק בחלקו."),
    "en": ("This link is not valid", "Perhaps it was copied in part."),
}
EXPIRED: Words = {
    "he": ("הקישור אינו פעיל עוד", "עבר הזמן שבו הוא הוביל לדף."),
    "en": ("This link is no longer active", "The time for which it led somewhere is over."),
}
THANKS: Words = {
    "he": ("תודה, התשובה נשמרה", ""),
    "en": ("Thank you, your answer was kept", ""),
}
ASKING = {"he": "מה התשובה שלך?", "en": "What is your answer?"}
RANGE = {
    "he": "{lowest} הוא הציון הנמוך ביותר, {highest} הגבוה ביותר.",
    "en": "{lowest} is the lowest, {highest} the highest.",
}
PERSON = {"he": "לשיחה עם אדם:", "en": "To talk to a person:"}
NUMBERS = {"he": "בחירת מספר", "en": "Choose a number"}
MORE = {"he": "במילים שלך, אם רוצים", "en": "In your own words, if you like"}
SEND = {"he": "שליחה", "en": "Send"}
AMISS = {"he": "יש לבחור מספר, או לכתוב.", "en": "Choose a number, or write something."}


def told(
    words: Words, policy: Policy | None, language: str, status: HTTPStatus = HTTPStatus.OK
) -> HTMLResponse:
    """A page that only says something, and whom to call."""
    return _page({one: words[one] for one in _order(language)}, [], policy, status)


def question(
    survey: SurveyPolicy, policy: Policy | None, language: str, *, amiss: bool = False
) -> HTMLResponse:
    """The page of a survey: one tap on a number answers."""
    order = _order(language)
    lowest, highest = survey.scale.lowest, survey.scale.highest
    words = {
        one: (
            _question(survey.question, one) or ASKING[one],
            RANGE[one].format(lowest=lowest, highest=highest),
        )
        for one in order
    }
    buttons = "".join(
        f'<li><button name="score" value="{number}">{number}</button></li>'
        for number in range(lowest, highest + 1)
    )
    form = [
        *(_alert(order) if amiss else ()),
        f'<form method="post"><fieldset><legend>{_both(NUMBERS, order)}</legend>'
        f'<ul class="numbers" dir="ltr">{buttons}</ul></fieldset>',
        *_writing(order),
        "</form>",
    ]
    status = HTTPStatus.UNPROCESSABLE_ENTITY if amiss else HTTPStatus.OK
    return _page(words, form, policy, status)


def thanks(policy: Policy | None, language: str, *, written: bool) -> HTMLResponse:
    """The answer is kept; who gave only a number may still say why."""
    order = _order(language)
    more = [] if written else ['<form method="post">', *_writing(order), "</form>"]
    return _page({one: THANKS[one] for one in order}, more, policy, HTTPStatus.OK)


def _page(
    words: Words, below: list[str], policy: Policy | None, status: HTTPStatus
) -> HTMLResponse:
    """Each language's words, its own first, and what stands below all of them."""
    order = tuple(words)
    name = _brand(policy, order).get("name")
    text = _template().substitute(
        lang=order[0],
        dir="rtl" if is_rtl(order[0]) else "ltr",
        title=escape(f"{words[order[0]][0]} · {name}" if name else words[order[0]][0]),
        header=f"<header><p>{escape(name)}</p></header>" if name else "",
        body="\n".join([*_sections(words), *below]),
        footer="\n".join(_person(policy, order)),
    )
    return HTMLResponse(text, status.value, HEADERS)


def _order(language: str) -> tuple[str, ...]:
    """Stable: the message's own comes first, where it is one of ours."""
    return tuple(sorted(LANGUAGES, key=lambda one: one != language))


def _sections(words: Words) -> Iterator[str]:
    for level, (language, (heading, text)) in enumerate(words.items(), start=1):
        head = f"<h{level}>{escape(heading)}</h{level}>"
        yield _in(language, "section", head + (f"<p>{escape(text)}</p>" if text else ""))


def _in(language: str, tag: str, inner: str, more: str = "") -> str:
    direction = "rtl" if is_rtl(language) else "ltr"
    return f'<{tag} lang="{language}" dir="{direction}"{more}>{inner}</{tag}>'


def _both(words: Mapping[str, str], order: tuple[str, ...]) -> str:
    return " · ".join(_in(language, "span", words[language]) for language in order)


def _writing(order: tuple[str, ...]) -> Iterator[str]:
    yield f'<p><label for="text">{_both(MORE, order)}</label>'
    yield '<textarea id="text" name="text" rows="3" maxlength="1000" dir="auto"></textarea></p>'
    yield f'<p><button name="send" value="1">{_both(SEND, order)}</button></p>'


def _alert(order: tuple[str, ...]) -> Iterator[str]:
    both = "".join(_in(language, "p", AMISS[language]) for language in order)
    yield f'<div role="alert">{both}</div>'


def _person(policy: Policy | None, order: tuple[str, ...]) -> Iterator[str]:
    """Digital is never the only way."""
    phone = _brand(policy, order).get("phone")
    if policy is None or not phone:
        return
    number = f'<bdi dir="ltr">{escape(readable_phone(phone, policy.country))}</bdi>'
    lines = "".join(_in(language, "p", f"{PERSON[language]} {number}") for language in order)
    yield f"<footer>{lines}</footer>"


def _brand(policy: Policy | None, order: tuple[str, ...]) -> Localised:
    return Localised(
        policy.brand if policy else {}, (*order, *(policy.languages if policy else ()))
    )


def _question(written: Question, language: str) -> str:
    return written if isinstance(written, str) else written.get(language, "")


@cache
def _template() -> Template:
    return Template((files(__package__) / "link.html").read_text(encoding="utf-8"))
