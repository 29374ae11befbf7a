"""Does decoration never change what a text means, and does nothing sent break the reader?"""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.triggers.test_replies import TEXTS, lines
from triggers.replies.meanings import Meaning, Reply, Scale
from triggers.replies.understanding import understand

PLAIN = [pair for name in ("english", "hebrew") for pair in lines(TEXTS / f"{name}.txt") if pair[1]]
COMMANDS = [text for heading, text in PLAIN if heading in ("stop", "start", "help", "person")]
SAID = [text for _, text in PLAIN if any(map(str.isalnum, text))]
STOP_WORDS = """stop stopall unsubscribe end quit cancel revoke optout remove הסר הסרה הסירו תסירו
    להסיר הפסק הפסיקו תפסיקו להפסיק די מספיק עצור חדל ביטול""".split()

MARKS = "\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069\u061c\ufeff\u200b\u00ad\u200d"
NIKUD = "".join(map(chr, [*range(0x05B0, 0x05BE), 0x05C1, 0x05C2, 0x05C7]))
ACCENTS = "\u0301\u0308\u0336\u20e3\ufe0f"
EMOJI = ["🙏", "🙏🏽", "🛑", "❌", "👨‍👩‍👧", "❤️", "🇮🇱", "😡", "1️⃣"[1:]]
AROUND = st.text("\"'“”‘’«»„״.,!?…;:()[]*_~#@ \n\t—-", max_size=5)

any_text = st.text(st.characters(exclude_categories=[])) | st.text(
    "stop הסר5/.-⭐'\u0301", max_size=40
)
scales = st.none() | st.just(Scale(1, 5)) | st.just(Scale(0, 10))


@given(st.sampled_from(SAID), st.data())
def test_marks_nikud_and_case_change_nothing(text: str, data: st.DataObject) -> None:
    marks = data.draw(st.lists(st.sampled_from([*MARKS, *NIKUD, *ACCENTS]), max_size=6))
    marked = text
    for mark in marks:
        at = data.draw(st.integers(0, len(marked)))
        marked = marked[:at] + mark + marked[at:]
    changed = data.draw(st.sampled_from([str.upper, str.lower, str.title, str.swapcase]))

    assert understand(changed(marked)) == understand(text)


@given(st.sampled_from(SAID), st.sampled_from(["NFC", "NFD", "NFKD"]))
def test_the_way_it_is_encoded_changes_nothing(text: str, form: str) -> None:
    assert understand(unicodedata.normalize(form, text)) == understand(text)  # type: ignore[arg-type]


@given(st.sampled_from(SAID))
def test_wide_letters_and_digits_are_letters_and_digits(text: str) -> None:
    wide = "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text)

    assert understand(wide, Scale(1, 5)) == understand(text.replace("`", "'"), Scale(1, 5))


@given(st.sampled_from(COMMANDS), AROUND, AROUND)
def test_punctuation_around_a_command_changes_nothing(text: str, left: str, right: str) -> None:
    assert understand(left + text + right) == understand(text)


@given(st.sampled_from(COMMANDS), st.lists(st.sampled_from(EMOJI), min_size=1, max_size=4))
def test_emoji_change_no_command(text: str, emoji: list[str]) -> None:
    drawn = "".join(emoji)

    assert understand(f"{drawn} {text}{drawn}") == understand(text)
    assert understand(text.replace(" ", f" {drawn} ")) == understand(text)


@given(st.lists(st.sampled_from(STOP_WORDS), min_size=1, max_size=4), AROUND)
def test_a_text_with_no_word_but_stop_words_is_stop(words: list[str], between: str) -> None:
    text = f"{between} ".join(words) + between

    assert understand(text) == Reply(Meaning.STOP)
    assert understand(text, Scale(0, 10)) == Reply(Meaning.STOP)


@given(st.sampled_from(SAID), scales)
def test_stop_beats_whatever_else_is_said(text: str, scale: Scale | None) -> None:
    for both in (f"{text}\nSTOP", f"הסר. {text}"):
        reply = understand(both, scale)

        assert reply.meaning is Meaning.STOP
        assert not reply.may_refuse
        assert not reply.says(Meaning.START)


@given(any_text, scales)
def test_whatever_comes_has_a_meaning_and_the_same_one_again(
    text: str, scale: Scale | None
) -> None:
    reply = understand(text, scale)

    assert reply == understand(text, scale)
    assert reply.meaning not in reply.also
    assert (reply.answer is not None) == reply.says(Meaning.ANSWER)
    assert reply.answer is None or (scale is not None and reply.answer in scale)
    assert not (reply.may_refuse and reply.meaning is Meaning.STOP)
    assert not (reply.may_refuse and reply.says(Meaning.START))


@given(st.integers(-20, 120))
def test_a_number_answers_exactly_where_the_scale_holds_it(number: int) -> None:
    answer = understand(str(number), Scale(1, 5)).answer

    assert answer == (number if 1 <= number <= 5 else None)


HOSTILE = [
    "stop ",
    "stop sending me the ",
    "the ",
    "do not want any more of ",
    "a\u0301\u0316\u0327",
    "\u0301\u0316",
    "ﷺ",
    "s.",
    "5/",
    "1",
    "o",
    "די ",
    "תפסיקו לשלוח לי את כל ",
    "⭐",
    "-5 ",
    "\n",
    "'",
]


@pytest.mark.timeout(30)
@pytest.mark.parametrize("piece", HOSTILE)
def test_a_long_hostile_text_takes_time_by_its_length_and_no_more(piece: str) -> None:
    text = piece * (100_000 // len(piece))  # its square would take half an hour and more

    assert understand(text, Scale(1, 5)).answer is None
