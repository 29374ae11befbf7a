"""What does a YAML text hold, where does each piece stand, and what is refused?"""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from triggers.nodes import Fields, Scalar, at, plain
from triggers.yamls import MAX_DEPTH, MAX_LENGTH, documents

PARSERS = [yaml.SafeLoader, yaml.CSafeLoader]
BLANKS = " \n\t"
LETTERS = st.text(st.sampled_from("abc 'אב\n\"\\#:{}-|>x1"), min_size=1, max_size=40)


def only(text: str, parser: Any = yaml.CSafeLoader) -> Any:
    nodes, mistakes = documents("f.yaml", text, parser)
    assert mistakes == []
    return nodes[0]


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("on", "on"),
        ("no", "no"),
        ("yes", "yes"),
        ("10:00", "10:00"),
        ("21:00", "21:00"),
        ("2026-12-01", "2026-12-01"),
        ("2026-11-01T09:00+02:00", "2026-11-01T09:00+02:00"),
        ("true", True),
        ("False", False),
        ("tRUE", "tRUE"),
        ("null", None),
        ("~", None),
        ("", None),
        ("5", 5),
        ("-5", -5),
        ("+972501234567", 972501234567),
        ('"+972501234567"', "+972501234567"),
        ("007", 7),
        ("0x10", 16),
        ("0o10", 8),
        ("1_000", "1_000"),
        ("0b1", "0b1"),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("1.2.3", "1.2.3"),
        ("'5'", "5"),
        ("=", "="),
    ],
)
def test_a_scalar_means_what_yaml_1_2_says(parser: Any, written: str, meant: object) -> None:
    value = plain(only(f"key: {written}", parser))["key"]

    assert value == meant
    assert type(value) is type(meant)


@pytest.mark.parametrize("word", ["on", "no", "1", "null", "10:00", "''"])
def test_a_key_is_a_text_as_it_was_written(word: str) -> None:
    assert list(plain(only(f"{word}: 1"))) == [word.strip("'")]


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: 1\nb: 2\na: 3", "f.yaml:3:1: 'a' is written twice, first in line 1"),
        ("a: &x 1", "f.yaml:1:4: an anchor (&) is not allowed: write it out"),
        ("&x a: 1", "f.yaml:1:1: an anchor (&) is not allowed: write it out"),
        ("a: !!str 1", "f.yaml:1:4: a tag (!) is not allowed"),
        ("<<: {a: 1}", "f.yaml:1:1: a merge (<<) is not allowed: write it out"),
        ("[a, b]: 1", "f.yaml:1:1: a key must be a word"),
        ('a: "b\\0"', "f.yaml:1:4: a NUL character, which no database keeps"),
        ("a: .nan", "f.yaml:1:4: a number must be finite"),
        ("a: 1e999", "f.yaml:1:4: a number must be finite"),
        (
            "a: 9223372036854775808",
            "f.yaml:1:4: a number this large must be a text: put it in quotes",
        ),
        ("a: " + "9" * 9000, "f.yaml:1:4: a number this large must be a text: put it in quotes"),
    ],
)
def test_what_yaml_allows_and_we_do_not_is_told_at_its_place(
    parser: Any, text: str, says: str
) -> None:
    _, mistakes = documents("f.yaml", text, parser)

    assert list(map(str, mistakes)) == [says]


def test_two_equal_keys_leave_the_first() -> None:
    nodes, _ = documents("f.yaml", "a: 1\na: 2")

    assert plain(nodes[0]) == {"a": 1}


@pytest.mark.parametrize("text", ["[" * (MAX_DEPTH + 1), "- " * (MAX_DEPTH + 1) + "x"])
def test_depth_is_bounded(text: str) -> None:
    _, mistakes = documents("f.yaml", text)

    assert mistakes[0].message == f"not YAML: nested deeper than {MAX_DEPTH}"


def test_length_is_bounded() -> None:
    _, mistakes = documents("f.yaml", "#" * (MAX_LENGTH + 1))

    assert [m.message for m in mistakes] == [f"longer than {MAX_LENGTH} characters"]


def test_half_a_character_is_told() -> None:
    _, mistakes = documents("f.yaml", "a: \ud800")

    assert [m.message for m in mistakes] == ["half a character (a lone surrogate)"]


@pytest.mark.parametrize("parser", PARSERS)
def test_half_a_character_is_told_where_it_is_escaped(parser: Any) -> None:
    nodes, mistakes = documents("f.yaml", 'a: "\\ud800"', parser)

    assert [m.line for m in mistakes] == [1]
    assert [plain(node) for node in nodes] in ([], [{"a": None}])


def test_what_stands_before_a_syntax_error_is_kept() -> None:
    nodes, mistakes = documents("f.yaml", "a: 1\n---\nb: [\n---\nc: 1")

    assert plain(nodes[0]) == {"a": 1}
    assert (mistakes[0].line, mistakes[0].column) == (4, 1)


def test_every_node_knows_its_line_and_column() -> None:
    node = only("a:\n  - b: {c: ד, d: x}\n")

    d = at(node, ["a", 0, "b", "d"])

    assert (d.line, d.column) == (2, 18)
    assert at(node, ["a", 7, "nothing"]) is at(node, ["a"])


@st.composite
def written(draw: st.DrawFn) -> tuple[str, str, int]:
    """A document of one value, the value, and an offset of a character that is not white space."""
    value = draw(LETTERS.filter(str.strip))
    style = draw(st.sampled_from([None, "'", '"', "|", ">"]))
    width = draw(st.integers(10, 80))
    text = yaml.safe_dump({"key": value}, default_style=style, width=width, allow_unicode=True)
    visible = [n for n, c in enumerate(value) if c not in BLANKS]
    return text, value, draw(st.sampled_from(visible))


@given(written())
@example(("when: 'it''s'\n", "it's", 3))
@example(("when: >-\n  a ==\n  b\n", "a == b", 5))
@example(('"k": "a\\\n  \\ b"\n', "a b", 2))
def test_a_characters_place_inside_a_scalar_is_found(case: tuple[str, str, int]) -> None:
    text, value, offset = case
    node = only(text)
    assert isinstance(node, Fields)
    scalar = next(iter(node.entries.values())).value
    assert isinstance(scalar, Scalar)
    assert scalar.value == value

    line, column = scalar.position(offset)

    shown = text.split("\n")[line - 1][column - 1]
    assert shown == value[offset] or shown == "\\"


def test_a_place_past_the_end_is_behind_the_last_character() -> None:
    scalar = at(only("when: a ==  # why\n"), ["when"])
    assert isinstance(scalar, Scalar)

    assert scalar.position(4) == (1, 11)


@given(st.text(max_size=200))
def test_any_text_is_nodes_or_mistakes(text: str) -> None:
    for parser in PARSERS:
        nodes, mistakes = documents("f.yaml", text, parser)
        for node in nodes:
            plain(node)
        assert all(m.line >= 1 and m.column >= 1 for m in mistakes)


VISIBLE = st.text(st.characters(categories=["L", "N", "P", "S"], include_characters=" "))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | VISIBLE,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(VISIBLE, inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_json_is_yaml_and_is_read_as_it_was_written(value: object) -> None:
    assert plain(only(json.dumps(value, ensure_ascii=False))) == value
