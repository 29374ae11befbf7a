"""Does a misfit say how the value would be written, and is that a form which fits?"""

from __future__ import annotations

import pytest

from triggers.schemas import DataSchema


@pytest.mark.parametrize("name", ["date", "date-time", "time", "duration", "email", "uri", "uuid"])
def test_a_format_is_told_by_a_form_that_fits_it(name: str) -> None:
    schema = DataSchema.compile({"format": name})

    [(_, told)] = schema.problems("Dana's own words")

    said, _, form = told.partition(", such as ")
    assert said == f"the value is not of the format {name}"
    assert schema.fits(form)


@pytest.mark.parametrize("words", [["a", "b"], ["a", "b", "c"], ["a", "b", "c", "d", "e", 7, None]])
def test_each_word_that_a_value_may_have_is_named_and_its_own_is_not(words: list[object]) -> None:
    [(_, told)] = DataSchema.compile({"enum": words}).problems("Dana's own words")

    assert [one for one in words if f'"{one}"' not in told and str(one) not in told] in ([], [None])
    assert "candidates" not in told
    assert "Dana" not in told


def test_a_long_list_of_words_is_cut() -> None:
    words = [f"word-{number}" for number in range(100)]

    [(_, told)] = DataSchema.compile({"enum": words}).problems("x")

    assert len(told) == 200
    assert told.endswith("…")
