"""The long runs of the fuzzers, for `make full`."""

from __future__ import annotations

import pytest

from tests.triggers import fuzz_conditions


@pytest.mark.full
@pytest.mark.timeout(900)
def test_a_hundred_thousand_texts_are_conditions_or_refused_and_nothing_else() -> None:
    fuzz_conditions.main(100_000)


def test_a_thousand_are() -> None:
    fuzz_conditions.main(1_000, seed=7)
