"""Does the console say everything in both languages, and nothing that only one of them has?"""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

import worker.http.console
from worker.http.console.words import EVERY

FOLDER = Path(worker.http.console.__file__).parent
TEMPLATES = sorted((FOLDER / "templates").glob("*.html"))
ASKED = re.compile(r"""\bt\(\s*(["'])([\w.]+)\1\s*(~?)""")
CODE = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.S)
SPOKEN = re.compile(r"""(?:aria-label|title|placeholder|alt)=(["'])(.*?)\1""")
# nothing but gaps
SAME = frozenset({"need.waits"})
by_name = pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)


@pytest.mark.parametrize("key", sorted(EVERY))
def test_a_word_is_said_in_both_languages_with_the_same_gaps(key: str) -> None:
    english, hebrew = EVERY[key]

    assert re.search("[A-Za-z]", english)
    assert not re.search("[\u05d0-\u05ea]", english)
    assert key in SAME or re.search("[\u05d0-\u05ea]", hebrew), "left in English"
    gaps = [
        {name for _, name, _, _ in Formatter().parse(text) if name} for text in (english, hebrew)
    ]
    assert gaps[0] == gaps[1]


@by_name
def test_a_template_asks_only_for_words_that_are_there(template: Path) -> None:
    for _, key, goes_on in ASKED.findall(template.read_text()):
        known = any(one.startswith(key) for one in EVERY) if goes_on else key in EVERY
        assert known, key


@by_name
def test_nothing_stands_in_a_template_that_is_not_a_word_of_both_languages(template: Path) -> None:
    text = CODE.sub("", template.read_text())
    spoken = [found for _, found in SPOKEN.findall(text)]
    # an attribute that a block adds to a tag of the frame
    shown = re.sub(r'<[^>]*>| data-renew="\d+"', "", text)

    assert not re.findall(r"[^\W\d_]+", shown)
    assert not [one for one in spoken if re.search(r"[^\W\d_]", one)]


@by_name
def test_nothing_stands_inline_that_the_policy_would_drop(template: Path) -> None:
    text = template.read_text()

    assert not re.search(r"\sstyle\s*=|<style|\son\w+\s*=|javascript:", text)
    assert re.findall(r"<script(?![^>]*\bsrc=)", text) == []
    assert "|safe" not in text.replace(" ", "")


def test_a_page_asks_only_for_words_that_are_there() -> None:
    for path in FOLDER.glob("*.py"):
        for _, key in re.findall(r"""\bwords\((["'])([\w.]+)\1""", path.read_text()):
            assert key in EVERY, f"{path.name}: {key}"
