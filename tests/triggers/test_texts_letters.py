"""Is a message whole, and in the language that fits best?"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.triggers.plans import POLICY, context
from triggers.texts.failures import TextFailed
from triggers.texts.texts import Rendered, Texts


def email(**parts: str) -> Texts:
    files = {f"templates/m/email.{name}": text for name, text in parts.items()}
    return Texts.from_files(files, POLICY.languages)


def render(texts: Texts, language: str, links: Mapping[str, str] = {}) -> Rendered:
    return texts.render("m", "email", language, context(links=links))


def test_a_letter_has_a_subject_of_one_line_a_text_and_a_page() -> None:
    texts = email(**{
        "he.subject.txt": "{{ event.data.v }}\n",
        "he.txt": "שלום\n",
        "he.html": "<p>שלום</p>",
    })  # fmt: skip
    filled = context(data={"v": "two\r\nlines"})

    rendered = texts.render("m", "email", "he", filled)

    assert (rendered.subject, rendered.text, rendered.segments) == ("two lines", "שלום", 0)
    assert rendered.html is not None
    assert rendered.html.startswith('<!DOCTYPE html>\n<html lang="he" dir="rtl">')
    assert '<td dir="rtl" style="text-align:right">\n<p>שלום</p>\n</td>' in rendered.html


def test_a_page_in_english_reads_from_left_to_right() -> None:
    texts = email(**{"en.subject.txt": "s", "en.txt": "t", "en.html": "<p>x</p>"})

    assert '<html lang="en" dir="ltr">' in str(render(texts, "en").html)


def test_a_whole_page_stays_as_it_is() -> None:
    page = '<html lang="he" dir="rtl"><body>x</body></html>'
    texts = email(**{"he.subject.txt": "s", "he.txt": "t", "he.html": page})

    assert render(texts, "he").html == page


def test_what_the_caller_gives_is_a_link_like_the_others() -> None:
    texts = email(**{"en.subject.txt": "s", "en.txt": "{{ links.unsubscribe }} {{ links.home }}"})
    links = {"unsubscribe": "https://reach.example/u/t", "home": "https://reach.example/l/h"}

    text = render(texts, "en", links).text

    assert text == "https://reach.example/u/t https://reach.example/l/h"


LANGUAGES = [
    (["he", "en"], "en", "en"),
    (["he", "en"], "he", "he"),
    (["he", "en"], "fr", "he"),
    (["en"], "he", "en"),
    (["fr"], "fr", "fr"),
]


@pytest.mark.parametrize(("written", "wanted", "got"), LANGUAGES)
def test_a_missing_language_falls_back_along_the_policys(
    written: list[str], wanted: str, got: str
) -> None:
    files = {f"m/sms.{language}.txt": "{{ language }} {{ brand.name }}" for language in written}
    rendered = Texts.from_files(files, POLICY.languages).render("m", "sms", wanted, context())

    brand = "Example Bank" if got == "en" else "בנק לדוגמה"
    assert (rendered.language, rendered.text) == (got, f"{got} {brand}")


def test_a_half_written_letter_counts_as_none() -> None:
    texts = email(**{"he.txt": "t", "en.subject.txt": "s", "en.txt": "t"})

    assert texts.language("m", "email", "he") == "en"
    assert render(texts, "he").language == "en"
    assert email(**{"he.txt": "t"}).language("m", "email", "he") is None
    assert texts.language("m", "sms", "he") is None
    assert texts.language("other", "email", "he") is None


def test_a_message_without_a_text_fails_by_name() -> None:
    with pytest.raises(TextFailed) as caught:
        Texts.from_files({"config/outreach.yaml": "x"}, ("he",)).render("m", "sms", "he", context())

    assert caught.value.template == "m/sms"


def test_an_agents_paper_may_be_long() -> None:
    texts = Texts.from_files({"m/agent.en.txt": "x" * 5_000}, ("en",))

    assert len(texts.render("m", "agent", "en", context()).text) == 5_000
