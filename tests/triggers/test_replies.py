"""Is what people write back understood, in both languages, and not more than they meant?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from triggers.replies.meanings import Meaning, Reply, Scale
from triggers.replies.understanding import understand

TEXTS = Path(__file__).parent / "replies"
SURVEYS = TEXTS / "surveys.txt"


def lines(file: Path) -> Iterator[tuple[str, str]]:
    """Every text of the file under its heading; \\uXXXX, \\n and \\t are written out."""
    heading = ""
    for line in file.read_text("utf-8").splitlines():
        if line.startswith("==="):
            heading = line.removeprefix("===").strip()
        elif line:
            yield heading, re.sub(r"\\(u[0-9a-f]{4}|[nrt])", written_out, line)


def written_out(escape: re.Match[str]) -> str:
    plain = {"n": "\n", "r": "\r", "t": "\t"}
    return plain.get(escape[1]) or chr(int(escape[1][1:], 16))


def said(reply: Reply) -> str:
    words = [one.replace("_", " ") for one in (reply.meaning, *reply.also)]
    doubt = ["may refuse"] if reply.may_refuse else []
    if reply.answer is not None:
        words = [f"{one} {reply.answer}" if one == "answer" else one for one in words]
    return ", ".join([*words, *doubt])


TABLE = [
    (text, heading)
    for file in sorted(TEXTS.glob("*.txt"))
    if file != SURVEYS
    for heading, text in lines(file)
]


@pytest.mark.parametrize(("text", "meaning"), TABLE)
def test_a_text_means_what_its_writer_meant(text: str, meaning: str) -> None:
    assert said(understand(text)) == meaning


@pytest.mark.parametrize(("text", "heading"), [(text, heading) for heading, text in lines(SURVEYS)])
def test_a_survey_is_answered_only_within_its_scale(text: str, heading: str) -> None:
    survey, meaning = heading.split(": ")
    scale = None if survey == "no survey" else Scale(*map(int, survey.split(" to ")))

    reply = understand(text, scale)

    assert said(reply).replace("may refuse", "").strip(", ") == (
        f"answer {meaning}" if meaning.isdecimal() else meaning
    )


def test_the_table_is_large_and_holds_every_meaning_in_both_languages() -> None:
    assert len({text for text, _ in TABLE}) >= 300
    for language in ("english", "hebrew"):
        headings = {heading.split(",")[0] for heading, _ in lines(TEXTS / f"{language}.txt")}
        wanted = set(Meaning) - {Meaning.ANSWER}
        assert headings == {one.replace("_", " ") for one in wanted}


def test_a_doubt_never_lifts_a_refusal() -> None:
    assert not understand("start, but this is spam").says(Meaning.START)
    assert not understand("start. no, stop").says(Meaning.START)
