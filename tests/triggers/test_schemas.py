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
