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
NUMBERS = "בחירת מספר · Choose a number"
MORE = {"he": "במילים שלך, אם רוצים", "en": "In your own words, if you like"}
SEND = "שליחה · Send"
AMISS = {"he": "יש לבחור מספר, או לכתוב.", "en": "Choose a number, or write something."}


def told(words: Words, policy: Policy | None, status: HTTPStatus = HTTPStatus.OK) -> HTMLResponse:
    """A page that only says something, and whom to call."""
    return _page(words["en"][0], [*_sections(words), *_person(policy)], LANGUAGES[0], status)


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
    body = [
        *(_alert() if amiss else ()),
        *_sections(words),
        f'<form method="post"><fieldset><legend>{NUMBERS}</legend>'
        f'<ul class="numbers" dir="ltr">{buttons}</ul></fieldset>',
        *_writing(),
        "</form>",
        *_person(policy),
    ]
    status = HTTPStatus.UNPROCESSABLE_ENTITY if amiss else HTTPStatus.OK
    return _page(words[order[0]][0], body, order[0], status)


def thanks(policy: Policy | None, language: str, *, written: bool) -> HTMLResponse:
    """The answer is kept; who gave only a number may still say why."""
    order = _order(language)
    words = {one: THANKS[one] for one in order}
    more = () if written else ('<form method="post">', *_writing(), "</form>")
    body = [*_sections(words), *more, *_person(policy)]
    return _page(words[order[0]][0], body, order[0], HTTPStatus.OK)


def _page(title: str, body: list[str], language: str, status: HTTPStatus) -> HTMLResponse:
    text = _template().substitute(
        lang=language,
        dir="rtl" if is_rtl(language) else "ltr",
        title=escape(title),
        body="\n".join(body),
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


def _writing() -> Iterator[str]:
    labels = " · ".join(_in(language, "span", MORE[language]) for language in LANGUAGES)
    yield f'<p><label for="text">{labels}</label>'
    yield '<textarea id="text" name="text" rows="3" maxlength="1000" dir="auto"></textarea></p>'
    yield f'<p><button name="send" value="1">{SEND}</button></p>'


def _alert() -> Iterator[str]:
    both = "".join(_in(language, "p", AMISS[language]) for language in LANGUAGES)
    yield f'<div role="alert">{both}</div>'


def _person(policy: Policy | None) -> Iterator[str]:
    """Digital is never the only way."""
    if policy is None:
        return
    phone = Localised(policy.brand, (*LANGUAGES, *policy.languages)).get("phone")
    if not phone:
        return
    number = f'<bdi dir="ltr">{escape(readable_phone(phone, policy.country))}</bdi>'
    for language in LANGUAGES:
        yield _in(language, "p", f"{PERSON[language]} {number}")


def _question(written: Question, language: str) -> str:
    return written if isinstance(written, str) else written.get(language, "")


@cache
def _template() -> Template:
    return Template((files(__package__) / "link.html").read_text(encoding="utf-8"))
