"""Does the strict reader take all JSON, and nothing that can be read in two ways?"""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triggers.strict_json import MAX_DEPTH, NotJson, loads, pointer_to

TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
NUMBERS = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)

REFUSED = [
    ("not JSON at all", b"hello", "", "is not JSON: Expecting value at line 1 column 1"),
    ("nothing", b"", "", "is not JSON: Expecting value at line 1 column 1"),
    ("two values", b"{} {}", "", "is not JSON: Extra data at line 1 column 4"),
    ("a trailing comma", b"[1,]", "", "is not JSON"),
    ("single quotes", b"{'a':1}", "", "is not JSON"),
    ("a leading zero", b"[01]", "", "is not JSON"),
    ("a raw control character", b'["a\nb"]', "", "is not JSON: Invalid control character"),
    ("a byte order mark", b"\xef\xbb\xbf{}", "", "is not JSON"),
    ("Latin-1", b'{"a":"\xe9"}', "", "is not UTF-8"),
    ("UTF-16", '{"a":1}'.encode("utf-16"), "", "is not UTF-8"),
    ("a surrogate encoded as UTF-8", b'"\xed\xa0\x80"', "", "is not UTF-8"),
    ("NaN", b'{"a":[0,NaN]}', "/a/1", "is NaN, which is no JSON number"),
    ("Infinity", b'{"a":Infinity}', "/a", "is Infinity, which is no JSON number"),
    ("minus Infinity", b'{"a":-Infinity}', "/a", "is -Infinity, which is no JSON number"),
    ("a key twice", b'{"a":{"b":1,"c":2,"b":1}}', "/a/b", "is written twice"),
    ("a key twice, once escaped", b'{"ab":1,"\\u0061b":2}', "/ab", "is written twice"),
    ("a key twice with odd names", b'[{"a/~":1,"a/~":1}]', "/0/a~1~0", "is written twice"),
    ("NUL in a text", b'{"a":["x\\u0000y"]}', "/a/0", "holds a NUL character"),
    ("NUL in a key", b'{"a":{"x\\u0000":1}}', "/a", "holds a NUL character"),
    ("a lone surrogate", b'{"a":"\\ud800"}', "/a", "holds half of a surrogate pair"),
    ("a lone low surrogate", b'{"a":"\\uDC00x"}', "/a", "holds half of a surrogate pair"),
    ("a lone surrogate in a key", b'{"\\ud83d":1}', "", "holds half of a surrogate pair"),
    ("10,000 digits", b'{"n":' + b"9" * 10_000 + b"}", "/n", "is a number of more than 40"),
    ("a long fraction", b"[1." + b"0" * 40 + b"]", "/0", "is a number of more than 40"),
    ("a number too large", b'{"n":1e400}', "/n", "is a number too large"),
]


@pytest.mark.parametrize(("data", "pointer", "detail"), [row[1:] for row in REFUSED],
                         ids=[row[0] for row in REFUSED])  # fmt: skip
def test_what_is_refused_is_refused_with_its_place(data: bytes, pointer: str, detail: str) -> None:
    with pytest.raises(NotJson) as refused:
        loads(data)

    assert refused.value.pointer == pointer
    assert refused.value.detail.startswith(detail)


@given(VALUES)
def test_every_value_that_is_json_is_read_as_it_was_written(value: Any) -> None:
    assert loads(json.dumps(value)) == value
    assert loads(orjson.dumps(value)) == value
    assert loads(json.dumps(value, indent=1).encode()) == value


@given(st.text() | st.binary())
def test_whatever_comes_is_read_or_refused_and_never_breaks(data: str | bytes) -> None:
    try:
        value = loads(data)
    except NotJson:
        return
    orjson.dumps(value)  # what was read can be stored


@given(st.binary())
def test_whoever_reads_it_reads_the_same(data: bytes) -> None:
    try:
        value = loads(data)
    except NotJson:
        return
    assert value == orjson.loads(data)


PIECES = st.sampled_from(
    ["{", "}", "[", "]", ",", ":", ' ', '"a"', '"b"', '"a b"', '"é"', '"a":', '"a" :', "null",
     "true", "0", "-0", "1", "1.0", "1e2", "1E400", "12345678901234567890123", "2.50", '"\\n"',
     '"\\u0000"', "\t"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=12).map("".join) | VALUES.map(json.dumps))
def test_a_glance_and_a_careful_look_say_the_same(text: str) -> None:
    def said(data: str | bytes) -> str:
        try:
            return repr(loads(data))
        except NotJson as refused:
            return str(refused)

    # a text is never read at a glance
    assert said(text.encode()) == said(text)


@pytest.mark.parametrize(
    "data", [b'{"a":1,"a":1}', b'{"a":1e2,"a":100.0}', b'{"a": 1,  "b":2,"a":1}']
)
def test_no_spaces_and_no_other_way_to_write_hide_a_key_that_is_written_twice(data: bytes) -> None:
    with pytest.raises(NotJson, match="written twice"):
        loads(data)


@pytest.mark.parametrize("text", ["\\\\u0000", "\\ud83d\\ude00", "a\\u0061"])
def test_harmless_escapes_pass(text: str) -> None:
    data = f'{{"a":"{text}"}}'

    assert loads(data) == json.loads(data)


@pytest.mark.parametrize("number", ["18446744073709551616", "-9223372036854775809", "1" * 40])
def test_an_integer_beyond_64_bits_is_a_float_as_every_other_reader_has_it(number: str) -> None:
    assert loads(number) == orjson.loads(number)
    assert isinstance(loads(number), float)


@pytest.mark.parametrize(("open_", "close"), [("[", "]"), ('{"a":', "}")])
def test_nesting_is_taken_to_its_limit_and_not_beyond(open_: str, close: str) -> None:
    def nested(depth: int) -> str:
        return open_ * depth + "1" + close * depth

    loads(nested(MAX_DEPTH))
    with pytest.raises(NotJson, match="nested more than 32 deep"):
        loads(nested(MAX_DEPTH + 1))


@pytest.mark.timeout(10)
@pytest.mark.parametrize("bomb", [b"[" * 500_000, b'{"a":' * 200_000, b"[" * 999 + b"]" * 999])
def test_a_bomb_of_brackets_is_answered_at_once(bomb: bytes) -> None:
    with pytest.raises(NotJson, match=r"nested more than 32 deep|is not JSON"):
        loads(bomb)


def test_a_wide_text_is_not_taken_for_a_deep_one() -> None:
    assert len(loads("[" + ",".join(["{}"] * 1_000) + "]")) == 1_000


def test_a_text_with_a_lone_surrogate_of_its_own_is_no_utf_8() -> None:
    with pytest.raises(NotJson, match="UTF-8"):
        loads('"\ud800"')


def test_a_pointer_escapes_what_pointers_escape() -> None:
    assert pointer_to("a/b", 3, "~") == "/a~1b/3/~0"
