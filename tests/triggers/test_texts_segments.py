"""Is an SMS counted as the carriers count it?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triggers.texts.segments import GSM_BASIC, GSM_EXTENDED, fits_gsm, segments

COUNTED = [
    ("", 1),
    ("a" * 160, 1),
    ("a" * 161, 2),
    ("a" * 306, 2),
    ("a" * 307, 3),
    ("€" * 80, 1),
    ("€" * 81, 2),
    # 76 of two places fill 152 of a segment's 153: the next one does not fit in half
    ("€" * 152, 2),
    ("€" * 153, 3),
    ("a" * 152 + "€" + "a" * 10, 2),
    ("ש" * 70, 1),
    ("ש" * 71, 2),
    ("ש" * 134, 2),
    ("ש" * 135, 3),
    ("ש" * 201, 3),
    ("ש" * 202, 4),
    ("a" * 69 + "ש", 1),
    ("👍" * 35, 1),
    ("👍" * 36, 2),
    ("👍" * 66, 2),
    ("👍" * 67, 3),
    ("\u206615.12.2026\u2069" + "a" * 58, 1),
    ("\u206615.12.2026\u2069" + "a" * 59, 2),
    ("`", 1),
    ("`" * 71, 2),
]


@pytest.mark.parametrize(("text", "count"), COUNTED)
def test_segments_are_counted_in_the_texts_own_alphabet(text: str, count: int) -> None:
    assert segments(text) == count


def test_the_gsm_alphabet_has_its_128_places_and_its_extension() -> None:
    # 128 places less the escape
    assert len(GSM_BASIC) == 127
    assert len(GSM_EXTENDED) == 10
    assert not GSM_BASIC & GSM_EXTENDED


@given(st.text(), st.text())
def test_a_longer_text_never_takes_fewer_segments_in_the_same_alphabet(a: str, b: str) -> None:
    if fits_gsm(a) == fits_gsm(a + b):
        assert segments(a) <= segments(a + b)


@given(st.text(max_size=2_000))
def test_every_text_fits_into_its_segments(text: str) -> None:
    room = 160 if fits_gsm(text) else 70
    assert segments(text) * room >= len(text)
